import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { IncomingFile } from '../../engine/call.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import type { RunCall } from './calls.ts';

/** What `corbel run` was told on its command line. */
export interface RunOptions {
  readonly directory: string;
  readonly inputs: readonly string[];
  readonly accountId: string | undefined;
  readonly account: readonly string[];
  readonly auth: string | undefined;
  readonly server: string | undefined;
  readonly local: boolean;
  readonly raw: boolean;
  readonly dryRun: boolean;
  readonly file: string | undefined;
  readonly maxPages: number;
  readonly record: string | true | undefined;
  readonly exampleName: string | undefined;
  readonly scrubIds: boolean;
  readonly yes: boolean;
}

/** A file of the command line, opened anew for every call. */
export function fileFrom({ cwd }: Terminal, path: string | undefined): RunCall['file'] {
  if (path === undefined) return undefined;
  const full = resolve(cwd, path);
  return async (): Promise<IncomingFile> => {
    const facts = await stat(full).catch(() => undefined);
    if (!facts?.isFile()) throw new CommandFailure(EXIT.usage, `${path} is no file that can be read.`);
    return { stream: createReadStream(full), name: basename(full), contentType: undefined, size: facts.size };
  };
}
