import type { RequestRecord, UploadProgress } from '../domain/request-record.ts';
import type { CallEvent } from '../engine/call.ts';
import { SentRequests } from './sent-requests.ts';

// A token at hand is found in microseconds; what takes longer waits for the provider's, or for another process that does.
const TOKEN_REQUEST_MS = 1;

/** What the engine tells of one call, put together for logs. Bounded, and without secrets. */
export class CallTrace {
  readonly stagesMs: Record<string, number> = {};
  readonly sent = new SentRequests();
  resolved: { account: string; profile: string; connector: string } | undefined;
  readonly waitsMs: Record<string, number> = {};
  /** Under which rate limits requests were sent, by their ids, with the id of the profile or account that has them. */
  readonly limits = new Map<string, string>();
  #attemptsMs = 0;
  #tokensMs = 0;
  /** Until when time is counted already: parts of a file are sent side by side. */
  #countedUntil = 0;
  #upload: UploadProgress | null = null;

  observe(event: CallEvent): void {
    switch (event.type) {
      case 'stage':
        this.stagesMs[event.stage] = (this.stagesMs[event.stage] ?? 0) + event.durationMs;
        if (event.stage === 'authorize' && event.durationMs >= TOKEN_REQUEST_MS) this.#tokensMs += event.durationMs;
        return;
      case 'resolved':
        this.resolved = { account: event.account, profile: event.profile, connector: event.connector };
        return;
      case 'attempt':
        this.sent.attempted(event.request, event.attempt);
        this.#count(event.attempt.durationMs);
        return;
      case 'answered':
        this.sent.answered(event.request, event.status, event.requestId);
        return;
      case 'waited':
        this.waitsMs[event.limit] = (this.waitsMs[event.limit] ?? 0) + event.durationMs;
        return;
      case 'turn':
        this.limits.set(event.limit, event.holder);
        return;
      case 'progress': {
        const { step, bytes, parts, totalBytes } = event;
        this.#upload = { step, bytes, parts, total_bytes: totalBytes ?? null };
      }
    }
  }

  /** Spent waiting for the provider, for its tokens too, milliseconds. Time spent on several requests at once counts once. */
  get providerMs(): number {
    return this.#attemptsMs + this.#tokensMs;
  }

  /** Spent outside of this server: with the provider, waiting for a rate limit, and pausing before another attempt. */
  get outsideMs(): number {
    return Math.max(this.stagesMs.send ?? 0, this.#attemptsMs) + this.#tokensMs;
  }

  /** Whether a file is being sent. */
  get hasFile(): boolean {
    return this.#upload !== null;
  }

  #count(durationMs: number): void {
    const now = performance.now();
    this.#attemptsMs += Math.min(durationMs, now - this.#countedUntil);
    this.#countedUntil = now;
  }

  /** Its part of the call's record. */
  members() {
    const { resolved, sent } = this;
    return {
      connector: resolved?.connector ?? null,
      account: resolved?.account ?? null,
      connector_profile: resolved?.profile ?? null,
      stages_ms: this.stagesMs,
      waits_ms: this.waitsMs,
      requests: sent.list(),
      requests_omitted: sent.omitted,
      upload: this.#upload,
    } satisfies Partial<RequestRecord>;
  }
}
