import type { OverviewView } from '../../api/overview.ts';

type Bucket = OverviewView['buckets'][number];

/** `1,234`. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** The same on an axis, where there is no room: `1.5K`. */
export function countTick(value: number): string {
  return value.toLocaleString('en', { notation: 'compact' });
}

/** `1.2 s`, `340 ms`; a dash where nothing was measured. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms >= 10_000) return `${Math.round(ms / 1_000)} s`;
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms >= 10 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** A share of 1 as `0.4%`. */
export function percent(share: number): string {
  if (share === 0) return '0%';
  const value = share * 100;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}%`;
}

/** The same on an axis, where the numbers are round. */
export function durationTick(ms: number): string {
  if (ms === 0) return '0';
  return ms >= 1_000 ? `${Number((ms / 1_000).toFixed(1))} s` : `${Number(ms.toFixed(1))} ms`;
}

/** The beginning of a bucket in the reader's own time, as short as the window allows. */
export function bucketLabel({ at }: Bucket, window: OverviewView['window']): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
  return window === '7d' ? `${date.toLocaleDateString(undefined, { weekday: 'short' })} ${time}` : time;
}
