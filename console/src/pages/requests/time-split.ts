import type { RequestRecord } from '../../api/requests.ts';

/** Where the time of a call went, milliseconds. */
export interface TimeSplit {
  corbelMs: number;
  /** For a rate limit's turn, and before another attempt. */
  waitedMs: number;
  /** For the provider's answers, its tokens' too. */
  providerMs: number;
}

/** What of a record tells about its time. */
export type Timed = Pick<RequestRecord, 'duration_ms' | 'stages_ms' | 'waits_ms' | 'requests' | 'requests_omitted'>;

const OWN_STAGES = ['resolve', 'gate', 'bind', 'render', 'shape'] as const;

// As in the server: a token at hand is found in microseconds.
const TOKEN_REQUEST_MS = 1;

// Beyond rounding: requests that together took longer than the stage that sends them went side by side, as a file's parts do.
const SIDE_BY_SIDE = 1.02;

/** The split of a call that has ended; undefined for one that runs, or was lost. */
export function timeSplit(record: Timed): TimeSplit | undefined {
  const { duration_ms: total, stages_ms: stages, waits_ms, requests, requests_omitted } = record;
  if (total === null) return undefined;
  const attemptsMs = sum(requests.flatMap(({ attempts }) => attempts.map(({ duration_ms }) => duration_ms)));
  const authorizeMs = stages.authorize ?? 0;
  const tokensMs = authorizeMs >= TOKEN_REQUEST_MS ? Math.min(authorizeMs, total) : 0;
  const sendMs = stages.send ?? 0;
  if (requests_omitted > 0 || attemptsMs > sendMs * SIDE_BY_SIDE) {
    // How much of it went side by side is not in the log: what nothing else accounts for.
    const waitedMs = Math.min(sum(Object.values(waits_ms)), total - tokensMs);
    const ownMs = sum(OWN_STAGES.map((stage) => stages[stage] ?? 0));
    const roomMs = Math.max(0, total - tokensMs - waitedMs - ownMs);
    const providerMs = tokensMs + (requests_omitted > 0 ? roomMs : Math.min(attemptsMs, roomMs));
    return { corbelMs: total - waitedMs - providerMs, waitedMs, providerMs };
  }
  const providerMs = Math.min(attemptsMs + tokensMs, total);
  const outsideMs = Math.min(sendMs + tokensMs, total);
  return { corbelMs: total - outsideMs, waitedMs: Math.max(0, outsideMs - providerMs), providerMs };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Milliseconds for people: "0.4 ms", "38 ms", "1.24 s", "3 min 5 s". */
export function msText(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(2)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** Bytes for people, in thousands. */
export function bytesText(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), BYTE_UNITS.length - 1);
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[power]}`;
}
