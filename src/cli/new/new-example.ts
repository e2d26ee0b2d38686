import { basename, join, relative } from 'node:path';
import { createFormatChecks } from '../../connector/compile-connector.ts';
import type { Action, Connector, JsonSchema } from '../../connector/connector.ts';
import { UNDECLARED_REQUEST } from '../../local/check/check-requests.ts';
import { openReplayStage } from '../../local/replay.ts';
import { findAction } from '../action-name.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import { readValues } from '../run/read-values.ts';
import type { Terminal } from '../terminal.ts';
import type { Ask } from './ask.ts';
import { compiled, type FileChange, withChanges } from './connector-sources.ts';
import { type GivenAnswers, readAnswers, statusComplaint } from './documented-answers.ts';
import { type AskedExample, type MadeExample, makeExample } from './make-example.ts';
import { change, openConnector, partsOf, told } from './new-action.ts';
import { writeFiles } from './write-files.ts';

export interface NewExampleOptions extends GivenAnswers {
  readonly inputs: readonly string[];
  readonly account: readonly string[];
  readonly name: string | undefined;
  readonly source: string | undefined;
  /** The example is to show a refusal. */
  readonly problem: boolean;
  /** Of an action that takes a file. */
  readonly fileBytes: number | undefined;
  readonly write: boolean;
}

export interface NewExample {
  readonly action: Action;
  readonly example: MadeExample['declared'];
  readonly change: FileChange;
  /** As seen from the terminal's folder. */
  readonly path: string;
}

// Enough for one part; what it is does not matter.
const FILE_BYTES = 1_024;

/**
 * Makes an example of documented answers, and adds it behind those of its action. Nothing is written unless it passes its
 * test, and shows a refusal exactly when it is to. Throws {@link CommandFailure}, `ConnectorError`.
 */
export async function newExample(
  terminal: Terminal,
  directory: string,
  name: string | undefined,
  options: NewExampleOptions,
  ask: Ask | undefined,
): Promise<NewExample> {
  assertComplete(name, options, ask);
  const given = name ?? (await ask?.text({ message: 'Action, as connector.action' })) ?? '';
  const opened = await openConnector(directory, partsOf(given).connector);
  const { compiled: connector, sources, folder } = opened;
  const action = findAction({ hash: '', connectors: new Map(), actions: connector.actions }, given);
  const asked = await withAnswers(options, action, ask);
  const { responses, ...call } = {
    inputs: await valuesOf(terminal, asked.inputs, action.inputs.schema, 'inputs', asked.problem ? undefined : ask),
    account: await valuesOf(terminal, asked.account, connector.accountSettings.schema, 'account settings', ask),
    responses: await readAnswers(terminal, asked),
  };
  if (!action.composite && responses.length > 1)
    throw new CommandFailure(EXIT.usage, `${given} sends one request; ${responses.length} answers are too many.`);
  const draft = {
    ...call,
    responses,
    ...(action.file && { file: { bytes: asked.fileBytes ?? FILE_BYTES } }),
  };
  const made = await makeSound(connector, action, { ...draft, name: '', source: '' }, asked.problem);
  const words = await wordsOf(asked, action, made, ask);
  const example = { ...made.declared, ...words };
  const file = change(opened, 'examples', stemOf(action), [example]);
  const base = relative(process.cwd(), folder);
  told(terminal, () => compiled(withChanges(sources, base, [file]), createFormatChecks()));
  if (options.write) await writeFiles(folder, [file]);
  return { action, example, change: file, path: relative(terminal.cwd, join(folder, file.path)) };
}

/** Throws with everything that is missing where nobody can be asked, before anything is looked at. */
function assertComplete(name: string | undefined, options: NewExampleOptions, ask: Ask | undefined): void {
  const missing = [
    ...(name === undefined ? ['<name> (as connector.action)'] : []),
    ...(hasAnswer(options) ? [] : ['--answer <file>']),
  ];
  if (ask || missing.length === 0) return;
  throw new CommandFailure(
    EXIT.usage,
    `Missing: ${missing.join(', ')}`,
    'On a terminal they are asked for; here nobody can be.',
  );
}

/** A refusal may come from Corbel itself, before anything is sent. */
function hasAnswer({ answers, statuses, problem }: NewExampleOptions): boolean {
  return problem || answers.length + statuses.length > 0;
}

