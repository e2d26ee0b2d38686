import type { Readable } from 'node:stream';
import type { ApiKey } from '../domain/api-key.ts';
import type { Attempt } from '../upstream/types.ts';

/** One call of an action, as the surface hands it over. */
export interface Call {
  key: ApiKey;
  action: string;
  /** The account id, or undefined when the caller named none. */
  account: string | undefined;
  inputs: Readonly<Record<string, unknown>>;
  /** The file that came with the call; undefined when none did. */
  file: IncomingFile | undefined;
  /** Give the provider's body unshaped. */
  raw: boolean;
  /** Build the request, send nothing. */
  dryRun: boolean;
  /** Aborted when the caller goes away. */
  signal: AbortSignal;
  /** Sent with every request of the connector's own, beside what the connector declares; none where not given. */
  traceHeaders?: Readonly<Record<string, string>> | undefined;
  /** Told what happens, for the log; never given a secret. */
  observe: (event: CallEvent) => void;
}

/** A file on its way in. Its bytes come once, as fast as they are read. */
export interface IncomingFile {
  /** Ends after the last byte; fails with a Problem when the caller breaks off, stalls or sends too much. */
  readonly stream: Readable;
  /** As the caller called it, unchecked; undefined with a raw body. */
  readonly name: string | undefined;
  readonly contentType: string | undefined;
  /** In bytes, where the caller said so beforehand. */
  readonly size: number | undefined;
}

export type Stage = 'resolve' | 'gate' | 'bind' | 'authorize' | 'render' | 'send' | 'shape';

/** What a provider request is called in logs: nothing in it comes from inputs. */
export interface RequestName {
  /** Id of the step, `request` in an action that is not composite. */
  step: string;
  method: string;
  /** Host name only. */
  host: string;
  /** The path as declared, with its {names}; of a URL given at run time "(signed url)". */
  path: string;
}

export type CallEvent =
  | { type: 'stage'; stage: Stage; durationMs: number }
  | { type: 'resolved'; account: string; profile: string; connector: string }
  | { type: 'attempt'; request: RequestName; attempt: Attempt }
  | { type: 'answered'; request: RequestName; status: number; requestId: string | undefined }
  /** A request got its turn under a rate limit. `holder`: id of the profile, or of the account where each brings a key. */
  | { type: 'turn'; limit: string; holder: string }
  /** The call waited for its turn under a rate limit. */
  | { type: 'waited'; limit: string; durationMs: number }
  /** How much of the file is safely with the provider. */
  | { type: 'progress'; step: string; bytes: number; parts: number; totalBytes: number | undefined };

export interface CallAnswer {
  data: unknown;
  next: string | null;
  warnings: unknown[];
}

/** Executes calls: gate, bind, token, render, send, page, shape. Rejects with a Problem. */
export interface Engine {
  execute(call: Call): Promise<CallAnswer>;
}
