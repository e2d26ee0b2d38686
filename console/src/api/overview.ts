import { queryOptions } from '@tanstack/react-query';
import type { OverviewView } from '../../../src/http/overview.ts';
import { inBackground } from './background.ts';
import type { ApiClient } from './client.ts';

export type { OverviewView };
export type OverviewWindow = OverviewView['window'];

export const overviewKeys = {
  all: ['overview'] as const,
  of: (window: OverviewWindow) => ['overview', window] as const,
};

export const overviewOptions = (api: ApiClient, window: OverviewWindow) =>
  queryOptions({
    queryKey: overviewKeys.of(window),
    // What the page asks for again by itself is no use of the session.
    queryFn: ({ signal, client, queryKey }) =>
      (client.getQueryData(queryKey) ? inBackground(api) : api).request<OverviewView>('GET', '/overview', {
        query: { window },
        signal,
      }),
  });
