import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useMemo } from 'react';
import { useApi } from '../api/api-context.tsx';
import {
  ENDED_KEY,
  endSession,
  signOut as requestSignOut,
  SESSION_KEY,
  type Session,
  sessionOptions,
} from '../api/session.ts';
import { ErrorState } from '../components/error-state.tsx';
import { SessionProvider } from './session-context.tsx';
import { SignInPage } from './sign-in-page.tsx';

// The server's clock may be a little behind this one.
const CHECK_AFTER_MS = 1_000;

/** Shows its children to whoever is signed in, and the sign-in to others, at the same address: signing in goes on there. */
export function SessionGate({ children }: { children: ReactNode }) {
  const api = useApi();
  const queries = useQueryClient();
  const { data: session, error, isPending, refetch } = useQuery(sessionOptions(api));
  // Before the children ask for anything.
  api.setCsrfToken(session?.csrf_token);

  const signOut = useCallback(async () => {
    await requestSignOut(api).catch(() => {});
    endSession(queries, false);
  }, [api, queries]);
  const begin = useCallback(
    (begun: Session) => {
      queries.removeQueries({ queryKey: ENDED_KEY });
      queries.setQueryData(SESSION_KEY, begun);
    },
    [queries],
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
  if (!signedIn) return <SignInPage ended={queries.getQueryData(ENDED_KEY) === true} onSignedIn={begin} />;
  return <SessionProvider value={signedIn}>{children}</SessionProvider>;
}
