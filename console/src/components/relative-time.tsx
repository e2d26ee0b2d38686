import { useNow } from './now.tsx';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;
// What is older is looked up by its date.
const DATE_AFTER_MS = 30 * 86_400_000;
const JUST_NOW_MS = 45_000;
// `useNow` may be behind by so much: what was just done is not in the future.
const BEHIND_MS = 16_000;

/** A moment as people say it, with the exact time in its title. `at`: ISO 8601; null shows `never`. */
export function RelativeTime({ at, never = 'Never' }: { at: string | null; never?: string }) {
  const now = useNow();
  if (at === null) return <span>{never}</span>;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })}>
      {relative(Date.parse(at), now)}
    </time>
  );
}

/** The same as a text. */
export function relative(at: number, now: number): string {
  const difference = at - now;
  const size = Math.abs(difference);
  if (size < JUST_NOW_MS) return difference > BEHIND_MS ? 'in a moment' : 'just now';
  if (size > DATE_AFTER_MS) return new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });
  const [unit, length] = UNITS.find(([, ms]) => size >= ms) ?? (['minute', 60_000] as const);
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(
    Math.round(difference / length) || Math.sign(difference),
    unit,
  );
}
