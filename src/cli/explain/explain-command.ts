import type { Action, Example } from '../../connector/connector.ts';
import { didYouMean } from '../../connector/suggest.ts';
import { findAction } from '../action-name.ts';
import { loadNamed } from '../load-named.ts';
import { CommandFailure, EXIT, type ExitCode } from '../outcome.ts';
import { readText, readValues } from '../run/read-values.ts';
import type { Terminal } from '../terminal.ts';
import { answersInOrder, answersOfExchanges, type GivenAnswer } from './answers.ts';
import { readDeclaration } from './declaration.ts';
import { bestFirst, explain } from './explain.ts';
import { explanationLines } from './print.ts';

export interface ExplainOptions {
  readonly directory: string;
  readonly inputs: readonly string[];
  readonly account: readonly string[];
  readonly auth: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly profileActions: readonly string[] | undefined;
  readonly example: string | undefined;
  readonly answers: readonly string[];
  readonly statuses: readonly number[];
  readonly headers: readonly string[];
}

const DEFAULT_STATUS = 200;

/** Explains a call of an action and tells it; exit 1 where the call would be refused. */
export async function explainCommand(terminal: Terminal, name: string, options: ExplainOptions): Promise<ExitCode> {
  const registry = await loadNamed(options.directory, [name], { later: () => {} });
  const action = findAction(registry, name);
  const connector = registry.connectors.get(action.connector);
  if (!connector) throw new CommandFailure(EXIT.failed, `There is no connector ${action.connector}.`);
  if (options.example !== undefined && options.answers.length > 0)
    throw new CommandFailure(EXIT.usage, 'Give --example or --answer, not both.');
  const example = options.example === undefined ? undefined : exampleNamed(action, options.example);
  const inputs = { ...example?.inputs, ...(await readValues(terminal, options.inputs, action.inputs.schema)) };
  const account = {
    ...example?.account,
    ...(await readValues(terminal, options.account, connector.accountSettings.schema, 'account settings')),
  };
  const given = await givenAnswers(terminal, options);
  const explanation = await explain({
    ...{ connector, action, inputs, account },
    declaration: await readDeclaration(options.directory, terminal.cwd, action),
    assumption: { auth: options.auth, scopes: options.scopes, actions: options.profileActions },
    file: example?.file,
    answers: example ? answersOfExchanges(example.exchanges) : answersInOrder(given),
    nowMs: Date.now(),
  });
  const stopped = explanation.outcome === 'refusal' || explanation.gate.refusal !== undefined;
  const refused =
    stopped ||
    explanation.inputs.some(({ state }) => state === 'refused') ||
    explanation.account.some(({ state }) => state === 'refused') ||
    explanation.requirements.some(({ outcome }) => outcome === 'refused' || outcome === 'failed');
  if (terminal.json) {
    terminal.print(JSON.stringify(explanation));
    return refused ? EXIT.found : EXIT.ok;
  }
  for (const line of explanationLines(explanation, terminal.paint)) terminal.print(line);
  const [best] = bestFirst(action, inputs);
  if (explanation.outcome === 'unanswered' && !example && best) {
    terminal.note('');
    terminal.note(
      terminal.paintNote('dim', 'To see what becomes of an answer, add --answer FILE, or take an example:'),
    );
    terminal.note(terminal.paintNote('dim', `  corbel explain ${name} --example ${JSON.stringify(best.name)}`));
  }
  return refused ? EXIT.found : EXIT.ok;
}

/** By its name, a part of it that no other has, or its number. */
function exampleNamed({ id, examples }: Action, name: string): Example {
  const exact = examples.find((example) => example.name === name);
  if (exact) return exact;
  const byNumber = /^\d+$/.test(name) ? examples[Number(name) - 1] : undefined;
  if (byNumber) return byNumber;
  const [only, ...others] = examples.filter((example) => example.name.toLowerCase().includes(name.toLowerCase()));
  if (only && others.length === 0) return only;
  const names = examples.map((example) => example.name);
  const list = names.map((one, index) => `  ${index + 1}  ${one}`).join('\n');
  throw new CommandFailure(
    EXIT.usage,
    only
      ? `Several examples of ${id} have ${JSON.stringify(name)} in their name.`
      : `${id} has no example ${JSON.stringify(name)}${didYouMean(name, names)}`,
    names.length === 0 ? 'It has none.' : `It has:\n${list}`,
  );
}

async function givenAnswers(
  terminal: Terminal,
  { answers, statuses, headers }: ExplainOptions,
): Promise<GivenAnswer[]> {
  const named = headers.map((header) => {
    const [, name = '', value = ''] = /^([^:=\s]+)\s*[:=]\s*(.*)$/.exec(header) ?? [];
    if (name === '')
      throw new CommandFailure(EXIT.usage, `${JSON.stringify(header)} is no header; write "name: value".`);
    return [name, value] as const;
  });
  const bodies = answers.length === 0 && statuses.length > 0 ? statuses.map(() => '') : await texts(terminal, answers);
  return bodies.map((body, index) => ({
    status: statuses[index] ?? statuses.at(-1) ?? DEFAULT_STATUS,
    headers: { 'content-type': 'application/json', ...Object.fromEntries(named) },
    body,
  }));
}

async function texts(terminal: Terminal, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) found.push(await readText(terminal, path));
  return found;
}
