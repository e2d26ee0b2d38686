import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { SESSION_KEY } from '../api/session.ts';

const CHANNEL = 'corbel_session';

/** Has the other tabs of this browser look at once who is signed in; gives what tells them to. Nothing else is told. */
export function useSessionNews(): () => void {
  const queries = useQueryClient();
  const channel = useRef<BroadcastChannel>(undefined);
  useEffect(() => {
    const opened = new BroadcastChannel(CHANNEL);
    opened.onmessage = () => void queries.invalidateQueries({ queryKey: SESSION_KEY });
    channel.current = opened;
    return () => opened.close();
  }, [queries]);
  return useCallback(() => channel.current?.postMessage(null), []);
}
