import type { Role } from '../domain/api-key.ts';
import { timeOfRequestId } from '../domain/ids.ts';
import type { RequestRecord } from '../domain/request-record.ts';
import type { CallEvent } from '../engine/call.ts';
import type { Fault, ProblemCode } from '../problems.ts';
import { CallTrace } from './call-trace.ts';

/** What is known of a call when it begins. No secrets. */
export interface CallAbout {
  /** A request id: it also says when the call began. */
  id: string;
  project: string;
  /** Id of the API key. */
  key: string;
  role: Role;
  correlationId: string | null;
  /** Null when it is named only later: see {@link RecordedCall.name}. */
  action: string | null;
  dryRun: boolean;
  /** `traceparent` and `tracestate` of the caller (W3C Trace Context), unchecked. */
  traceparent?: string | undefined;
  tracestate?: string | undefined;
}

/** How a call ended, as its caller was told. */
export interface CallOutcome {
  /** Null when the caller went away before the answer was out. */
  status: number | null;
  /** The problem that was answered; null after a success. */
  problem: { code: ProblemCode; fault: Fault } | null;
  durationMs: number;
}

/** The call for a tracing system. */
export interface CallSpan {
  /** By which a provider takes its part of the call for a part of it; empty where it is not to be told. */
  readonly headers: Readonly<Record<string, string>>;
  observe(event: CallEvent): void;
  /** Once, when the outcome is known. */
  end(call: RecordedCall): void;
}

// The action's text is the caller's when there is no such action.
const ACTION_MAX_CHARS = 100;

/**
 * A call while it runs, and its record when it is over. Telling it something costs next to nothing: the record is made
 * when it is written or shown.
 */
export class RecordedCall {
  readonly about: Readonly<CallAbout>;
  readonly trace = new CallTrace();
  /** Undefined where calls are not traced. */
  readonly span: CallSpan | undefined;
  readonly #ended: (call: RecordedCall) => void;
  #action: string | null;
  #outcome: CallOutcome | undefined;

  /** `ended` is called once, at the end. */
  constructor(about: CallAbout, ended: (call: RecordedCall) => void, span?: CallSpan) {
    this.about = about;
    this.span = span;
    this.#action = about.action?.slice(0, ACTION_MAX_CHARS) ?? null;
    this.#ended = ended;
  }

  /** As the caller named it, shortened. */
  get action(): string | null {
    return this.#action;
  }

  /** Milliseconds since the epoch. */
  get startedAt(): number {
    return timeOfRequestId(this.about.id);
  }

  /** Undefined while it runs. */
  get outcome(): CallOutcome | undefined {
    return this.#outcome;
  }

  get running(): boolean {
    return this.#outcome === undefined;
  }

  /** Names the action, where the call began without. */
  name(action: string): void {
    this.#action = action.slice(0, ACTION_MAX_CHARS);
  }

  /** Takes what the engine tells; after the end nothing more. */
  observe(event: CallEvent): void {
    if (!this.running) return;
    this.trace.observe(event);
    this.span?.observe(event);
  }

  /** The call is over; only the first end counts. */
  end(outcome: CallOutcome): void {
    if (!this.running) return;
    this.#outcome = outcome;
    this.span?.end(this);
    this.#ended(this);
  }

  /** The record as it is now. */
  record(nowMs: number): RequestRecord {
    const { about, startedAt } = this;
    const outcome = this.#outcome;
    const finishedAt = outcome && isoTime(startedAt + outcome.durationMs);
    return {
      id: about.id,
      state: outcome === undefined ? 'running' : outcome.problem === null ? 'succeeded' : 'failed',
      started_at: isoTime(startedAt),
      finished_at: finishedAt ?? null,
      duration_ms: outcome?.durationMs ?? null,
      key: about.key,
      role: about.role,
      correlation_id: about.correlationId,
      action: this.#action,
      dry_run: about.dryRun,
      status: outcome?.status ?? null,
      code: outcome?.problem?.code ?? null,
      fault: outcome?.problem?.fault ?? null,
      ...this.trace.members(),
      updated_at: finishedAt ?? isoTime(nowMs),
    };
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
