/** How far back a list goes, by what stands in the address. */
export const SPANS = [
  { value: '15m', label: 'Last 15 minutes', ms: 15 * 60_000 },
  { value: '1h', label: 'Last hour', ms: 60 * 60_000 },
  { value: '24h', label: 'Last 24 hours', ms: 24 * 60 * 60_000 },
  { value: '7d', label: 'Last 7 days', ms: 7 * 24 * 60 * 60_000 },
] as const;

/** Both ends chosen by hand. */
export const BETWEEN = 'between';

export interface TimeFilter {
  within?: string | undefined;
  /** Local times as `<input type="datetime-local">` has them. */
  from?: string | undefined;
  to?: string | undefined;
}

/** The times that the API is asked for, ISO 8601. What is no time is left out. */
export function timesOf({ within, from, to }: TimeFilter, nowMs: number): { since?: string; until?: string } {
  if (within !== BETWEEN) {
    const span = SPANS.find(({ value }) => value === within);
    return span ? { since: new Date(nowMs - span.ms).toISOString() } : {};
  }
  const since = isoOf(from);
  const until = isoOf(to);
  return { ...(since && { since }), ...(until && { until }) };
}

function isoOf(local: string | undefined): string | undefined {
  const ms = local === undefined ? Number.NaN : new Date(local).getTime();
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
