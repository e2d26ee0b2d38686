import { Anchor, Button, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import {
  type Account,
  accountKeys,
  type CredentialView,
  credentialOptions,
  refreshAccount,
} from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Facts } from '../../components/facts.tsx';
import { useNotice } from '../../components/notice.tsx';
import { useNow } from '../../components/now.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import classes from './accounts.module.css';
import { durationText } from './duration-text.ts';
import { needsByScopes } from './needs-by-scopes.ts';

/** With what the account acts at the provider: never the token, but how long it lasts, and what it does not suffice for. */
export function AccountAccess({ account }: { account: Account }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const credential = useQuery(credentialOptions(api, account.id));
  const refresh = useMutation({
    mutationFn: () => refreshAccount(api, account.id),
    onSuccess: () => notice('Refreshed'),
    // A refusal may have changed the account's status.
    onSettled: () => queries.invalidateQueries({ queryKey: accountKeys.all }),
  });
  const held = credential.data !== undefined && credential.data.obtained_at !== null;
  return (
    <Section
      title="Access at the provider"
      actions={
        held &&
        credential.data?.refreshable && (
          <Button variant="default" loading={refresh.isPending} onClick={() => refresh.mutate()}>
            Refresh now
          </Button>
        )
      }
    >
      <Stack gap="md">
        {refresh.error !== null && <ErrorState error={refresh.error} />}
        <QueryView query={credential}>
          {(view) => (
            <>
              <Grant view={view} asOf={credential.dataUpdatedAt} />
              <Needs view={view} account={account} />
            </>
          )}
        </QueryView>
      </Stack>
    </Section>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  client_credentials: 'The app’s own token',
  jwt_bearer: 'A robot user’s token, by a signed assertion',
  authorization_code: 'A person’s consent',
  provided_token: 'A token from elsewhere',
  api_key: 'The account’s own key',
};

/** `asOf`: when the view came, in milliseconds since the epoch; its times count from there. */
function Grant({ view, asOf }: { view: CredentialView; asOf: number }) {
  const passedS = Math.max(0, (useNow() - asOf) / 1_000);
  const { kind, tokens, obtained_at, access_expires_in_s, refreshable, refresh_expires_in_s, dead, identity } = view;
  const scopes = view.granted_scopes;
  return (
    <Facts
      facts={[
        ['By', kind === null ? undefined : (KINDS[kind] ?? kind)],
        ['Kinds of token', tokens.length > 0 ? tokens.join(', ') : 'None'],
        [
          'Linked by',
          identity ? (
            <bdi key="who">{[identity.name, identity.email].filter(Boolean).join(', ') || identity.subject}</bdi>
          ) : undefined,
        ],
        [
          'State',
          dead === null ? undefined : (
            <StatusBadge key="state" tone="bad">
              {dead}
            </StatusBadge>
          ),
        ],
        ['Obtained', obtained_at === null ? undefined : <RelativeTime key="obtained" at={obtained_at} />],
        [
          'Access token',
          // Of a dead grant nothing is used any more.
          access_expires_in_s === null || dead !== null
            ? undefined
            : access_expires_in_s <= passedS
              ? 'Over'
              : `Ends in ${durationText(access_expires_in_s - passedS)}`,
        ],
        [
          'Refresh token',
          obtained_at === null || kind === 'api_key' || dead !== null
            ? undefined
            : !refreshable
              ? 'None: with the access token the account ends'
              : refresh_expires_in_s === null
                ? 'Kept'
                : refresh_expires_in_s <= passedS
                  ? 'Over'
                  : `Ends in ${durationText(refresh_expires_in_s - passedS)} without use`,
        ],
        [
          'Granted scopes',
          scopes === null ? (
            'As the connector profile has them'
          ) : scopes.length === 0 ? (
            'None'
          ) : (
            <Scopes key="scopes" scopes={scopes} label="Granted scopes" />
          ),
        ],
      ]}
    />
  );
}

function Needs({ view, account }: { view: CredentialView; account: Account }) {
  const { actions, required } = view;
  return (
    <Stack gap="xs">
      <Text>
        {account.status === 'active'
          ? `${actions.allowed} of ${actions.enabled} enabled actions can be called.`
          : `No action can be called as it is. Once it is active again, ${actions.allowed} of ${actions.enabled} can.`}
        {actions.token_kind_unavailable > 0 &&
          ` ${actions.token_kind_unavailable === 1 ? 'One needs' : `${actions.token_kind_unavailable} need`} a kind of token that the account does not have.`}
      </Text>
      {required.length > 0 && (
        <>
          <Text c="dimmed">
            {required.length === 1 ? 'One lacks scopes.' : `${required.length} lack scopes.`}
            {required.some(({ granted_by }) => granted_by === 'operator') && (
              <>
                {' '}
                Some must be added to the{' '}
                <Anchor component={Link} to={paths.profile(account.connector_profile_id)} underline="always">
                  connector profile
                </Anchor>
                .
              </>
            )}
            {required.some(({ granted_by }) => granted_by === 'end_user') && (
              <>
                {' '}
                Some the customer must consent to:{' '}
                <Anchor component={Link} to={paths.linkAgain(account.id)} underline="always">
                  link the account again
                </Anchor>
                .
              </>
            )}
          </Text>
          <DataTable
            caption="Scopes that are missing"
            rows={needsByScopes(required)}
            rowKey={({ key }) => key}
            columns={[
              {
                key: 'scopes',
                header: 'Missing',
                width: '30%',
                cell: ({ scopes }) => <Scopes scopes={scopes} label="Missing scopes" />,
              },
              {
                key: 'by',
                header: 'Where to add it',
                width: '16%',
                cell: ({ grantedBy }) => (grantedBy === 'operator' ? 'Connector profile' : 'Customer’s consent'),
              },
              { key: 'actions', header: 'Needed by', cell: ({ actions }) => <Needing actions={actions} /> },
            ]}
          />
        </>
      )}
    </Stack>
  );
}

/** One action, or how many: a list of all would bury the scopes. */
function Needing({ actions }: { actions: readonly string[] }) {
  const [only] = actions;
  if (actions.length === 1) return <code>{only}</code>;
  return (
    <details>
      <summary>{actions.length} actions</summary>
      <ul className={classes.actions}>
        {actions.map((action) => (
          <li key={action}>
            <code>{action}</code>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Scopes({ scopes, label }: { scopes: readonly string[]; label: string }) {
  return (
    <ul className={classes.scopes} aria-label={label}>
      {scopes.map((scope) => (
        <li key={scope}>
          <code>{scope}</code>
        </li>
      ))}
    </ul>
  );
}
