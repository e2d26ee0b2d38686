import { Button, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { useList } from '../../api/lists.ts';
import { type Delivery, deliveriesOptions, redeliver, webhookKeys } from '../../api/webhook-endpoints.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { useLiveInterval } from '../../components/live-interval.ts';
import { LoadMore } from '../../components/load-more.tsx';
import { useNotice } from '../../components/notice.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';

const REFRESH_MS = 5_000;

/** What was sent to an endpoint, or is on its way, the newest first. */
export function Deliveries({ endpoint }: { endpoint: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const refetchInterval = useLiveInterval(REFRESH_MS);
  const list = useList({ ...deliveriesOptions(api, endpoint), refetchInterval } as ReturnType<
    typeof deliveriesOptions
  >);
  const [error, setError] = useState<unknown>();
  const again = async (event: string) => {
    setError(undefined);
    try {
      await redeliver(api, endpoint, event);
      notice('It is sent again');
      await queries.invalidateQueries({ queryKey: webhookKeys.deliveries(endpoint) });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <>
      {error !== undefined && <ErrorState error={error} />}
      <QueryView query={{ ...list, data: list.isPending ? undefined : list.data }}>
        {() =>
          list.rows.length === 0 ? (
            <Text c="dimmed">Nothing yet. Events are sent as soon as something happens to an account.</Text>
          ) : (
            <DataTable
              caption="Deliveries"
              columns={columns((event) => void again(event))}
              rows={list.rows}
              rowKey={({ event_id }) => event_id}
            />
          )
        }
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}

const columns = (again: (event: string) => void): Column<Delivery>[] => [
  {
    key: 'event',
    header: 'Event',
    cell: ({ type, event_id }) => (
      <>
        {type}
        <Text size="sm" c="dimmed">
          <code>{event_id}</code>
        </Text>
      </>
    ),
  },
  { key: 'state', header: 'State', cell: ({ state }) => <StatusBadge status={state} /> },
  { key: 'last', header: 'Last attempt', cell: (delivery) => <LastAttempt delivery={delivery} /> },
  {
    key: 'again',
    header: 'Send again',
    hiddenHeader: true,
    cell: ({ event_id, type }) => (
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => again(event_id)}
        aria-label={`Send again: ${type} ${event_id}`}
      >
        Send again
      </Button>
    ),
  },
];

function LastAttempt({ delivery: { attempts, next_attempt_at } }: { delivery: Delivery }) {
  const [last] = attempts;
  return (
    <>
      {last ? (
        <>
          {last.status ?? last.error} in {last.duration_ms} ms, <RelativeTime at={last.at} />
        </>
      ) : (
        'None yet'
      )}
      {next_attempt_at !== null && (
        <Text size="sm" c="dimmed">
          Next <RelativeTime at={next_attempt_at} />
        </Text>
      )}
    </>
  );
}
