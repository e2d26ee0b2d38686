import { Anchor, Button, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { ListedRequest, RequestState } from '../../api/requests.ts';
import { type Column, DataTable, RowLink } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { useFilters } from '../../components/filter-bar.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import { OwnerName } from '../accounts/owner-name.tsx';
import { REQUEST_FILTERS, RequestFilterBar } from './request-filters.tsx';
import classes from './requests.module.css';
import { msText } from './time-split.ts';
import { UploadBar } from './upload-bar.tsx';
import { useRequestList } from './use-request-list.ts';

/** The calls of the project, the newest first, as they come. */
export function RequestsPage() {
  const filters = useFilters(REQUEST_FILTERS);
  const { within, from, to, state, ...texts } = filters.values;
  const [live, setLive] = useState(true);
  const list = useRequestList({ ...texts, state: state as RequestState | undefined }, { within, from, to }, live);
  const several = (list.data?.pages.length ?? 0) > 1;
  return (
    <>
      <PageHeader
        title="Requests"
        description="Every call of an action, with what it asked of the provider. Inputs and answers are never kept."
      />
      <RequestFilterBar filters={filters} />
      <div className={classes.live}>
        <Switch
          label="Keep up with new calls"
          checked={live && !several}
          disabled={several}
          onChange={(event) => setLive(event.currentTarget.checked)}
        />
        {several && (
          <Text c="dimmed" size="sm">
            Paused while older ones are shown.
          </Text>
        )}
      </div>
      <QueryView query={list}>
        {() =>
          list.rows.length > 0 ? (
            <DataTable caption="Requests" rows={list.rows} rowKey={({ id }) => id} columns={COLUMNS} />
          ) : filters.active ? (
            <EmptyState title="No call fits" text="There is none in the log that has all of these.">
              <Button variant="default" onClick={filters.clear}>
                Clear filters
              </Button>
            </EmptyState>
          ) : (
            <EmptyState title="No calls yet" text="They appear here as your backend makes them.">
              <Button component={Link} to={paths.tryIt}>
                Make one
              </Button>
            </EmptyState>
          )
        }
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}

const COLUMNS: Column<ListedRequest>[] = [
  {
    key: 'action',
    header: 'Action',
    cell: ({ id, action, dry_run }) => (
      <>
        <RowLink to={paths.request(id)}>
          <code>{action ?? '(none named)'}</code>
        </RowLink>
        {dry_run && <span className={classes.sub}>Dry run</span>}
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    cell: ({ state, upload }) => (
      <>
        <StatusBadge status={state} />
        {state === 'running' && upload && <UploadBar upload={upload} state={state} />}
      </>
    ),
  },
  {
    key: 'answer',
    header: 'Answer',
    cell: ({ status, code }) => (
      <>
        {status ?? '–'}
        {code !== null && (
          <span className={classes.sub}>
            <code>{code}</code>
          </span>
        )}
      </>
    ),
  },
  {
    key: 'account',
    header: 'Account',
    cell: ({ account, owner_id, owner_name }) =>
      account === null ? (
        '–'
      ) : owner_id === null ? (
        <code>{account}</code>
      ) : (
        <Anchor component={Link} to={paths.account(account)} title={account}>
          <OwnerName account={{ owner_id, owner_name }} />
        </Anchor>
      ),
  },
  {
    key: 'duration',
    header: 'Took',
    numeric: true,
    cell: ({ duration_ms }) => (duration_ms === null ? '–' : msText(duration_ms)),
  },
  { key: 'at', header: 'When', numeric: true, cell: ({ started_at }) => <RelativeTime at={started_at} /> },
];
