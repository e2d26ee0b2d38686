import { useIdle } from '@mantine/hooks';

// Somebody who has gone away needs no news, and the session must be able to end.
const IDLE_AFTER_MS = 5 * 60_000;

/** A `refetchInterval` for pages that keep up by themselves: stops when nobody is there (and, by TanStack, in hidden tabs). */
export function useLiveInterval(ms: number): number | false {
  const idle = useIdle(IDLE_AFTER_MS, { initialState: false });
  return idle ? false : ms;
}
