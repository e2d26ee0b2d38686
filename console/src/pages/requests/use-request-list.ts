import { useApi } from '../../api/api-context.tsx';
import { inBackground } from '../../api/background.ts';
import { useList } from '../../api/lists.ts';
import { type RequestFilters, type RequestListView, requestKeys, requestsOptions } from '../../api/requests.ts';
import { useLiveInterval } from '../../components/live-interval.ts';
import { type TimeFilter, timesOf } from './since-filter.ts';

// Somebody watches for a call that was just made; the server answers from an index.
const ASK_EVERY_MS = 4_000;

/** The log of calls, kept up while `live` and only its first page is there. Asking again by itself is no use of the session. */
export function useRequestList(filters: RequestFilters, times: TimeFilter, live: boolean) {
  const api = useApi();
  const interval = useLiveInterval(ASK_EVERY_MS);
  const key = [...requestKeys.list(filters), times];
  const first = requestsOptions(api, filters);
  return useList<RequestListView>({
    ...first,
    queryKey: key,
    queryFn: (context) => {
      // "The last hour" is another one at each time of asking.
      const asked = { ...filters, ...timesOf(times, Date.now()) };
      const again = context.client.getQueryData(key) !== undefined && context.pageParam === null;
      const { queryFn } = requestsOptions(again ? inBackground(api) : api, asked);
      if (typeof queryFn !== 'function') throw new Error('a list without a question');
      return queryFn(context);
    },
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? interval : false),
  });
}
