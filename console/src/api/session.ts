import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { ConsoleSessionView } from '../../../src/http/console-session.ts';
import type { ApiClient } from './client.ts';
import { problemOf } from './problem.ts';

export type Session = ConsoleSessionView;

export const SESSION_KEY = ['session'] as const;
/** True once a session ended that was not signed out of. */
export const ENDED_KEY = ['session_ended'] as const;

/** The server no longer knows the session: everything that it showed is forgotten, and the sign-in stands in its place. */
export function endSession(queries: QueryClient, expired = true): void {
  if (!queries.getQueryData(SESSION_KEY)) return;
  queries.setQueryData(ENDED_KEY, expired);
  queries.setQueryData(SESSION_KEY, null);
  queries.removeQueries({
    predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] && queryKey[0] !== ENDED_KEY[0],
  });
}

/** Who is signed in; null: nobody. */
export function sessionOptions(api: ApiClient) {
  return queryOptions({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal, client }): Promise<Session | null> => {
      try {
        return await api.request<Session>('GET', '/console/session', { signal });
      } catch (error) {
        if (problemOf(error).status !== 401) throw error;
        endSession(client);
        return null;
      }
    },
    staleTime: 60_000,
  });
}

/** Rejects with `key_invalid`, `key_revoked`, `key_expired`, `role_forbidden`, `too_many_attempts`. */
export function signIn(api: ApiClient, key: string): Promise<Session> {
  return api.request<Session>('POST', '/console/session', { body: { key } });
}

export function signOut(api: ApiClient): Promise<void> {
  return api.request<void>('DELETE', '/console/session');
}
