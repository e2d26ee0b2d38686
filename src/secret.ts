import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A value that must not be printed: string conversion, JSON and `util.inspect` all give `[secret]`.
 * Only {@link Secret.reveal} gives the value, so that a search for `reveal(` finds every use.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value in clear. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
