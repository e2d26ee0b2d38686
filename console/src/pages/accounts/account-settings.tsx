import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type Account, accountKeys, changeAccount } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { connectorOptions } from '../../api/catalogue.ts';
import { errorAt, problemOf } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { useNotice } from '../../components/notice.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { type Drafts, draftsOf, readDrafts } from '../../schema-form/drafts.ts';
import { type Field, fieldsOf } from '../../schema-form/object-schema.ts';
import { faultsByField, SchemaForm } from '../../schema-form/schema-form.tsx';

/** Whose account it is, and the settings that its connector declares. */
export function AccountSettings({ account }: { account: Account }) {
  const api = useApi();
  const connector = useQuery(connectorOptions(api, account.connector));
  return (
    <Section title="Owner and settings">
      <QueryView query={connector}>
        {(found) => (
          // Anew whenever it was changed: what was typed is saved then.
          <SettingsForm key={account.updated_at} account={account} fields={fieldsOf(found.account_settings)} />
        )}
      </QueryView>
    </Section>
  );
}

function SettingsForm({ account, fields }: { account: Account; fields: readonly Field[] }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const before = draftsOf(fields, account.settings);
  const [drafts, setDrafts] = useState<Drafts>(before);
  const [ownerId, setOwnerId] = useState(account.owner_id);
  const [ownerName, setOwnerName] = useState(account.owner_name ?? '');
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const save = useMutation({
    mutationFn: (settings: Record<string, unknown>) =>
      changeAccount(api, account.id, { owner_id: ownerId, owner_name: ownerName.trim() || null, settings }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: accountKeys.all });
      notice('Settings saved');
    },
  });
  const changed =
    ownerId !== account.owner_id ||
    ownerName.trim() !== (account.owner_name ?? '') ||
    fields.some(({ name }) => (drafts[name] ?? '') !== (before[name] ?? ''));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { values, errors } = readDrafts(fields, drafts);
    setFaults(errors);
    if (Object.keys(errors).length === 0) save.mutate(values);
  };
  const said = faultsByField(fields, save.error ? problemOf(save.error).errors : [], '/settings');
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" maw="44rem">
        <TextInput
          label="Owner id"
          value={ownerId}
          onChange={(event) => setOwnerId(event.currentTarget.value)}
          error={errorAt(save.error, '/owner_id')}
          maxLength={200}
          required
          autoComplete="off"
        />
        <TextInput
          label="Owner name"
          value={ownerName}
          onChange={(event) => setOwnerName(event.currentTarget.value)}
          error={errorAt(save.error, '/owner_name')}
          maxLength={200}
          autoComplete="off"
        />
        <SchemaForm fields={fields} drafts={drafts} onChange={setDrafts} errors={{ ...said.errors, ...faults }} />
        {save.error !== null && <ErrorState error={save.error} shown={['/owner_id', '/owner_name', ...said.shown]} />}
        <Group justify="flex-end">
          <Button type="submit" variant="default" disabled={!changed} loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
