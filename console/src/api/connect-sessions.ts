import { queryOptions } from '@tanstack/react-query';
import type { PublicSession } from '../../../src/domain/connect-session.ts';
import type { NewConnectSessionRequest, NewConnectSessionView } from '../../../src/http/connect-sessions.ts';
import { type ApiClient, path } from './client.ts';

export type ConnectSession = PublicSession;
export type { NewConnectSessionRequest, NewConnectSessionView };

export const connectSessionKeys = { one: (id: string) => ['connect_sessions', id] as const };

export const connectSessionOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: connectSessionKeys.one(id),
    queryFn: ({ signal }) => api.request<ConnectSession>('GET', path`/connect_sessions/${id}`, { signal }),
  });

/** The answer has the link, which is given once. */
export const createConnectSession = (api: ApiClient, body: NewConnectSessionRequest) =>
  api.request<NewConnectSessionView>('POST', '/connect_sessions', { body });

export const cancelConnectSession = (api: ApiClient, id: string) =>
  api.request<void>('DELETE', path`/connect_sessions/${id}`);
