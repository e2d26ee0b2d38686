import { Anchor, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { type Account, accountOptions } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { connectorsOptions } from '../../api/catalogue.ts';
import { profileOptions } from '../../api/connector-profiles.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Facts } from '../../components/facts.tsx';
import { IdText } from '../../components/id-text.tsx';
import { useLiveInterval } from '../../components/live-interval.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import { AccountAccess } from './account-access.tsx';
import { AccountActions } from './account-actions.tsx';
import { AccountDiagnosis } from './account-diagnosis.tsx';
import { AccountSettings } from './account-settings.tsx';
import classes from './accounts.module.css';

// The last call of an account is told a minute late; a status that changed should not wait so long.
const REFRESH_MS = 15_000;

/** One customer's link: how it is, what it may do, and what can be done about it. */
export function AccountPage() {
  const { id = '' } = useParams();
  // Drafts and diagnoses are those of one account.
  return <PageOfAccount key={id} id={id} />;
}

function PageOfAccount({ id }: { id: string }) {
  const account = useQuery({ ...accountOptions(useApi(), id), refetchInterval: useLiveInterval(REFRESH_MS) });
  return (
    <>
      <PageHeader
        title={account.data ? (account.data.owner_name ?? account.data.owner_id) : 'Account'}
        parent={{ label: 'Accounts', to: paths.accounts }}
        {...(account.data && {
          badge: <StatusBadge status={account.data.status} />,
          actions: <AccountActions account={account.data} />,
        })}
      />
      <QueryView query={account}>
        {(found) => (
          <Stack gap="md">
            {found.status !== 'active' && <Reasons account={found} />}
            <About account={found} />
            <AccountAccess account={found} />
            <AccountDiagnosis id={found.id} />
            <AccountSettings account={found} />
            <History account={found} />
          </Stack>
        )}
      </QueryView>
    </>
  );
}

function Reasons({ account }: { account: Account }) {
  return (
    <section className={classes.reasons} aria-label="Why it is not active">
      {account.status_reasons.map(({ code, description, at }) => (
        <div key={`${code} ${at}`}>
          <Text fw={500}>{description}</Text>
          <Text c="dimmed" size="sm">
            <code>{code}</code> <RelativeTime at={at} />
            {code === 'profile_disabled' && (
              <>
                {' · '}
                <Anchor component={Link} to={paths.profile(account.connector_profile_id)} underline="always">
                  Enable the profile
                </Anchor>
              </>
            )}
          </Text>
        </div>
      ))}
      {account.status_reasons.length === 0 && <Text>No reason was noted.</Text>}
      {account.status === 'reauth_required' && (
        <Text mt="xs">
          <Anchor component={Link} to={paths.linkAgain(account.id)} underline="always">
            Link it again
          </Anchor>{' '}
          with the same customer.
        </Text>
      )}
    </section>
  );
}

function About({ account }: { account: Account }) {
  const api = useApi();
  const profile = useQuery(profileOptions(api, account.connector_profile_id));
  const connectors = useQuery(connectorsOptions(api));
  const connector = connectors.data?.find(({ id }) => id === account.connector);
  return (
    <Section
      title="Account"
      actions={
        <Anchor component={Link} to={`${paths.requests}?account=${account.id}`}>
          Its requests
        </Anchor>
      }
    >
      <Facts
        facts={[
          ['Account id', <IdText key="id" id={account.id} what="account id" />],
          ['Owner id', <bdi key="owner">{account.owner_id}</bdi>],
          [
            'Connector profile',
            <Anchor key="profile" component={Link} to={paths.profile(account.connector_profile_id)}>
              <bdi>{profile.data?.name ?? account.connector_profile_id}</bdi>
            </Anchor>,
          ],
          ['Connector', connector?.label ?? account.connector],
          ['Last call', <RelativeTime key="last" at={account.last_call_at} />],
          ['Linked', <RelativeTime key="linked" at={account.linked_at} never="Unknown" />],
          ['Created', <RelativeTime key="created" at={account.created_at} />],
        ]}
      />
    </Section>
  );
}

function History({ account: { status_history } }: { account: Account }) {
  if (status_history.length < 2) return null;
  return (
    <Section title="Status history">
      <DataTable
        caption="Changes of the status"
        rows={status_history}
        rowKey={({ at, status }) => `${at} ${status}`}
        columns={[
          { key: 'status', header: 'Status', cell: ({ status }) => <StatusBadge status={status} /> },
          {
            key: 'why',
            header: 'Why',
            cell: ({ reasons }) => reasons.map(({ description }) => description).join(' ') || '–',
          },
          { key: 'at', header: 'Since', cell: ({ at }) => <RelativeTime at={at} /> },
        ]}
      />
    </Section>
  );
}
