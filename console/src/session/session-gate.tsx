import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useMemo } from 'react';
import { useApi } from '../api/api-context.tsx';
import { problemOf } from '../api/problem.ts';
import {
  END_KEY,
  endSession,
  signOut as requestSignOut,
  SESSION_KEY,
  type Session,
  type SessionEnd,
  sessionOptions,
} from '../api/session.ts';
import { ErrorState } from '../components/error-state.tsx';
import { SessionProvider } from './session-context.tsx';
import { SignInPage } from './sign-in-page.tsx';
import { useSessionNews } from './use-session-news.ts';

// The server's clock may be a little behind this one.
const CHECK_AFTER_MS = 1_000;

/** Shows its children to whoever is signed in, and the sign-in to others, at the same address: signing in goes on there. */
export function SessionGate({ children }: { children: ReactNode }) {
  const api = useApi();
  const queries = useQueryClient();
  const { data: session, error, isPending, refetch } = useQuery(sessionOptions(api));
  // Before the children ask for anything.
  api.setCsrfToken(session?.csrf_token);

  const tellOthers = useSessionNews();
  const signOut = useCallback(async () => {
    // Whoever signs out means the browser, whichever key it has by now.
    const refusal = await requestSignOut(api)
      .catch((error: unknown) => {
        if (problemOf(error).code !== 'csrf_token_invalid') throw error;
        api.setCsrfToken(queries.getQueryData<Session | null>(SESSION_KEY)?.csrf_token);
        return requestSignOut(api);
      })
      .then(() => undefined, problemOf);
    endSession(queries, refusal === undefined || refusal.status === 401 ? 'signed_out' : 'untold');
    tellOthers();
  }, [api, queries, tellOthers]);
  const begin = useCallback(
    (begun: Session) => {
      queries.removeQueries({ queryKey: END_KEY });
      queries.setQueryData(SESSION_KEY, begun);
      tellOthers();
    },
    [queries, tellOthers],
  );
  const expiresAt = session?.expires_at;
  useEffect(() => {
    if (expiresAt === undefined) return;
    const timer = setTimeout(
      () => void queries.invalidateQueries({ queryKey: SESSION_KEY }),
      Math.max(0, Date.parse(expiresAt) - Date.now()) + CHECK_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [expiresAt, queries]);

  const signedIn = useMemo(() => (session ? { session, signOut } : undefined), [session, signOut]);
  if (isPending) {
    return (
      <Center mih="100vh">
        <Loader size="sm" aria-label="Loading" />
      </Center>
    );
  }
  if (error && !session) {
    return (
      <Center mih="100vh" p="md" component="main">
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Center>
    );
  }
  if (!signedIn) return <SignInPage end={queries.getQueryData<SessionEnd>(END_KEY)} onSignedIn={begin} />;
  // With another key everything begins anew: what was typed for one project is not for another.
  return (
    <SessionProvider key={signedIn.session.key.id} value={signedIn}>
      {children}
    </SessionProvider>
  );
}
