import { Stack, Text, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApi } from '../../api/api-context.tsx';
import { actionsOptions, type ConnectorSummaryView, connectorsOptions } from '../../api/catalogue.ts';
import { type Column, DataTable, RowLink } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, FilterText, useFilters } from '../../components/filter-bar.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { paths } from '../../paths.ts';
import { ActionTable } from './action-table.tsx';
import { ReloadNotice } from './load-state.tsx';

export function ConnectorsPage() {
  const api = useApi();
  const filters = useFilters(['text']);
  const { text } = filters.values;
  const connectors = useQuery(connectorsOptions(api));
  const [first] = connectors.data ?? [];
  return (
    <>
      <PageHeader
        title="Connectors"
        description="The providers that this server can call, and everything that it can do there."
      />
      <FilterBar filters={filters}>
        <FilterText
          label="Search"
          placeholder="Connectors and their actions"
          value={text}
          onChange={(value) => filters.set('text', value)}
        />
      </FilterBar>
      {first && <ReloadNotice connector={first.id} />}
      <QueryView query={connectors}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState
              title="No connectors"
              text="The directory of connectors (CORBEL_CONNECTORS_DIR) has none in it."
            />
          ) : text === undefined ? (
            <ConnectorTable connectors={all} />
          ) : (
            <Found text={text} connectors={all} />
          )
        }
      </QueryView>
    </>
  );
}

function Found({ text, connectors }: { text: string; connectors: readonly ConnectorSummaryView[] }) {
  const api = useApi();
  const actions = useQuery({ ...actionsOptions(api, { text }), placeholderData: keepPreviousData });
  const words = text.toLowerCase().split(/\s+/);
  const matching = connectors.filter(({ id, label, description }) =>
    words.every((word) => `${id} ${label} ${description}`.toLowerCase().includes(word)),
  );
  return (
    <QueryView query={actions}>
      {(found) => (
        <Stack gap="lg">
          {matching.length > 0 && <ConnectorTable connectors={matching} />}
          {found.length > 0 && (
            <section>
              <Title order={2} mb="xs">
                {found.length} {found.length === 1 ? 'action' : 'actions'}
              </Title>
              <ActionTable caption="Actions that match" actions={found} />
            </section>
          )}
          {matching.length + found.length === 0 && (
            <EmptyState title="Nothing matches" text="Every word has to stand in an id, a name or a description." />
          )}
        </Stack>
      )}
    </QueryView>
  );
}

function ConnectorTable({ connectors }: { connectors: readonly ConnectorSummaryView[] }) {
  return <DataTable caption="Connectors" columns={COLUMNS} rows={connectors} rowKey={({ id }) => id} />;
}

const COLUMNS: readonly Column<ConnectorSummaryView>[] = [
  {
    key: 'label',
    header: 'Connector',
    width: '12rem',
    cell: ({ id, label, version }) => (
      <>
        <RowLink to={paths.connector(id)}>{label}</RowLink>
        <Text size="sm" c="dimmed">
          <code>{id}</code>
          {version !== null && ` ${version}`}
        </Text>
      </>
    ),
  },
  { key: 'description', header: 'What it is', text: true, cell: ({ description }) => description },
  {
    key: 'authentication',
    header: 'Authentication',
    width: '20rem',
    cell: ({ authentication }) => authentication.map(({ label }) => label).join(', '),
  },
  { key: 'actions', header: 'Actions', numeric: true, cell: ({ action_count }) => action_count },
];
