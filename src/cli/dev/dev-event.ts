import type { Diagnostic } from '../../connector/diagnostics.ts';
import type { Changes } from './changes.ts';

/**
 * What `corbel dev` has to tell. With `--json` each is one line of JSON on standard output, as it is here; faults are without
 * their frames. New members and events may come; none goes.
 */
export type DevEvent =
  | {
      event: 'ready';
      /** Where the server listens. */
      address: string;
      /** The folder that is watched. */
      connectors_directory: string;
      /** Folder or kind of the store. */
      store: string;
      operator_key: string;
      backend_key: string;
      connectors: readonly DevConnector[];
    }
  | ({
      /** A saved file is served. */
      event: 'live';
      /** From the moment that the file was written. */
      ms: number;
      /** Of the registry. */
      hash: string;
    } & Changes)
  /** The files have faults; what was served before still is. `serving` is false before the first good load. */
  | { event: 'refused'; serving: boolean; faults: readonly Diagnostic[] }
  /** A connector that appeared while it ran. */
  | { event: 'connector'; connector: DevConnector }
  /** The examples of the actions that changed were played. */
  | { event: 'examples'; passed: number; failures: readonly ExampleFailure[] }
  /** A sandbox ended, and is not started again. */
  | { event: 'sandbox_ended'; connector: string; code: number | null; signal: string | null }
  /** Something that a person should know and that stops nothing. */
  | { event: 'note'; message: string }
  | { event: 'stopped' };

export interface DevConnector {
  readonly id: string;
  /** How many it has. */
  readonly actions: number;
  readonly sandbox: {
    readonly kind: 'program' | 'examples';
    readonly origin: string;
    readonly pid: number | null;
  } | null;
  readonly profile: string | null;
  readonly account: string | null;
  /** Why one of them is missing. */
  readonly note: string | null;
  /** A call that works, for a POSIX shell. */
  readonly try: string | null;
}

export interface ExampleFailure {
  readonly action: string;
  readonly example: string;
  readonly message: string;
}
