import { Anchor, Button, Select, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { type Account, accountOptions } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { connectorOptions } from '../../api/catalogue.ts';
import { everyProfileOptions, type Profile } from '../../api/connector-profiles.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { paths } from '../../paths.ts';
import { LinkForm } from './link-form.tsx';

/** Makes an account, or an invitation for one. `?profile=` chooses the profile, `?account=` links that account again. */
export function LinkAccountPage() {
  const api = useApi();
  const [parameters] = useSearchParams();
  const accountId = parameters.get('account');
  const account = useQuery({ ...accountOptions(api, accountId ?? ''), enabled: accountId !== null });
  const profiles = useQuery(everyProfileOptions(api));
  return (
    <>
      <PageHeader
        title={accountId === null ? 'Link an account' : 'Link again'}
        description={
          accountId === null
            ? 'Invite a customer, or make the account here where nobody has to consent.'
            : 'The account keeps its id, its settings and its history; only what it may do at the provider is given anew.'
        }
        parent={
          accountId === null
            ? { label: 'Accounts', to: paths.accounts }
            : { label: 'Account', to: paths.account(accountId) }
        }
      />
      <QueryView query={profiles}>
        {(every) =>
          accountId === null ? (
            <ChosenProfile profiles={every} account={undefined} />
          ) : (
            <QueryView query={account}>{(found) => <ChosenProfile profiles={every} account={found} />}</QueryView>
          )
        }
      </QueryView>
    </>
  );
}

function ChosenProfile({ profiles, account }: { profiles: readonly Profile[]; account: Account | undefined }) {
  const [parameters, setParameters] = useSearchParams();
  const usable = profiles.filter(({ connector }) => account === undefined || connector === account.connector);
  const [only] = usable;
  const given = parameters.get('profile') ?? account?.connector_profile_id;
  const chosen = usable.find(({ id }) => id === given) ?? (usable.length === 1 ? only : undefined);
  if (usable.length === 0)
    return (
      <EmptyState
        title="There is no connector profile yet"
        text="A profile says with which app of yours at the provider accounts are linked."
      >
        <Button component={Link} to={paths.newProfile}>
          New profile
        </Button>
      </EmptyState>
    );
  return (
    <Stack gap="md" maw="52rem">
      <Section title="Connector profile">
        <Select
          label="Profile"
          placeholder="Choose one"
          data={usable.map(({ id, name, enabled }) => ({ value: id, label: enabled ? name : `${name} (disabled)` }))}
          value={chosen?.id ?? null}
          onChange={(id) =>
            setParameters(
              (before) => {
                const after = new URLSearchParams(before);
                if (id) after.set('profile', id);
                return after;
              },
              { replace: true },
            )
          }
          allowDeselect={false}
          searchable
        />
        {chosen && !chosen.enabled && (
          <Text mt="xs" role="status">
            This profile is disabled: nobody can link an account by it, and calls are refused.{' '}
            <Anchor component={Link} to={paths.profile(chosen.id)} underline="always">
              Enable it
            </Anchor>{' '}
            first.
          </Text>
        )}
      </Section>
      {chosen && <FormOf key={`${chosen.id} ${account?.id}`} profile={chosen} account={account} />}
    </Stack>
  );
}

function FormOf({ profile, account }: { profile: Profile; account: Account | undefined }) {
  const api = useApi();
  const connector = useQuery(connectorOptions(api, profile.connector));
  return (
    <QueryView query={connector}>
      {(found) => {
        const method = found.authentication.find(({ id }) => id === profile.authentication);
        if (!method) return <Text>The connector has the authentication “{profile.authentication}” no longer.</Text>;
        return <LinkForm connector={found} method={method} profile={profile} account={account} />;
      }}
    </QueryView>
  );
}
