import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

// "3 minutes ago" is wrong for no longer than this; one timer for the whole console.
const TICK_MS = 15_000;

const NowContext = createContext<number | undefined>(undefined);

export function NowProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <NowContext value={now}>{children}</NowContext>;
}

/** Milliseconds since the epoch, a few seconds old at most. */
export function useNow(): number {
  return useContext(NowContext) ?? Date.now();
}
