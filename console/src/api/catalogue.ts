import { queryOptions } from '@tanstack/react-query';
import type { FullGuideView } from '../../../src/guide/full-guide.ts';
import type { MinimalScopes } from '../../../src/guide/minimal-scopes.ts';
import type { GuideView } from '../../../src/guide/view-guide.ts';
import type { ActionSourceView } from '../../../src/http/action-source.ts';
import type {
  ActionSummaryView,
  ActionView,
  ConnectorSummaryView,
  ConnectorView,
} from '../../../src/http/catalogue.ts';
import type { ConnectorStatusView } from '../../../src/http/connector-status.ts';
import { inBackground } from './background.ts';
import { type ApiClient, path } from './client.ts';

export type {
  ActionSummaryView,
  ActionView,
  ConnectorSummaryView,
  ConnectorView,
  FullGuideView,
  GuideView,
  MinimalScopes,
};

export interface ActionFilters {
  connector?: string | undefined;
  /** Only what this account can use. */
  account?: string | undefined;
  text?: string | undefined;
}

export const catalogueKeys = {
  connectors: ['connectors'] as const,
  connector: (id: string) => ['connectors', id] as const,
  status: (id: string) => ['connectors', id, 'status'] as const,
  actions: (filters: ActionFilters) => ['actions', 'list', filters] as const,
  action: (id: string) => ['actions', 'one', id] as const,
  source: (id: string) => ['actions', 'source', id] as const,
  guide: (connector: string, authentication: string) => ['guides', connector, authentication] as const,
};

export const connectorsOptions = (api: ApiClient) =>
  queryOptions({
    queryKey: catalogueKeys.connectors,
    queryFn: async ({ signal }) =>
      (await api.request<{ data: ConnectorSummaryView[] }>('GET', '/connectors', { signal })).data,
  });

export const connectorOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: catalogueKeys.connector(id),
    queryFn: ({ signal }) => api.request<ConnectorView>('GET', path`/connectors/${id}`, { signal }),
  });

/** What the server has loaded, and what came of its last reload. */
export const connectorStatusOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: catalogueKeys.status(id),
    // What a page asks for again by itself is no use of the session.
    queryFn: ({ signal, client, queryKey }) =>
      (client.getQueryData(queryKey) ? inBackground(api) : api).request<ConnectorStatusView>(
        'GET',
        path`/connectors/${id}/status`,
        { signal },
      ),
  });

/** The action's declaration; rejects with `version_conflict` when its file changed since. */
export const actionSourceOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: catalogueKeys.source(id),
    queryFn: ({ signal }) => api.request<ActionSourceView>('GET', path`/actions/${id}/source`, { signal }),
  });

/** All actions that match: the answer has no pages. */
export const actionsOptions = (api: ApiClient, filters: ActionFilters = {}) =>
  queryOptions({
    queryKey: catalogueKeys.actions(filters),
    queryFn: async ({ signal }) =>
      (await api.request<{ data: ActionSummaryView[] }>('GET', '/actions', { query: { ...filters }, signal })).data,
  });

export const actionOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: catalogueKeys.action(id),
    queryFn: ({ signal }) => api.request<ActionView>('GET', path`/actions/${id}`, { signal }),
  });

/** With what every selection of actions shows: `adjustGuide` of src/guide does the rest. Without a session too. */
export const guideOptions = (api: ApiClient, connector: string, authentication: string) =>
  queryOptions({
    queryKey: catalogueKeys.guide(connector, authentication),
    queryFn: ({ signal }) =>
      api.request<FullGuideView>('GET', path`/connectors/${connector}/guides/${authentication}`, {
        query: { format: 'full' },
        signal,
      }),
  });
