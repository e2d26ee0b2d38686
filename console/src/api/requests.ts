import { queryOptions } from '@tanstack/react-query';
import type { RequestRecord, RequestState } from '../../../src/domain/request-record.ts';
import type { ListedRequestView, RequestListView } from '../../../src/http/requests.ts';
import { type ApiClient, path } from './client.ts';
import { listOptions } from './lists.ts';

export type { RequestListView, RequestRecord, RequestState };
export type ListedRequest = ListedRequestView;

export interface RequestFilters {
  action?: string | undefined;
  account?: string | undefined;
  connector?: string | undefined;
  state?: RequestState | undefined;
  /** An HTTP status like `429`, or a class of them like `4xx`. */
  status?: string | undefined;
  code?: string | undefined;
  key?: string | undefined;
  correlation_id?: string | undefined;
  /** ISO 8601, both inclusive. */
  since?: string | undefined;
  until?: string | undefined;
}

export const requestKeys = {
  all: ['requests'] as const,
  list: (filters: RequestFilters) => ['requests', 'list', filters] as const,
  one: (id: string) => ['requests', 'one', id] as const,
};

export const requestsOptions = (api: ApiClient, filters: RequestFilters = {}) =>
  listOptions<ListedRequest, RequestListView>(api, requestKeys.list(filters), '/requests', {
    limit: 50,
    ...filters,
  });

export const requestOptions = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: requestKeys.one(id),
    queryFn: ({ signal }) => api.request<RequestRecord>('GET', path`/requests/${id}`, { signal }),
  });
