import type { Registry } from './connector.ts';
import { ConnectorError, type Diagnostic } from './diagnostics.ts';

/** What came of the last reload. */
export interface LastReload {
  /** When it ended, milliseconds since the epoch. */
  readonly at: number;
  /** `refused`: the registry that was in force stays. */
  readonly outcome: 'swapped' | 'unchanged' | 'refused';
  /** Of a refusal: at most {@link MAX_KEPT_FAULTS}. Empty when it was not the files' fault. */
  readonly faults: readonly Diagnostic[];
  readonly faultCount: number;
}

/** Where this process stands with its connectors. */
export interface LoadStatus {
  /** When the registry in force was taken into use, milliseconds since the epoch. */
  readonly loadedAt: number;
  readonly hash: string;
  /** Undefined: there was none yet. */
  readonly lastReload: LastReload | undefined;
}

/** The registry in force. Readers take {@link RegistryHolder.current} once per call and keep to it. */
export interface RegistryHolder {
  current(): Registry;
  status(): LoadStatus;
  /**
   * Loads anew and swaps in one step; `unchanged` when the files are the same. When the load fails the one in force stays
   * and the loader's error is thrown. Those who ask before a reload has begun share it; it always sees files as they are then.
   */
  reload(): Promise<'swapped' | 'unchanged'>;
}

/** Enough to mend a connector by; a broken one can have thousands, each with its lines. */
export const MAX_KEPT_FAULTS = 100;

/** Holds one registry, loaded by the given function. */
export async function createRegistryHolder(
  load: () => Promise<Registry>,
  clock: { now(): number },
): Promise<RegistryHolder> {
  let registry = await load();
  let loadedAt = clock.now();
  let lastReload: LastReload | undefined;
  let reloading: Promise<unknown> = Promise.resolve();
  let waiting: Promise<'swapped' | 'unchanged'> | undefined;
  const told = (outcome: LastReload['outcome'], faults: readonly Diagnostic[] = []) => {
    const kept = faults.slice(0, MAX_KEPT_FAULTS);
    lastReload = Object.freeze({ at: clock.now(), outcome, faults: kept, faultCount: faults.length });
  };
  const swap = async () => {
    const loaded = await load();
    if (loaded.hash === registry.hash) return 'unchanged';
    registry = loaded;
    loadedAt = clock.now();
    return 'swapped';
  };
  const reload = async () => {
    try {
      const outcome = await swap();
      told(outcome);
      return outcome;
    } catch (error) {
      told('refused', error instanceof ConnectorError ? error.diagnostics : []);
      throw error;
    }
  };
  return {
    current: () => registry,
    status: () => ({ loadedAt, hash: registry.hash, lastReload }),
    reload: () => {
      // One under way may have read a file before it was changed: it is never shared with those who ask after its start.
      waiting ??= reloading.then(
        () => start(),
        () => start(),
      );
      return waiting;
    },
  };

  function start(): Promise<'swapped' | 'unchanged'> {
    waiting = undefined;
    const started = reload();
    reloading = started;
    return started;
  }
}
