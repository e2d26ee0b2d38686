import type { Action, Connector } from '../../connector/connector.ts';
import { loadRegistry } from '../../connector/load.ts';
import type { IncomingFile } from '../../engine/call.ts';
import { openLocalEngine } from '../../local/open-local-engine.ts';
import { Problem, problemDocument } from '../../problems.ts';
import { readSettings } from '../../settings.ts';
import { findAction } from '../action-name.ts';
import { CommandFailure, EXIT, type ExitCode } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import { executePages, type RunAnswer, type RunCall } from './calls.ts';
import { type LocalIdentity, readCredentials } from './credentials.ts';
import { readValues } from './read-values.ts';
import { type Recording, type ScrubbedExample, scrubbedExample } from './recorded-example.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { fileFrom, type RunOptions } from './run-options.ts';
import { showAnswer, showProblem } from './show-answer.ts';
import { keptLines, scrubbedLines } from './show-record.ts';
import { exampleFile, shown, withExample, writeExample } from './write-example.ts';

/** Settings of the server that make sense without one. */
const SETTINGS = ['CORBEL_ORIGIN_OVERRIDES', 'CORBEL_ALLOW_PRIVATE_ADDRESSES'] as const;

/** Executes an action in this process, and records it where that is wanted. */
export async function runLocal(
  terminal: Terminal,
  name: string,
  options: RunOptions,
  started: number,
): Promise<ExitCode> {
  const { originOverrides, allowPrivateAddresses } = readSettings(
    Object.fromEntries(SETTINGS.map((variable) => [variable, terminal.env[variable]])),
  );
  const registry = await loadRegistry(options.directory, { originOverrides, later: () => {} });
  const action = findAction(registry, name);
  const connector = registry.connectors.get(action.connector);
  if (!connector) throw new CommandFailure(EXIT.failed, `There is no connector ${action.connector}.`);
  const identity = readCredentials(terminal, connector, action, options.auth);
  const inputs = await readValues(terminal, options.inputs, action.inputs.schema);
  const account = await readValues(terminal, options.account, connector.accountSettings.schema, 'account settings');
  const origins = new Map([...originOverrides].map(([declared, there]) => [there, declared]));
  const recorder = createRecorder(connector, action, origins);
  const engine = await openLocalEngine({
    registry,
    allowPrivateAddresses,
    ...(options.record !== undefined && { door: recorder.door }),
  });
  const call: RunCall = { inputs, file: fileFrom(terminal, options.file), raw: options.raw, dryRun: options.dryRun };
  let file: IncomingFile | undefined;
  const execute = async ({ inputs, raw, dryRun }: RunCall): Promise<Omit<RunAnswer, 'pages'>> => {
    file = await call.file?.();
    const answer = await engine.execute({
      ...{ action: action.id, inputs, account, raw, dryRun, credentials: identity.credentials },
      ...(file && { file }),
    });
    return { ...answer, request_id: undefined };
  };
  try {
    const outcome = await executePages(execute, call, options.maxPages).catch((error: unknown) => {
      if (options.record !== undefined && error instanceof Problem) return error;
      throw error;
    });
    if (options.record === undefined) {
      if (outcome instanceof Problem) throw outcome;
      showAnswer(terminal, outcome, started);
      return EXIT.ok;
    }
    const asked = { inputs, account, file };
    return await record(terminal, options, { connector, action, identity, recorder, asked, outcome, started });
  } finally {
    await engine.close();
  }
}

interface Recorded {
  readonly connector: Connector;
  readonly action: Action;
  readonly identity: LocalIdentity;
  readonly recorder: Recorder;
  readonly asked: Pick<RunCall, 'inputs'> & { account: Record<string, unknown>; file: IncomingFile | undefined };
  readonly outcome: RunAnswer | Problem;
  readonly started: number;
}

async function record(terminal: Terminal, options: RunOptions, recorded: Recorded): Promise<ExitCode> {
  const { connector, action, identity, recorder, outcome, started } = recorded;
  const exchanges = recorder.exchanges();
  // What never came to the provider is no recording.
  if (outcome instanceof Problem && exchanges.length === 0) throw outcome;
  const registry = await loadRegistry(options.directory, { later: () => {} });
  const plain = { connector: registry.connectors.get(connector.id), action: registry.actions.get(action.id) };
  if (!plain.connector || !plain.action) throw new CommandFailure(EXIT.failed, 'The connector changed meanwhile.');
  const example = await scrubbedExample(registry, plain.connector, plain.action, recordingOf(options, recorded), {
    credentials: [...identity.secrets, ...recorder.credentials()],
    personIds: options.scrubIds,
  });
  const path = exampleFile(terminal, options.directory, action, options.record ?? true);
  const text = await withExample(terminal, path, example.declared);
  tell(terminal, example);
  const written = await agreed(terminal, options, shown(terminal, path));
  if (written) await writeExample(path, text);
  const told = { recorded: written ? shown(terminal, path) : null, ...tellable(example) };
  // What is shown is what was recorded: a screen is shared as easily as a file.
  if (outcome instanceof Problem) {
    const { code } = outcome;
    showProblem(terminal, {
      ...problemDocument(new Problem(code, 'The provider refused it.'), 'local'),
      ...(terminal.json && told),
    });
  } else if (terminal.json) {
    const duration_ms = Math.round(performance.now() - started);
    terminal.print(JSON.stringify({ ...example.output, next: null, duration_ms, ...told }));
  } else
    showAnswer(
      terminal,
      { ...outcome, next: null, data: example.output?.data ?? null, warnings: example.output?.warnings ?? [] },
      started,
    );
  if (written) terminal.note(`Written to ${shown(terminal, path)}; what is shown here is scrubbed, too.`);
  return outcome instanceof Problem || !written || example.differences.length > 0 ? EXIT.found : EXIT.ok;
}

function recordingOf({ exampleName }: RunOptions, { action, asked, outcome, recorder }: Recorded): Recording {
  const date = new Date().toISOString().slice(0, 10);
  const { file } = asked;
  return {
    name: exampleName ?? `${action.label}, recorded ${date}.`,
    source: `recorded ${date}`,
    inputs: asked.inputs,
    account: asked.account,
    file: file && { bytes: file.size ?? 0, ...(file.name !== undefined && { name: file.name }) },
    exchanges: recorder.exchanges(),
    output:
      outcome instanceof Problem
        ? undefined
        : { data: outcome.data, more: outcome.next !== null, warnings: outcome.warnings },
    problem: outcome instanceof Problem ? { code: outcome.code } : undefined,
  };
}

function tell(terminal: Terminal, { findings, kept, differences }: ScrubbedExample): void {
  for (const line of scrubbedLines(findings, terminal.paintNote)) terminal.note(line);
  for (const line of keptLines(kept, terminal.paintNote)) terminal.note(line);
  if (differences.length === 0) return;
  terminal.note(terminal.paintNote('yellow', 'The example would not pass its test as it is:'));
  for (const { message } of differences) terminal.note(`  ${message}`);
}

function tellable({ findings, kept, differences }: ScrubbedExample) {
  return { scrubbed: findings, kept, differences: differences.map(({ part, message }) => ({ part, message })) };
}

async function agreed(terminal: Terminal, { yes }: RunOptions, path: string): Promise<boolean> {
  if (yes) return true;
  if (!terminal.interactive) {
    terminal.note(`Nothing was written to ${path}: look at what was scrubbed, and run it again with --yes.`);
    return false;
  }
  const { confirm } = await import('@inquirer/prompts');
  return confirm({ message: `Write the example to ${path}?`, default: true }, { output: process.stderr }).catch(
    () => false,
  );
}
