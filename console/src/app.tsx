import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router';
import { ApiProvider } from './api/api-context.tsx';
import { type ApiClient, createApiClient } from './api/client.ts';
import { problemOf } from './api/problem.ts';
import { endSession, isSameKey, SESSION_KEY, type Session, sessionOptions } from './api/session.ts';
import { NoticeProvider } from './components/notice.tsx';
import { NowProvider } from './components/now.tsx';
import type { Environment } from './environment.ts';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { PAGES, PUBLIC_PAGES } from './routes.tsx';
import { SessionGate } from './session/session-gate.tsx';
import { PublicShell } from './shell/public-shell.tsx';
import { Shell } from './shell/shell.tsx';
import { useKeptFocus } from './shell/use-kept-focus.ts';
import { cssVariables, theme } from './theme/theme.ts';

// Long enough that going back and forth asks nothing anew, short enough that nobody acts on old news.
const FRESH_MS = 10_000;
const MAX_RETRIES = 2;
// A server in the next room answers without the internet; and what would wait for it (to delete something, say) would be done
// by itself later on.
const NETWORK_MODE = 'always';

export function App({ environment }: { environment: Environment }) {
  const { base, nonce } = environment;
  useKeptFocus();
  const [{ queries, api }] = useState(() => {
    const queries = new QueryClient({
      defaultOptions: {
        queries: {
          networkMode: NETWORK_MODE,
          staleTime: FRESH_MS,
          retry: (failures, error) => failures < MAX_RETRIES && problemOf(error).document.retryable,
        },
        // Secrets go in by some of them, and come out of others: none is kept longer than by what shows it.
        mutations: { networkMode: NETWORK_MODE, gcTime: 0 },
      },
    });
    const api: ApiClient = createApiClient({
      base,
      origin: location.origin,
      fetch: (...parameters) => fetch(...parameters),
      onSessionEnd: () => endSession(queries),
      onOtherSession: async () => {
        const former = queries.getQueryData<Session | null>(SESSION_KEY);
        const session = await queries.fetchQuery({ ...sessionOptions(api), staleTime: 0 });
        const same = session !== null && isSameKey(former, session);
        // Of another key's, only what is made anew with that key may use it: see SessionGate.
        if (same) api.setCsrfToken(session.csrf_token);
        return same;
      },
    });
    return { queries, api };
  });
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      {...(nonce !== '' && { getStyleNonce: () => nonce })}
    >
      <QueryClientProvider client={queries}>
        <ApiProvider value={api}>
          <NowProvider>
            <NoticeProvider>
              <BrowserRouter basename={base || '/'}>
                <Routes>
                  <Route element={<PublicShell />}>
                    {PUBLIC_PAGES.map(({ path, Page }) => (
                      <Route key={path} path={path} element={<Page />} />
                    ))}
                  </Route>
                  <Route
                    element={
                      <SessionGate>
                        <Shell />
                      </SessionGate>
                    }
                  >
                    {PAGES.map(({ path, Page }) => (
                      <Route key={path} path={path} element={<Page />} />
                    ))}
                    <Route path="*" element={<NotFoundPage />} />
                  </Route>
                </Routes>
              </BrowserRouter>
            </NoticeProvider>
          </NowProvider>
        </ApiProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
