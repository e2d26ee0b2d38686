import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { type ConnectorSummaryView, connectorsOptions } from '../../api/catalogue.ts';
import { type Profile, profilesOptions } from '../../api/connector-profiles.ts';
import { useList } from '../../api/lists.ts';
import { type Column, DataTable, RowLink } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, FilterText, useFilters } from '../../components/filter-bar.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';

/** The page has one primary button; beside it this is another way to the same. */
function NewProfileButton({ primary = false }: { primary?: boolean }) {
  return (
    <Button component={Link} to={paths.newProfile} variant={primary ? 'filled' : 'default'}>
      New profile
    </Button>
  );
}

export function ProfilesPage() {
  const api = useApi();
  const filters = useFilters(['text', 'connector', 'enabled']);
  const list = useList(profilesOptions(api, filters.values));
  const { data: connectors = [] } = useQuery(connectorsOptions(api));
  const { values, set } = filters;
  return (
    <>
      <PageHeader
        title="Connector profiles"
        description="Set-ups of connectors: the app at the provider, its scopes, and the actions that may be used."
        actions={<NewProfileButton primary />}
      />
      <FilterBar filters={filters}>
        <FilterText
          label="Search"
          placeholder="Name, id or client id"
          value={values.text}
          onChange={(text) => set('text', text)}
        />
        <Select
          label="Connector"
          placeholder="All"
          clearable
          clearButtonProps={{ 'aria-label': 'All connectors' }}
          data={connectors.map(({ id, label }) => ({ value: id, label }))}
          value={values.connector ?? null}
          onChange={(value) => set('connector', value)}
        />
        <Select
          label="Status"
          placeholder="All"
          clearable
          clearButtonProps={{ 'aria-label': 'Every status' }}
          data={[
            { value: 'true', label: 'Enabled' },
            { value: 'false', label: 'Disabled' },
          ]}
          value={values.enabled ?? null}
          onChange={(value) => set('enabled', value)}
        />
      </FilterBar>
      <QueryView query={list}>
        {() =>
          list.rows.length > 0 ? (
            <DataTable
              caption="Connector profiles"
              rows={list.rows}
              rowKey={({ id }) => id}
              columns={columnsFor(connectors)}
              busy={list.isFetching}
            />
          ) : filters.active ? (
            <EmptyState title="No profiles match">
              <Button variant="default" onClick={filters.clear}>
                Clear filters
              </Button>
            </EmptyState>
          ) : (
            <EmptyState title="No connector profiles yet" text="A profile is needed before accounts can be linked.">
              <NewProfileButton />
            </EmptyState>
          )
        }
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}

function columnsFor(connectors: readonly ConnectorSummaryView[]): Column<Profile>[] {
  const connectorOf = (profile: Profile) => connectors.find(({ id }) => id === profile.connector);
  return [
    {
      key: 'name',
      header: 'Name',
      cell: ({ id, name }) => (
        <RowLink to={paths.profile(id)}>
          <bdi>{name}</bdi>
        </RowLink>
      ),
    },
    {
      key: 'connector',
      header: 'Connector',
      cell: (profile) => connectorOf(profile)?.label ?? profile.connector,
    },
    {
      key: 'type',
      header: 'Type',
      cell: (profile) =>
        connectorOf(profile)?.authentication.find(({ id }) => id === profile.authentication)?.label ??
        profile.authentication,
    },
    { key: 'scopes', header: 'Scopes', numeric: true, cell: ({ scopes }) => scopes.length },
    { key: 'actions', header: 'Actions', numeric: true, cell: ({ actions }) => actions?.length ?? 'All' },
    {
      key: 'accounts',
      header: 'Accounts',
      numeric: true,
      cell: (profile) => profile.account_count.toLocaleString('en'),
    },
    {
      key: 'enabled',
      header: 'Status',
      cell: ({ enabled }) => <StatusBadge status={enabled ? 'enabled' : 'disabled'} />,
    },
  ];
}
