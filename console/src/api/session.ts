import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { ConsoleSessionView } from '../../../src/http/console-session.ts';
import { inBackground } from './background.ts';
import type { ApiClient } from './client.ts';
import { problemOf } from './problem.ts';

export type Session = ConsoleSessionView;

export const SESSION_KEY = ['session'] as const;
/** How the last session of this page ended. */
export const END_KEY = ['session_end'] as const;
/** `untold`: signed out, but the server could not be told. */
export type SessionEnd = 'expired' | 'signed_out' | 'untold';

/** The server no longer knows the session: everything that it showed is forgotten, and the sign-in stands in its place. */
export function endSession(queries: QueryClient, end: SessionEnd = 'expired'): void {
  if (!queries.getQueryData(SESSION_KEY)) return;
  queries.setQueryData(END_KEY, end);
  queries.setQueryData(SESSION_KEY, null);
  forgetAll(queries);
}

/** Whether both are of the same key. */
export function isSameKey(one: Session | null | undefined, other: Session | null | undefined): boolean {
  return one?.key.id === other?.key.id;
}

/** Everything but who is signed in. */
function forgetAll(queries: QueryClient): void {
  queries.removeQueries({
    predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] && queryKey[0] !== END_KEY[0],
  });
}

/** How many times a session is asked after while it may become idle: as long as this part, data may stand there too long. */
const ASKED_PER_IDLE_TIME = 6;

/**
 * Who is signed in; null: nobody. Asked anew by itself, so that what an unattended screen shows is gone soon after the session
 * is; that alone does not keep it awake. Where another tab signed in with another key, what was shown with this one is
 * forgotten.
 */
export function sessionOptions(api: ApiClient) {
  return queryOptions({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal, client }): Promise<Session | null> => {
      const former = client.getQueryData<Session | null>(SESSION_KEY);
      try {
        const session = await inBackground(api).request<Session>('GET', '/console/session', { signal });
        if (former && !isSameKey(former, session)) forgetAll(client);
        return session;
      } catch (error) {
        if (problemOf(error).status !== 401) throw error;
        endSession(client);
        return null;
      }
    },
    staleTime: 60_000,
    refetchInterval: ({ state: { data } }) => (data ? (data.idle_timeout_s * 1_000) / ASKED_PER_IDLE_TIME : false),
    refetchIntervalInBackground: true,
  });
}

/** Rejects with `key_invalid`, `key_revoked`, `key_expired`, `role_forbidden`, `too_many_attempts`. */
export function signIn(api: ApiClient, key: string): Promise<Session> {
  return api.request<Session>('POST', '/console/session', { body: { key } });
}

export function signOut(api: ApiClient): Promise<void> {
  return api.request<void>('DELETE', '/console/session');
}
