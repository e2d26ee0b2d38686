import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryKey,
  type UseInfiniteQueryOptions,
  useInfiniteQuery,
} from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { Page } from '../../../src/domain/listing.ts';
import type { ApiClient, Query } from './client.ts';

export type { Page };

// Filters may leave a page without rows though more follow; somebody who waits should not have to ask for each.
const MAX_EMPTY_PAGES = 20;

/** As {@link listOptions} makes them. */
export type ListOptions<P> = UseInfiniteQueryOptions<P, Error, InfiniteData<P>, QueryKey, string | null>;

/** Options of a list that has `{data, next}`, page by page. Give the filters in the key as well. */
export function listOptions<T, P extends Page<T> = Page<T>>(
  api: ApiClient,
  queryKey: QueryKey,
  path: string,
  query: Query = {},
): ListOptions<P> {
  return infiniteQueryOptions<P, Error, InfiniteData<P>, QueryKey, string | null>({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      api.request<P>('GET', path, { query: { ...query, next: pageParam ?? undefined }, signal }),
    initialPageParam: null,
    getNextPageParam: (page) => page.next,
  });
}

/** A list as one array: `rows`, and `fetchNextPage` while `hasNextPage` (see `LoadMore`). */
export function useList<P extends Page<unknown>>(options: ListOptions<P>) {
  const query = useInfiniteQuery(options);
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = query;
  const rows = useMemo(() => data?.pages.flatMap<P['data'][number]>((page) => page.data) ?? [], [data]);
  const pages = data?.pages.length ?? 0;
  const goOn = rows.length === 0 && hasNextPage && !isFetching && !isError && pages < MAX_EMPTY_PAGES;
  useEffect(() => {
    if (goOn) void fetchNextPage();
  }, [goOn, fetchNextPage]);
  return { ...query, rows, isPending: query.isPending || (goOn && rows.length === 0) };
}

/** Every page of a short list (profiles, keys), at most ten of them. */
export async function fetchAll<T>(api: ApiClient, path: string, signal: AbortSignal, query: Query = {}): Promise<T[]> {
  const rows: T[] = [];
  let next: string | undefined;
  for (let page = 0; page < 10; page += 1) {
    const answer: Page<T> = await api.request('GET', path, { query: { ...query, limit: 100, next }, signal });
    rows.push(...answer.data);
    if (answer.next === null) break;
    next = answer.next;
  }
  return rows;
}