async function withAnswers(
  options: NewExampleOptions,
  { composite }: Action,
  ask: Ask | undefined,
): Promise<NewExampleOptions> {
  if (!ask || hasAnswer(options)) return options;
  const answers: string[] = [];
  const statuses: string[] = [];
  for (;;) {
    const message =
      answers.length === 0 ? "File with the provider's answer" : 'File with the next answer (none: Enter)';
    const check = (text: string) => (text === '' && answers.length === 0 ? 'write the name of a file' : undefined);
    const file = await ask.text({ message, check });
    if (file === '') break;
    answers.push(file);
    const status = await ask.text({ message: 'Its HTTP status', default: '200', check: statusComplaint });
    statuses.push(status);
    if (!composite) break;
  }
  const refused = statuses.some((status) => Number(status) >= 400);
  return { ...options, answers, statuses, problem: options.problem || refused };
}

async function valuesOf(
  terminal: Terminal,
  given: readonly string[],
  schema: JsonSchema,
  what: string,
  ask: Ask | undefined,
): Promise<Record<string, unknown>> {
  const values = await readValues(terminal, given, schema, what);
  if (!ask) return values;
  const required = Array.isArray(schema.required) ? (schema.required as readonly string[]) : [];
  const texts: string[] = [];
  for (const name of required) {
    if (!Object.hasOwn(values, name)) texts.push(`${name}=${await ask.text({ message: `${name} (of the ${what})` })}`);
  }
  return { ...values, ...(await readValues(terminal, texts, schema, what)) };
}

/** Throws with what is wrong with an example that would not pass, or that shows something else than wanted. */
async function makeSound(
  connector: Connector,
  action: Action,
  asked: AskedExample,
  problem: boolean,
): Promise<MadeExample> {
  const connectors = new Map([[connector.id, connector]]);
  const stage = await openReplayStage({ hash: '', connectors, actions: connector.actions });
  const made = await makeExample(stage, connector, action, asked).finally(() => stage.close());
  const refuse = (message: string, hint?: string): never => {
    throw new CommandFailure(EXIT.found, message, hint);
  };
  const { differences, answered, refusal } = made;
  const further = differences.flatMap(({ message, actual }) => (message === UNDECLARED_REQUEST ? [actual] : []));
  if (further.length > 0)
    refuse(
      `A request is sent for which there is no answer: ${further.join(', ')}`,
      'Give an --answer for each request, in their order.',
    );
  if (made.problem === 'internal' || (made.problem !== undefined && !problem))
    refuse(
      `An example of it would show no answer: ${refusal ?? made.problem}`,
      made.problem === 'internal' ? undefined : 'If a refusal is what it is to show, say --problem.',
    );
  if (answered < asked.responses.length)
    refuse(
      `Of the ${asked.responses.length} answers ${answered === 0 ? 'none' : `only ${answered}`} is asked for${made.problem === undefined ? '' : `: ${refusal ?? made.problem}`}`,
      made.problem === undefined ? undefined : 'Leave out the answers that the call does not come to.',
    );
  if (made.problem === undefined && problem)
    refuse('The call is answered, not refused.', 'Leave out --problem, or give the --status of a refusal.');
  if (differences.length > 0)
    refuse(
      `The example would not pass its test:\n${differences.map(({ message }) => `  ${message}`).join('\n')}`,
      differences.find(({ remedy }) => remedy !== undefined)?.remedy ?? 'Mend the action first.',
    );
  return made;
}

/** Its name and its source: given, asked for, or said plainly. */
async function wordsOf(
  { name, source }: NewExampleOptions,
  { label, docs, examples }: Action,
  { problem }: MadeExample,
  ask: Ask | undefined,
): Promise<{ name: string; source: string }> {
  const taken = new Set(examples.map((example) => example.name));
  const complaint = (text: string) =>
    text === '' ? 'write a sentence' : taken.has(text) ? 'an example of the action is called so already' : undefined;
  const plainName = problem === undefined ? `${label}.` : `${label}: refused with ${problem}.`;
  const plainSource = docs === undefined ? "the provider's reference" : `the provider's reference, ${docs}`;
  const said = {
    name:
      name ??
      (await ask?.text({ message: 'What it shows, as a sentence', default: plainName, check: complaint })) ??
      plainName,
    source:
      source ?? (await ask?.text({ message: 'Where the answer comes from', default: plainSource })) ?? plainSource,
  };
  const wrong = complaint(said.name);
  if (wrong !== undefined)
    throw new CommandFailure(EXIT.usage, `--name ${JSON.stringify(said.name)}: ${wrong}.`, 'Say what this one shows.');
  return said;
}

/** Its examples stand together. */
function stemOf({ resource, examples }: Action): string {
  const file = examples.at(-1)?.at.file;
  return file === undefined ? resource : basename(file).replace(/\.ya?ml$/, '');
}
