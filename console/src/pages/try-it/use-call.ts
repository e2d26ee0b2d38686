import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { accountKeys } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import type { CallResult } from '../../api/call.ts';
import { requestKeys } from '../../api/requests.ts';
import { type ActionCall, newCorrelationId, runCall } from './action-call.ts';

/** How far the last call is. Its answer is the customer's data: it is kept here alone, and gone with the page. */
export type CallState =
  | { is: 'idle' }
  | { is: 'running'; call: ActionCall }
  | { is: 'answered'; call: ActionCall; result: CallResult }
  | { is: 'failed'; call: ActionCall; error: unknown }
  | { is: 'stopped'; call: ActionCall };

/** Sends one call at a time; a new one stops the one before, and so does leaving the page. */
export function useCall(): {
  state: CallState;
  start: (call: Omit<ActionCall, 'correlationId'>) => void;
  stop: () => void;
  reset: () => void;
} {
  const api = useApi();
  const queries = useQueryClient();
  const [state, setState] = useState<CallState>({ is: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const stop = useCallback(() => running.current?.abort(), []);
  const reset = useCallback(() => {
    running.current?.abort();
    running.current = undefined;
    setState({ is: 'idle' });
  }, []);
  const start = useCallback(
    (wanted: Omit<ActionCall, 'correlationId'>) => {
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      const call: ActionCall = { ...wanted, correlationId: newCorrelationId() };
      setState({ is: 'running', call });
      runCall(api, call, own.signal)
        .then(
          (result): CallState => ({ is: 'answered', call, result }),
          (error: unknown): CallState => (own.signal.aborted ? { is: 'stopped', call } : { is: 'failed', call, error }),
        )
        .then((ended) => {
          // Another one took its place.
          if (running.current === own) setState(ended);
          // A refusal may have changed the account, and a call is its last one.
          void queries.invalidateQueries({ queryKey: accountKeys.all });
          void queries.invalidateQueries({ queryKey: requestKeys.all });
        });
    },
    [api, queries],
  );
  return { state, start, stop, reset };
}
