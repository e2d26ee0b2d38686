import { failureText } from './failure.ts';
import type { StoreLogger } from './logger.ts';
import type { RecordKey } from './store.ts';

/** What is told of a change: the key, or undefined when changes may have been missed. */
export type OnChange = (key: RecordKey | undefined) => void;

/** Those who watch one store in this process. A listener that throws does not keep the others from hearing. */
export class ChangeListeners {
  readonly #listeners = new Map<symbol, OnChange>();
  readonly #logger: StoreLogger | undefined;

  constructor(logger: StoreLogger | undefined) {
    this.#logger = logger;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Adds a listener; call what it returns to remove it again. */
  add(onChange: OnChange): () => void {
    // A symbol, so that the same function may be added twice and removed once.
    const token = Symbol('listener');
    this.#listeners.set(token, onChange);
    return () => this.#listeners.delete(token);
  }

  tell(key: RecordKey | undefined): void {
    for (const onChange of this.#listeners.values()) {
      try {
        onChange(key);
      } catch (error) {
        this.#logger?.warn({ failure: failureText(error) }, 'a listener to store changes threw');
      }
    }
  }
}
