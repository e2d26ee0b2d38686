import { Button } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type ApiKey, apiKeysOptions } from '../../api/api-keys.ts';
import { useList } from '../../api/lists.ts';
import { type Column, DataTable, RowLink } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { useNow } from '../../components/now.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import { KeyDrawer } from './key-drawer.tsx';
import { ROLE_NAMES, reachOf, stateOf } from './key-facts.ts';
import { NewKeyDialog } from './new-key-dialog.tsx';

export function ApiKeysPage() {
  const api = useApi();
  const now = useNow();
  const [parameters, setParameters] = useSearchParams();
  const [creating, setCreating] = useState(false);
  const list = useList(apiKeysOptions(api));
  const create = <Button onClick={() => setCreating(true)}>New key</Button>;
  return (
    <>
      <PageHeader
        title="API keys"
        description="What backends call this server with, and what operators sign in with. A key is shown once, when it is made."
        actions={create}
      />
      <QueryView query={{ ...list, data: list.isPending ? undefined : list.data }}>
        {() =>
          list.rows.length === 0 ? (
            <EmptyState title="No keys yet">{create}</EmptyState>
          ) : (
            <DataTable
              caption="API keys"
              columns={columns(now)}
              rows={list.rows}
              rowKey={({ id }) => id}
              busy={list.isRefetching}
            />
          )
        }
      </QueryView>
      <LoadMore list={list} />
      <NewKeyDialog opened={creating} onClose={() => setCreating(false)} />
      <KeyDrawer id={parameters.get('key')} onClose={() => setParameters({}, { replace: true })} />
    </>
  );
}

const columns = (now: number): Column<ApiKey>[] => [
  { key: 'name', header: 'Name', cell: ({ id, name }) => <RowLink to={`${paths.apiKeys}?key=${id}`}>{name}</RowLink> },
  { key: 'state', header: 'State', cell: (key) => <StatusBadge status={stateOf(key, now)} /> },
  { key: 'role', header: 'Role', cell: ({ role }) => ROLE_NAMES[role] },
  { key: 'reach', header: 'May use', cell: reachOf },
  { key: 'used', header: 'Last used', cell: ({ last_used_at }) => <RelativeTime at={last_used_at} /> },
  { key: 'expires', header: 'Expires', cell: ({ expires_at }) => <RelativeTime at={expires_at} /> },
  {
    key: 'created',
    header: 'Created',
    wideOnly: true,
    cell: ({ created_at }) => <RelativeTime at={created_at} />,
  },
];
