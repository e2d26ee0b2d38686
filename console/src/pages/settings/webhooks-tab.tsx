import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { useList } from '../../api/lists.ts';
import { type WebhookEndpoint, webhookEndpointsOptions } from '../../api/webhook-endpoints.ts';
import { type Column, DataTable, RowLink } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { EndpointDrawer } from './endpoint-drawer.tsx';
import { NewEndpointDialog } from './new-endpoint-dialog.tsx';

/** Where the project's events go. */
export function WebhooksTab() {
  const api = useApi();
  const [parameters, setParameters] = useSearchParams();
  const [creating, setCreating] = useState(false);
  const list = useList(webhookEndpointsOptions(api));
  const open = parameters.get('endpoint');
  const create = <Button onClick={() => setCreating(true)}>New endpoint</Button>;
  return (
    <>
      <Section
        title="Endpoints"
        description="Each gets the events of all accounts, signed as Standard Webhooks has it"
        actions={list.rows.length > 0 ? create : undefined}
      >
        <QueryView query={{ ...list, data: list.isPending ? undefined : list.data }}>
          {() =>
            list.rows.length === 0 ? (
              <EmptyState
                title="No endpoints yet"
                text="An endpoint is told when accounts are linked, changed, removed, or have to be linked again."
              >
                {create}
              </EmptyState>
            ) : (
              <DataTable caption="Webhook endpoints" columns={COLUMNS} rows={list.rows} rowKey={({ id }) => id} />
            )
          }
        </QueryView>
        <LoadMore list={list} />
      </Section>
      <NewEndpointDialog opened={creating} onClose={() => setCreating(false)} />
      <EndpointDrawer
        opened={open !== null}
        endpoint={list.rows.find(({ id }) => id === open)}
        onClose={() => setParameters({ tab: 'webhooks' }, { replace: true })}
      />
    </>
  );
}

const COLUMNS: readonly Column<WebhookEndpoint>[] = [
  {
    key: 'url',
    header: 'URL',
    cell: ({ id, url, description }) => (
      <>
        <RowLink to={`?tab=webhooks&endpoint=${id}`}>{url}</RowLink>
        {description !== null && (
          <Text size="sm" c="dimmed">
            {description}
          </Text>
        )}
      </>
    ),
  },
  {
    key: 'state',
    header: 'State',
    cell: ({ enabled, disabled_reason }) =>
      disabled_reason === 'gone' ? (
        <StatusBadge tone="warn">Gone (410)</StatusBadge>
      ) : (
        <StatusBadge status={enabled ? 'enabled' : 'disabled'} />
      ),
  },
  { key: 'events', header: 'Events', cell: ({ events }) => (events === null ? 'All' : events.join(', ')) },
  { key: 'created', header: 'Created', wideOnly: true, cell: ({ created_at }) => <RelativeTime at={created_at} /> },
];
