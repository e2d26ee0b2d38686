import type { Registry } from './connector.ts';

/** The registry in force. Readers take {@link RegistryHolder.current} once per call and keep to it. */
export interface RegistryHolder {
  current(): Registry;
  /**
   * Loads anew and swaps in one step; `unchanged` when the files are the same. When the load fails the one in force stays
   * and the loader's error is thrown. Those who ask before a reload has begun share it; it always sees files as they are then.
   */
  reload(): Promise<'swapped' | 'unchanged'>;
}

/** Holds one registry, loaded by the given function. */
export async function createRegistryHolder(load: () => Promise<Registry>): Promise<RegistryHolder> {
  let registry = await load();
  let reloading: Promise<unknown> = Promise.resolve();
  let waiting: Promise<'swapped' | 'unchanged'> | undefined;
  const reload = async () => {
    const loaded = await load();
    if (loaded.hash === registry.hash) return 'unchanged';
    registry = loaded;
    return 'swapped';
  };
  return {
    current: () => registry,
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
