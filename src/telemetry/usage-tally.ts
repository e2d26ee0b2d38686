import type { ProblemCode } from '../problems.ts';
import type { CallFigures } from './call-figures.ts';
import { Histogram } from './histogram.ts';

// Where accounts bring keys each has budgets of its own, and there may be 100,000 of them; nobody looks at so many.
const MAX_USES = 300;

/** What was called in some stretch of time. Can be added to, merged, and written down. */
export class UsageTally {
  calls = 0;
  errors = 0;
  /** By action. */
  readonly actions = new Map<string, { calls: number; errors: number }>();
  readonly codes = new Map<string, number>();
  readonly corbelMs = new Histogram();
  readonly providerMs = new Histogram();
  /** Under which rate limits requests were sent and who has them, as {@link limitUse}; not all where there are very many. */
  readonly limits = new Set<string>();

  add(figures: CallFigures): void {
    const { action, code, corbelMs, providerMs, limits } = figures;
    const failed = code === null ? 0 : 1;
    this.calls += 1;
    this.errors += failed;
    this.#count(action, 1, failed);
    if (code !== null) increase(this.codes, code satisfies ProblemCode, 1);
    if (corbelMs !== null) this.corbelMs.add(corbelMs);
    if (providerMs !== null) this.providerMs.add(providerMs);
    for (const [limit, holder] of limits) this.#use(limitUse(limit, holder));
  }

  merge(other: UsageTally): void {
    this.calls += other.calls;
    this.errors += other.errors;
    for (const [action, { calls, errors }] of other.actions) this.#count(action, calls, errors);
    for (const [code, count] of other.codes) increase(this.codes, code, count);
    this.corbelMs.merge(other.corbelMs);
    this.providerMs.merge(other.providerMs);
    for (const use of other.limits) this.#use(use);
  }

  /** Text for the store. */
  encode(): string {
    return JSON.stringify({
      a: [...this.actions].map(([action, { calls, errors }]) => [action, calls, errors]),
      x: [...this.codes],
      o: this.corbelMs.encode(),
      p: this.providerMs.encode(),
      l: [...this.limits],
    });
  }

  /** Of what {@link encode} gave. */
  static from(text: string): UsageTally {
    const { a, x, o, p, l } = JSON.parse(text) as Encoded;
    const tally = new UsageTally();
    for (const [action, calls, errors] of a) {
      tally.#count(action, calls, errors);
      tally.calls += calls;
      tally.errors += errors;
    }
    for (const [code, count] of x) increase(tally.codes, code, count);
    tally.corbelMs.merge(Histogram.from(o));
    tally.providerMs.merge(Histogram.from(p));
    for (const use of l) tally.#use(use);
    return tally;
  }

  #use(use: string): void {
    if (this.limits.size < MAX_USES) this.limits.add(use);
  }

  #count(action: string, calls: number, errors: number): void {
    const known = this.actions.get(action);
    if (known) {
      known.calls += calls;
      known.errors += errors;
    } else this.actions.set(action, { calls, errors });
  }
}

interface Encoded {
  a: [action: string, calls: number, errors: number][];
  x: [code: string, count: number][];
  o: number[];
  p: number[];
  l: string[];
}

/** A rate limit's id with that of the profile or account that has it. */
export function limitUse(limit: string, holder: string): string {
  return `${limit} ${holder}`;
}

/** The two of {@link limitUse}. */
export function partsOfUse(use: string): { limit: string; holder: string } {
  const [limit = '', holder = ''] = use.split(' ');
  return { limit, holder };
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
