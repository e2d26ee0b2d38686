import type { ReactNode } from 'react';
import { problemOf } from '../api/problem.ts';
import { ErrorState } from './error-state.tsx';
import { LoadingState } from './loading-state.tsx';
import { NotRenewed, StaleContent } from './not-renewed.tsx';

interface QueryViewProps<T> {
  query: {
    data: T | undefined;
    error: unknown;
    isPending: boolean;
    dataUpdatedAt: number;
    /** Of lists: then the older rows fail to come, which `LoadMore` says. */
    isFetchNextPageError?: boolean;
    refetch: () => unknown;
  };
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}

/**
 * A query's data, or what stands in its place: loading, error, refusal. While newer data fails to come the old stays, with a
 * line above it that says so; unless the server says that it is gone, or not to be seen any more.
 */
export function QueryView<T>({ query, loading, children }: QueryViewProps<T>) {
  const { data, error, isPending, dataUpdatedAt, isFetchNextPageError = false, refetch } = query;
  const failed = Boolean(error) && !isFetchNextPageError;
  if (data !== undefined && !(failed && isGone(error))) {
    return (
      <>
        {failed && <NotRenewed error={error} since={dataUpdatedAt} />}
        <StaleContent stale={failed}>{children(data)}</StaleContent>
      </>
    );
  }
  // To ask again for what is not there brings nothing.
  if (error) return <ErrorState error={error} onRetry={isGone(error) ? undefined : () => void refetch()} />;
  return isPending ? (loading ?? <LoadingState />) : null;
}

function isGone(error: unknown): boolean {
  const { status, refused } = problemOf(error);
  return status === 404 || refused;
}
