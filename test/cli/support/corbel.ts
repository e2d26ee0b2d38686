import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { runCorbel } from '../../../src/cli/program.ts';
import type { CommandProcess } from '../../../src/cli/run-command.ts';
import { startNode } from '../../support/node-process.ts';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `corbel` to its end, in the project's folder and with no environment but the given one. */
export async function corbel(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = startNode('src/cli/corbel.ts', args, env);
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

/**
 * The same without a process of its own, which costs a second of a core: for all that does not hang on the process. Answers
 * are without colours.
 */
export async function corbelHere(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const from = {
    argv: [process.execPath, 'corbel', ...args],
    env,
    cwd: () => process.cwd(),
    stdin: Object.assign(new PassThrough().end(), { isTTY: false }),
    stdout: collecting(out),
    stderr: collecting(err),
    once: () => undefined,
    exitCode: undefined,
  } as unknown as CommandProcess & { argv: string[] };
  await runCorbel(from);
  // A test run that somebody watches in colour passes its wish on to the commands.
  const text = (chunks: string[]) => stripVTControlCharacters(chunks.join(''));
  return { code: Number(from.exitCode ?? 0), stdout: text(out), stderr: text(err) };
}

function collecting(chunks: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
}
