import type { Fault } from '../problems.ts';
import type { RecordKey, StoredRecord } from '../store/store.ts';
import type { Role } from './api-key.ts';

export const REQUEST_STATES = ['running', 'succeeded', 'failed', 'lost'] as const;
/** `lost`: it ran, and then nothing more was heard of it; its process was killed. */
export type RequestState = (typeof REQUEST_STATES)[number];

/**
 * One call of an action, as the request log keeps it. Nothing in it comes from inputs or from answers, and no URL: paths
 * stand as the connector declares them.
 */
export interface RequestRecord {
  /** Sorts by time: see `newRequestId`. */
  id: string;
  state: RequestState;
  /** Times are ISO 8601. */
  started_at: string;
  finished_at: string | null;
  duration_ms: number | null;
  /** Id of the API key. */
  key: string;
  role: Role;
  correlation_id: string | null;
  /** As the caller named it, shortened; null when the call was refused before it named any. */
  action: string | null;
  /** These three are null when the call was refused before its account was found. */
  connector: string | null;
  account: string | null;
  connector_profile: string | null;
  dry_run: boolean;
  /** Of Corbel's answer; null while running and when the caller went away before it. */
  status: number | null;
  /** The problem that was answered, and whose doing it was. */
  code: string | null;
  fault: Fault | null;
  stages_ms: Record<string, number>;
  /** Time that was waited for a turn, by rate limit. */
  waits_ms: Record<string, number>;
  /** The first and the last of what was sent to the provider; those between are only counted. */
  requests: SentRequest[];
  requests_omitted: number;
  upload: UploadProgress | null;
  updated_at: string;
}

/** One request to the provider, with its repetitions. */
export interface SentRequest {
  step: string;
  method: string;
  host: string;
  path: string;
  /** Of the last attempt. */
  status: number | null;
  error: string | null;
  attempts: SentAttempt[];
  /** From the first attempt's beginning to the last one's end. */
  duration_ms: number;
  provider_request_id: string | null;
}

/** An attempt had an answer or failed without one. */
export interface SentAttempt {
  status?: number;
  error?: string;
  duration_ms: number;
}

/** How much of a file is safely with the provider. */
export interface UploadProgress {
  step: string;
  bytes: number;
  parts: number;
  /** Null when the caller did not say. */
  total_bytes: number | null;
}

/** HTTP statuses, both ends inclusive. */
export interface StatusRange {
  from: number;
  to: number;
}

/** What a list is narrowed to; undefined: not. Times are milliseconds since the epoch, both inclusive. */
export interface RequestFilters {
  action?: string | undefined;
  account?: string | undefined;
  connector?: string | undefined;
  state?: RequestState | undefined;
  /** Calls that were answered only. */
  status?: StatusRange | undefined;
  code?: string | undefined;
  key?: string | undefined;
  correlation_id?: string | undefined;
  since?: number | undefined;
  until?: number | undefined;
}

/** The kind of its records; their partition is the project. */
export const REQUEST_KIND = 'request';

// Running calls are written every second. Thirty are missed only by a process that is gone, or by a store that is.
const LOST_AFTER_MS = 30_000;

const MATCHED = ['action', 'account', 'connector', 'state', 'code', 'key', 'correlation_id'] as const;

export function requestKey(project: string, id: string): RecordKey {
  return { partition: project, kind: REQUEST_KIND, id };
}

/** The record as it is to be shown at `nowMs`. */
export function parseRequestRecord({ value }: StoredRecord, nowMs: number): RequestRecord {
  const record = JSON.parse(value) as RequestRecord;
  const lost = record.state === 'running' && Date.parse(record.updated_at) + LOST_AFTER_MS < nowMs;
  return lost ? { ...record, state: 'lost' } : record;
}

/** Whether a record is one that the filters want. `since` and `until` are not looked at: ids tell the time. */
export function matchesFilters(record: RequestRecord, filters: RequestFilters): boolean {
  const { status } = filters;
  const answered = record.status ?? Number.NaN;
  return (
    MATCHED.every((name) => filters[name] === undefined || filters[name] === record[name]) &&
    (status === undefined || (answered >= status.from && answered <= status.to))
  );
}
