import type { RequestRecord } from '../../api/requests.ts';
import type { Timed } from './time-split.ts';

/** A bar of a call's waterfall; times are milliseconds since its beginning. */
export interface WaterfallRow {
  key: string;
  name: string;
  /** Who is waited for. */
  part: 'corbelMs' | 'waitedMs' | 'providerMs';
  /** An attempt of the request above it. */
  inner: boolean;
  startMs: number;
  durationMs: number;
  failed: boolean;
  /** Status or error, where there was one. */
  outcome: string | undefined;
}

// Beyond rounding: what together took longer than there was time for went side by side.
const SIDE_BY_SIDE = 1.02;

/**
 * The parts of a call one after the other, in the order in which the server does them. The log has no beginnings: of requests
 * that went side by side, as the parts of a file do, only so much is true as that they fit in.
 */
export function waterfallRows({ stages_ms: stages, waits_ms: waits, requests, duration_ms }: Timed): WaterfallRow[] {
  const rows: WaterfallRow[] = [];
  let at = 0;
  const add = (key: string, name: string, part: WaterfallRow['part'], durationMs: number | undefined) => {
    if (durationMs === undefined) return;
    rows.push({ key, name, part, inner: false, startMs: at, durationMs, failed: false, outcome: undefined });
    at += durationMs;
  };
  const checks = ['resolve', 'gate', 'bind'].map((stage) => stages[stage]).filter((ms) => ms !== undefined);
  if (checks.length > 0) add('checks', 'Account, scopes, inputs', 'corbelMs', sum(checks));
  add('authorize', 'Access token', (stages.authorize ?? 0) >= 1 ? 'providerMs' : 'corbelMs', stages.authorize);
  add('render', 'Making the request', 'corbelMs', stages.render);
  for (const [limit, ms] of Object.entries(waits))
    add(`wait ${limit}`, `Turn under the rate limit ${limit}`, 'waitedMs', ms);

  const groups = groupsOf(requests);
  const spans = spansOf(groups, duration_ms === null ? undefined : duration_ms - at - (stages.shape ?? 0));
  let index = 0;
  for (const [number, group] of groups.entries()) {
    const spanMs = spans[number] ?? 0;
    const overlaps = sum(group.map(({ duration_ms: ms }) => ms)) > spanMs * SIDE_BY_SIDE;
    let next = at;
    for (const [place, request] of group.entries()) {
      const latest = at + Math.max(0, spanMs - request.duration_ms);
      const startMs = overlaps ? at + ((latest - at) * place) / Math.max(1, group.length - 1) : next;
      rows.push(...requestRows(index, request, startMs));
      next = startMs + request.duration_ms;
      index += 1;
    }
    at += spanMs;
  }
  add('shape', 'Shaping the answer', 'corbelMs', stages.shape);
  return rows;
}

type Request = RequestRecord['requests'][number];

/** Requests of the same name that follow each other: only these can have gone side by side. */
function groupsOf(requests: readonly Request[]): Request[][] {
  const groups: Request[][] = [];
  for (const request of requests) {
    const group = groups.at(-1);
    const before = group?.[0];
    const same =
      before && before.step === request.step && before.method === request.method && before.path === request.path;
    if (group && same) group.push(request);
    else groups.push([request]);
  }
  return groups;
}

/** How long each group took, in the time that there was for all; undefined: not known yet. */
function spansOf(groups: readonly Request[][], availableMs: number | undefined): number[] {
  const sums = groups.map((group) => sum(group.map(({ duration_ms }) => duration_ms)));
  const excessMs = availableMs === undefined ? 0 : sum(sums) - availableMs * SIDE_BY_SIDE;
  if (excessMs <= 0) return sums;
  const several = sum(sums.filter((_, number) => (groups[number]?.length ?? 0) > 1));
  return groups.map((group, number) => {
    const ms = sums[number] ?? 0;
    if (group.length === 1 || several === 0) return ms;
    return Math.max(ms - (excessMs * ms) / several, ...group.map(({ duration_ms }) => duration_ms));
  });
}

function requestRows(index: number, request: Request, startMs: number): WaterfallRow[] {
  return [
    {
      key: `request ${index}`,
      name: `${request.method} ${request.path}`,
      part: 'providerMs',
      inner: false,
      startMs,
      durationMs: request.duration_ms,
      failed: request.error !== null || (request.status ?? 0) >= 400,
      outcome: request.error ?? request.status?.toString(),
    },
    ...attemptRows(index, request, startMs),
  ];
}

/** Of a request that was repeated: each attempt, with equal pauses between them. */
function attemptRows(index: number, { attempts, duration_ms }: Request, from: number): WaterfallRow[] {
  if (attempts.length < 2) return [];
  const pauseMs =
    Math.max(0, duration_ms - sum(attempts.map((attempt) => attempt.duration_ms))) / (attempts.length - 1);
  let at = from;
  return attempts.map((attempt, number) => {
    const startMs = at;
    at += attempt.duration_ms + pauseMs;
    return {
      key: `request ${index} attempt ${number}`,
      name: `Attempt ${number + 1}`,
      part: 'providerMs',
      inner: true,
      startMs,
      durationMs: attempt.duration_ms,
      failed: attempt.error !== undefined || (attempt.status ?? 0) >= 400,
      outcome: attempt.error ?? attempt.status?.toString(),
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
