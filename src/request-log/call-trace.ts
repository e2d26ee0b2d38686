import type { RequestRecord, UploadProgress } from '../domain/request-record.ts';
import type { CallEvent } from '../engine/call.ts';
import { SentRequests } from './sent-requests.ts';

/** What the engine tells of one call, put together for logs. Bounded, and without secrets. */
export class CallTrace {
  readonly stagesMs: Record<string, number> = {};
  readonly sent = new SentRequests();
  resolved: { account: string; profile: string; connector: string } | undefined;
  readonly #waitsMs: Record<string, number> = {};
  #upload: UploadProgress | null = null;

  observe(event: CallEvent): void {
    switch (event.type) {
      case 'stage':
        this.stagesMs[event.stage] = (this.stagesMs[event.stage] ?? 0) + event.durationMs;
        return;
      case 'resolved':
        this.resolved = { account: event.account, profile: event.profile, connector: event.connector };
        return;
      case 'attempt':
        this.sent.attempted(event.request, event.attempt);
        return;
      case 'answered':
        this.sent.answered(event.request, event.status, event.requestId);
        return;
      case 'waited':
        this.#waitsMs[event.limit] = (this.#waitsMs[event.limit] ?? 0) + event.durationMs;
        return;
      case 'progress': {
        const { step, bytes, parts, totalBytes } = event;
        this.#upload = { step, bytes, parts, total_bytes: totalBytes ?? null };
      }
    }
  }

  /** Its part of the call's record. */
  members() {
    const { resolved, sent } = this;
    return {
      connector: resolved?.connector ?? null,
      account: resolved?.account ?? null,
      connector_profile: resolved?.profile ?? null,
      stages_ms: this.stagesMs,
      waits_ms: this.#waitsMs,
      requests: sent.list(),
      requests_omitted: sent.omitted,
      upload: this.#upload,
    } satisfies Partial<RequestRecord>;
  }
}
