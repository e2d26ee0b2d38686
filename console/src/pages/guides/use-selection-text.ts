import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';

// Browsers refuse an address that changes more often than about three times a second for long.
const ADDRESS_AFTER_MS = 250;

/**
 * The `actions` of the address, and how they are changed: at once here, and in the address as soon as clicking pauses. It goes
 * past the router, which would draw the whole page anew at each click, and later than the click.
 */
export function useSelectionText(): [text: string | null, change: (query: string) => void] {
  const given = useSearchParams()[0].get('actions');
  const [text, setText] = useState(given);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    setText(given);
    return () => clearTimeout(timer.current);
  }, [given]);
  const change = useCallback((query: string) => {
    setText(new URLSearchParams(query).get('actions'));
    clearTimeout(timer.current);
    const { pathname } = location;
    timer.current = setTimeout(() => {
      // Somebody may have gone elsewhere meanwhile.
      if (location.pathname === pathname) history.replaceState(history.state, '', `${pathname}${query}`);
    }, ADDRESS_AFTER_MS);
  }, []);
  return [text, change];
}
