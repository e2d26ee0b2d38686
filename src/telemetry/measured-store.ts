import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';

/** Told of every use of the store: what was done, how long it took in milliseconds, and whether it failed. */
export type StoreObserver = (operation: string, durationMs: number, failed: boolean) => void;

// What takes time because it is meant to (a subscription, the end) says nothing about the store.
const MEASURED = [
  'get',
  'put',
  'putAll',
  'delete',
  'list',
  'find',
  'count',
  'counters',
  'increment',
  'acquireLease',
  'renewLease',
  'releaseLease',
] as const satisfies readonly (keyof Store)[];

/** The same store, watched. */
export function measuredStore(store: Store, observe: StoreObserver): Store {
  const measured: Record<string, unknown> = {
    kind: store.kind,
    watch: store.watch.bind(store),
    check: store.check.bind(store),
    close: store.close.bind(store),
  };
  for (const operation of MEASURED) {
    const perform = store[operation].bind(store) as (...parameters: unknown[]) => Promise<unknown>;
    measured[operation] = async (...parameters: unknown[]) => {
      const started = performance.now();
      try {
        const result = await perform(...parameters);
        observe(operation, performance.now() - started, false);
        return result;
      } catch (error) {
        // What a caller sent is no failure of the store.
        const failed = !(error instanceof Problem) || error.code === 'store_unavailable';
        observe(operation, performance.now() - started, failed);
        throw error;
      }
    };
  }
  return measured as unknown as Store;
}
