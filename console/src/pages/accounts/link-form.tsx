import { Button, Checkbox, Group, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { type Account, createAccount, replaceCredential } from '../../api/accounts.ts';
import { renewProfilesAndAccounts } from '../../api/after-change.ts';
import { useApi } from '../../api/api-context.tsx';
import type { ConnectorView } from '../../api/catalogue.ts';
import { createConnectSession, type NewConnectSessionView } from '../../api/connect-sessions.ts';
import type { Profile } from '../../api/connector-profiles.ts';
import { errorAt, problemOf } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { useNotice } from '../../components/notice.tsx';
import { Section } from '../../components/section.tsx';
import { useFocusOnFault } from '../../drafts/use-focus-on-fault.ts';
import { paths } from '../../paths.ts';
import { type Drafts, draftsOf, readDrafts } from '../../schema-form/drafts.ts';
import { fieldsOf } from '../../schema-form/object-schema.ts';
import { faultsByField, SchemaForm } from '../../schema-form/schema-form.tsx';
import classes from './accounts.module.css';
import { type CredentialDraft, CredentialFields, credentialBody, credentialPointers } from './credential-fields.tsx';
import { LinkSession } from './link-session.tsx';
import { credentialOf, WAYS, type Way, waysOf } from './linking-ways.ts';

interface LinkFormProps {
  connector: ConnectorView;
  method: ConnectorView['authentication'][number];
  profile: Profile;
  /** Is linked again; undefined for a new one. */
  account: Account | undefined;
}

const LIVES = [
  { value: '900', label: '15 minutes' },
  { value: '1800', label: '30 minutes' },
];

/** Whose account it is, how it is linked, and with which settings. */
export function LinkForm({ connector, method, profile, account }: LinkFormProps) {
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const notice = useNotice();
  const fields = fieldsOf(connector.account_settings);
  const credentialKind = credentialOf(method.grant);
  // An account that is there needs no other than a new credential, if its method takes one.
  const ways = waysOf(method.grant).filter(
    (each) => !account || each !== 'here' || (credentialKind && account.connector_profile_id === profile.id),
  );
  const [way, setWay] = useState<Way>(ways[0] ?? 'link');
  const [ownerId, setOwnerId] = useState(account?.owner_id ?? '');
  const [ownerName, setOwnerName] = useState(account?.owner_name ?? '');
  const [drafts, setDrafts] = useState<Drafts>(() => draftsOf(fields, account?.settings ?? {}));
  const [credential, setCredential] = useState<CredentialDraft>({});
  const [lifeS, setLifeS] = useState('900');
  const [otherPerson, setOtherPerson] = useState(false);
  const [opened, setOpened] = useState<NewConnectSessionView>();
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const here = way === 'here';
  const at = account ? '' : '/credential';

  const send = useMutation({
    mutationFn: async (settings: Record<string, unknown>): Promise<string | NewConnectSessionView> => {
      const owner = { owner_id: ownerId.trim(), owner_name: ownerName.trim() || null };
      if (!here) {
        return createConnectSession(api, {
          connector_profile_id: profile.id,
          ...(account ? { account_id: account.id } : owner),
          settings,
          expires_in_s: Number(lifeS),
          ...(otherPerson && { allow_identity_change: true }),
          ...(way === 'device' && { flow: 'device' as const }),
        });
      }
      const given = credentialKind && credentialBody(credentialKind, credential);
      if (account)
        await replaceCredential(api, account.id, { ...given, ...(otherPerson && { allow_identity_change: true }) });
      const made =
        account ??
        (await createAccount(api, {
          connector_profile_id: profile.id,
          ...owner,
          settings,
          ...(given && { credential: given }),
        }));
      setCredential({});
      await renewProfilesAndAccounts(queries);
      return made.id;
    },
    // What it was sent with, and the link that it gave, are not to be kept.
    gcTime: 0,
  });
  const form = useFocusOnFault(send.error ?? (Object.keys(faults).length > 0 && faults));

  if (opened) return <LinkSession opened={opened} onAgain={() => setOpened(undefined)} />;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (send.isPending) return;
    const { values, errors } = readDrafts(
      // Whoever is invited can be asked for what is missing.
      fields.map((field) => (here ? field : { ...field, required: false })),
      drafts,
    );
    setFaults(errors);
    if (Object.keys(errors).length > 0) return;
    send.mutate(values, {
      // Not of whoever has gone elsewhere meanwhile.
      onSuccess(made) {
        send.reset();
        if (typeof made !== 'string') return setOpened(made);
        notice(account ? 'Account linked again' : 'Account made');
        void navigate(paths.account(made));
      },
    });
  };
  const said = faultsByField(fields, send.error ? problemOf(send.error).errors : [], '/settings');
  const shown = [...said.shown, '/owner_id', '/owner_name', ...(here && credentialKind ? credentialPointers(at) : [])];
  return (
    <form ref={form} onSubmit={submit}>
      <Stack gap="md">
        <Section title="How" description={method.label}>
          <Stack gap="xs">
            {ways.length > 1 && (
              <SegmentedControl
                transitionDuration={0}
                aria-label="How the account is linked"
                data={ways.map((each) => ({ value: each, label: WAYS[each].label }))}
                value={way}
                onChange={setWay}
                classNames={{ root: classes.ways }}
              />
            )}
            <Text c="dimmed">{account && here ? 'Give the new credential.' : WAYS[way].text}</Text>
            {here && credentialKind && (
              <CredentialFields
                kind={credentialKind}
                draft={credential}
                onChange={setCredential}
                error={send.error}
                at={at}
              />
            )}
            {!here && (
              <Select
                label="Works for"
                data={LIVES}
                value={lifeS}
                onChange={(value) => setLifeS(value ?? '900')}
                allowDeselect={false}
                maw="14rem"
              />
            )}
            {account?.identity && (
              <Checkbox
                label="May be another person than before"
                description={
                  <>
                    Linked by <bdi>{account.identity.name ?? account.identity.email ?? account.identity.subject}</bdi>
                  </>
                }
                checked={otherPerson}
                onChange={(event) => setOtherPerson(event.currentTarget.checked)}
              />
            )}
          </Stack>
        </Section>
        {!account && (
          <Section title="Owner" description="The customer whose account it is, in your own terms.">
            <Stack gap="sm">
              <TextInput
                label="Owner id"
                description="As your systems call the customer."
                value={ownerId}
                onChange={(event) => setOwnerId(event.currentTarget.value)}
                error={errorAt(send.error, '/owner_id')}
                maxLength={200}
                required
                autoComplete="off"
              />
              <TextInput
                label="Owner name"
                description="For people to read: in this console, and on the page that the customer sees."
                value={ownerName}
                onChange={(event) => setOwnerName(event.currentTarget.value)}
                error={errorAt(send.error, '/owner_name')}
                maxLength={200}
                autoComplete="off"
              />
            </Stack>
          </Section>
        )}
        {fields.length > 0 && !(account && here) && (
          <Section
            title="Settings"
            description={
              here ? undefined : 'With these the customer’s form begins; what is left out, the customer may give.'
            }
          >
            <SchemaForm
              fields={fields}
              drafts={drafts}
              onChange={(typed) => {
                setDrafts(typed);
                setFaults({});
              }}
              errors={{ ...said.errors, ...faults }}
            />
          </Section>
        )}
        {send.error !== null && <ErrorState error={send.error} shown={shown} />}
        <Group justify="flex-end">
          <Button type="submit" loading={send.isPending}>
            {here ? (account ? 'Link again' : 'Make the account') : 'Make the invitation'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
