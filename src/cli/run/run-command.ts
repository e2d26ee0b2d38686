import { Problem, problemDocument } from '../../problems.ts';
import { CommandFailure, EXIT, type ExitCode } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import { executePages, RemoteProblem, type RunCall } from './calls.ts';
import { readValues } from './read-values.ts';
import { fileFrom, type RunOptions } from './run-options.ts';
import type { Server } from './server.ts';
import { showAnswer, showProblem } from './show-answer.ts';

/** Executes an action and prints its data; exit 1 with the refusal when it is refused. */
export async function runCommand(terminal: Terminal, name: string, options: RunOptions): Promise<ExitCode> {
  const started = performance.now();
  const serverUrl = options.server ?? (terminal.env.CORBEL_URL || undefined);
  if (options.local && options.server !== undefined)
    throw new CommandFailure(EXIT.usage, 'Give --local or --server, not both.');
  if (!options.local && serverUrl === undefined)
    throw new CommandFailure(
      EXIT.usage,
      'Where should it run?',
      'Set CORBEL_URL and CORBEL_KEY for a server, or use --local with credentials from the environment.',
    );
  refuseCombinations(options, options.local);
  try {
    if (options.local) {
      const { runLocal } = await import('./run-local.ts');
      return await runLocal(terminal, name, options, started);
    }
    return await runOnServer(terminal, name, serverOf(terminal, serverUrl ?? ''), options, started);
  } catch (error) {
    const document = documentOf(error);
    if (document === undefined) throw error;
    showProblem(terminal, document);
    return EXIT.found;
  }
}

async function runOnServer(
  terminal: Terminal,
  name: string,
  server: Server,
  options: RunOptions,
  started: number,
): Promise<ExitCode> {
  const { executeOn, fetchInputSchema } = await import('./server.ts');
  // Names of connectors have no dot, those of actions neither.
  const action = name.replace('.', '_');
  // Only what is written as name=value has to be given a type.
  const untyped = options.inputs.some((text) => /^[^@{][^=]*=/.test(text));
  const schema = untyped ? await fetchInputSchema(server, action) : undefined;
  const call: RunCall = {
    inputs: await readValues(terminal, options.inputs, schema),
    file: fileFrom(terminal, options.file),
    raw: options.raw,
    dryRun: options.dryRun,
  };
  const answer = await executePages(executeOn(server, action, options.accountId), call, options.maxPages);
  showAnswer(terminal, answer, started);
  return EXIT.ok;
}

function serverOf({ env }: Terminal, text: string): Server {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new CommandFailure(
      EXIT.usage,
      `${JSON.stringify(text)} is no URL of a server.`,
      'For example http://127.0.0.1:8080',
    );
  const key = env.CORBEL_KEY;
  if (key === undefined || key === '')
    throw new CommandFailure(
      EXIT.usage,
      'CORBEL_KEY is not set.',
      'Put an API key into the environment; on the command line others could read it.',
    );
  return { url, key };
}

function refuseCombinations(options: RunOptions, local: boolean): void {
  const refuse = (message: string, hint?: string) => {
    throw new CommandFailure(EXIT.usage, message, hint);
  };
  if (!local && options.record !== undefined)
    refuse(
      'A server does not show what it sends: --record needs --local.',
      'Use --local with credentials from the environment.',
    );
  if (!local && options.account.length > 0)
    refuse('--account is for --local.', 'On a server the settings belong to the account: name it with --account-id.');
  if (!local && options.auth !== undefined)
    refuse('--auth is for --local.', "On a server the account's profile decides.");
  if (local && options.accountId !== undefined)
    refuse('--account-id is for servers.', 'With --local there are no accounts: give settings with --account.');
  if (options.record === undefined) return;
  if (options.maxPages > 1) refuse('--record records one page: leave out --all-pages.');
  if (options.raw || options.dryRun)
    refuse('--record records an answer as callers get it: leave out --raw and --dry-run.');
}

function documentOf(error: unknown): Readonly<Record<string, unknown>> | undefined {
  if (error instanceof RemoteProblem) return error.document;
  return error instanceof Problem ? problemDocument(error, 'local') : undefined;
}
