import { queryOptions } from '@tanstack/react-query';
import type { OverviewView } from '../../../src/http/overview.ts';
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
    queryFn: ({ signal }) => api.request<OverviewView>('GET', '/overview', { query: { window }, signal }),
  });
