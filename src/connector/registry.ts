import type { Registry } from './connector.ts';

/** The registry in force. Readers take {@link RegistryHolder.current} once per call and keep to it. */
export interface RegistryHolder {
  current(): Registry;
  /**
   * Loads anew and swaps in one step; `unchanged` when the files are the same. When the load fails the one in force stays
   * and the loader's error is thrown. Reloads asked for meanwhile share the one under way.
   */
  reload(): Promise<'swapped' | 'unchanged'>;
}

/** Holds one registry, loaded by the given function. */
export async function createRegistryHolder(load: () => Promise<Registry>): Promise<RegistryHolder> {
  let registry = await load();
  let reloading: Promise<'swapped' | 'unchanged'> | undefined;
  const reload = async () => {
    const loaded = await load();
    if (loaded.hash === registry.hash) return 'unchanged';
    registry = loaded;
    return 'swapped';
  };
  return {
    current: () => registry,
    reload: () => {
      reloading ??= reload().finally(() => {
        reloading = undefined;
      });
      return reloading;
    },
  };
}
