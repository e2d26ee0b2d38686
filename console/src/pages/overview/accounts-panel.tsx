import { Anchor, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import type { OverviewView } from '../../api/overview.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import { count } from './figures.ts';
import classes from './overview.module.css';

/** How the accounts are, and which of them are about to need somebody. */
export function AccountsPanel({ overview: { accounts, lapsing } }: { overview: OverviewView }) {
  const statuses = Object.entries(accounts.by_status).filter(([status, some]) => some > 0 || status === 'active');
  return (
    <Section title="Accounts">
      <ul className={classes.plain}>
        {statuses.map(([status, some]) => (
          <li key={status} className={classes.line}>
            <Anchor component={Link} to={`${paths.accounts}?status=${status}`} underline="never">
              <StatusBadge status={status} />
            </Anchor>
            <span>{count(some)}</span>
          </li>
        ))}
      </ul>
      <Title order={3} mt="md" mb="xs">
        About to lapse
      </Title>
      {lapsing.length === 0 ? (
        <Text c="dimmed">No refresh token expires within three days.</Text>
      ) : (
        <ul className={classes.plain}>
          {lapsing.map(({ account, owner_name, owner_id, refresh_expires_at }) => (
            <li key={account} className={classes.line}>
              <Anchor component={Link} to={paths.account(account)}>
                {owner_name ?? owner_id}
              </Anchor>
              <RelativeTime at={refresh_expires_at} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
