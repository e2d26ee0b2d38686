import type { Registry } from '../connector/connector.ts';
import type { ProblemCode } from '../problems.ts';
import type { RecordedCall } from '../request-log/recorded-call.ts';

/** What is counted of a finished call. Nothing in it comes from the caller but the ids of what exists. */
export interface CallFigures {
  project: string;
  /** Null where the account was not found. */
  account: string | null;
  profile: string | null;
  /** Of an action that is declared; `unknown` otherwise. */
  action: string;
  connector: string;
  /** The problem's code, or null after a success. */
  code: ProblemCode | null;
  /** Spent by this server, milliseconds: without the provider, waits for a rate limit, and pauses between attempts. Null where
   * a file came with the call, whose sender takes its own time. */
  corbelMs: number | null;
  /** Spent waiting for the provider, for its tokens too; null when it was not asked. */
  providerMs: number | null;
  /** Milliseconds waited, by the rate limit's id. */
  waitsMs: Readonly<Record<string, number>>;
  /** Under which rate limits requests were sent, by their ids, with the id of the profile or account that has them. */
  limits: ReadonlyMap<string, string>;
}

/** For what is not declared. */
export const UNKNOWN = 'unknown';

/** The figures of a call that has ended; undefined for a dry run, which calls nothing. */
export function figuresOf(call: RecordedCall, registry: Registry): CallFigures | undefined {
  const { about, outcome, trace } = call;
  if (about.dryRun || outcome === undefined) return undefined;
  const action = registry.actions.get(call.action ?? '');
  const { resolved } = trace;
  return {
    project: about.project,
    account: resolved?.account ?? null,
    profile: resolved?.profile ?? null,
    action: action?.id ?? UNKNOWN,
    connector: action?.connector ?? UNKNOWN,
    code: outcome.problem?.code ?? null,
    corbelMs: trace.hasFile || action?.file ? null : Math.max(0, outcome.durationMs - trace.outsideMs),
    providerMs: trace.providerMs > 0 ? trace.providerMs : null,
    waitsMs: trace.waitsMs,
    limits: trace.limits,
  };
}
