import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { type AccountFilters, type AccountStatus, accountsOptions, type ListedAccount } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { type ConnectorSummaryView, connectorsOptions } from '../../api/catalogue.ts';
import { everyProfileOptions, type Profile } from '../../api/connector-profiles.ts';
import { useList } from '../../api/lists.ts';
import { type Column, DataTable, RowLink } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FilterBar, FilterText, useFilters } from '../../components/filter-bar.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import classes from './accounts.module.css';
import { OwnerName } from './owner-name.tsx';

const FILTERS = ['text', 'status', 'connector', 'connector_profile_id', 'owner_id'] as const;

const STATUSES: { value: AccountStatus; label: string }[] = [
  { value: 'active', label: 'Active' },
  { value: 'inactive', label: 'Inactive' },
  { value: 'reauth_required', label: 'Relink needed' },
  { value: 'error', label: 'Error' },
];

/** Every account of the project, as narrowed as the address says. */
export function AccountsPage() {
  const api = useApi();
  const filters = useFilters(FILTERS);
  const { values, set, setAll } = filters;
  const list = useList(accountsOptions(api, values as AccountFilters));
  const profiles = useQuery(everyProfileOptions(api));
  const connectors = useQuery(connectorsOptions(api));
  const profilesOfConnector = (profiles.data ?? []).filter(
    ({ connector }) => values.connector === undefined || connector === values.connector,
  );
  return (
    <>
      <PageHeader
        title="Accounts"
        description="Your customers' links. Each call names the account that it is for."
        actions={
          <Button component={Link} to={paths.linkAccount}>
            Link an account
          </Button>
        }
      />
      <FilterBar filters={filters}>
        <FilterText
          label="Owner"
          placeholder="Name or id"
          value={values.text}
          onChange={(value) => set('text', value)}
        />
        <Select
          label="Status"
          placeholder="Any"
          data={STATUSES}
          value={values.status ?? null}
          onChange={(value) => set('status', value)}
          clearable
          clearButtonProps={{ 'aria-label': 'Clear status' }}
        />
        <Select
          label="Connector"
          placeholder="Any"
          data={(connectors.data ?? []).map(({ id, label }) => ({ value: id, label }))}
          value={values.connector ?? null}
          onChange={(connector) => {
            const of = profiles.data?.find(({ id }) => id === values.connector_profile_id)?.connector;
            // A profile of another connector would leave nothing.
            setAll({ connector, ...(connector !== null && of !== connector && { connector_profile_id: null }) });
          }}
          clearable
          clearButtonProps={{ 'aria-label': 'Clear connector' }}
          searchable
        />
        <Select
          label="Profile"
          placeholder="Any"
          data={profilesOfConnector.map(({ id, name }) => ({ value: id, label: name }))}
          value={values.connector_profile_id ?? null}
          onChange={(value) => set('connector_profile_id', value)}
          clearable
          clearButtonProps={{ 'aria-label': 'Clear profile' }}
          searchable
        />
      </FilterBar>
      <QueryView query={list}>
        {() =>
          list.rows.length > 0 ? (
            <DataTable
              caption="Accounts"
              rows={list.rows}
              rowKey={({ id }) => id}
              columns={columnsWith(profiles.data ?? [], connectors.data ?? [])}
              busy={list.isFetching && !list.isFetchingNextPage}
            />
          ) : filters.active ? (
            <EmptyState title="No account fits" text="Nothing is linked that has all of these.">
              <Button variant="default" onClick={filters.clear}>
                Clear filters
              </Button>
            </EmptyState>
          ) : (
            <EmptyState
              title="No accounts yet"
              text="An account is one customer's link under a connector profile. Invite a customer, or make one yourself."
            >
              <Button component={Link} variant="default" to={paths.linkAccount}>
                Link an account
              </Button>
            </EmptyState>
          )
        }
      </QueryView>
      <LoadMore list={list} />
    </>
  );
}

function columnsWith(
  profiles: readonly Profile[],
  connectors: readonly ConnectorSummaryView[],
): Column<ListedAccount>[] {
  const names = new Map(profiles.map(({ id, name }) => [id, name]));
  const labels = new Map(connectors.map(({ id, label }) => [id, label]));
  return [
    {
      key: 'owner',
      header: 'Owner',
      cell: (account) => (
        <>
          <RowLink to={paths.account(account.id)}>
            <span className={classes.clamp}>
              <OwnerName account={account} />
            </span>
          </RowLink>
          {account.owner_name !== null && <bdi className={classes.sub}>{account.owner_id}</bdi>}
        </>
      ),
    },
    {
      key: 'status',
      header: 'Status',
      width: '18%',
      cell: ({ status, status_reasons }) => (
        <>
          <StatusBadge status={status} />
          {status_reasons.map(({ code, description }) => (
            <span key={code} className={classes.sub}>
              {description}
            </span>
          ))}
        </>
      ),
    },
    {
      key: 'profile',
      header: 'Profile',
      width: '16%',
      cell: ({ connector, connector_profile_id: id }) => (
        <>
          <bdi>{names.get(id) ?? id}</bdi>
          <span className={classes.sub}>{labels.get(connector) ?? connector}</span>
        </>
      ),
    },
    { key: 'scopes', header: 'Scopes', width: '11rem', cell: ({ access }) => <ScopesHeld access={access} /> },
    {
      key: 'ends',
      header: 'Access ends',
      width: '8.5rem',
      cell: ({ access: { ends_at } }) => <RelativeTime at={ends_at} never="–" />,
    },
    {
      key: 'last',
      header: 'Last call',
      width: '8.5rem',
      cell: ({ last_call_at }) => <RelativeTime at={last_call_at} />,
    },
  ];
}

/** Granted versus needed: whether what the enabled actions need is there, and what is not. */
function ScopesHeld({ access: { actions, missing_scopes } }: { access: ListedAccount['access'] }) {
  if (actions === null) return 'Unknown';
  return (
    <>
      {missing_scopes.length === 0 ? 'All that are needed' : `${missing_scopes.length} missing`}
      {/* Fewer also where an action needs a kind of token that the account does not have. */}
      {actions.allowed < actions.enabled && (
        <span className={classes.sub}>
          {actions.allowed} of {actions.enabled} actions allowed
        </span>
      )}
    </>
  );
}
