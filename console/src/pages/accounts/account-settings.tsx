import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type Account, accountKeys, accountOptions, changeAccount } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { connectorOptions } from '../../api/catalogue.ts';
import { errorAt, problemOf } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { useNotice } from '../../components/notice.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Section } from '../../components/section.tsx';
import { ConflictNotice } from '../../drafts/conflict-notice.tsx';
import { rebase } from '../../drafts/rebase.ts';
import { useDraft } from '../../drafts/use-draft.ts';
import { useFocusOnFault } from '../../drafts/use-focus-on-fault.ts';
import { type Drafts, draftAt, draftsOf, readDrafts } from '../../schema-form/drafts.ts';
import { type Field, fieldsOf } from '../../schema-form/object-schema.ts';
import { faultsByField, SchemaForm } from '../../schema-form/schema-form.tsx';

/** Whose account it is, and the settings that its connector declares. */
export function AccountSettings({ account }: { account: Account }) {
  const api = useApi();
  const connector = useQuery(connectorOptions(api, account.connector));
  return (
    <Section title="Owner and settings">
      <QueryView query={connector}>
        {(found) => <SettingsForm account={account} fields={fieldsOf(found.account_settings)} />}
      </QueryView>
    </Section>
  );
}

interface SettingsDraft {
  owner_id: string;
  owner_name: string;
  settings: Drafts;
}

function draftOf(account: Account, fields: readonly Field[]): SettingsDraft {
  const { owner_id, owner_name, settings } = account;
  return { owner_id, owner_name: owner_name ?? '', settings: draftsOf(fields, settings) };
}

function SettingsForm({ account, fields }: { account: Account; fields: readonly Field[] }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const present = draftOf(account, fields);
  const { draft, setDraft, base, conflicts, discard, saved } = useDraft(present, account.updated_at);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const change = changeOf(base, draft);
  const save = useMutation({
    mutationFn: async (settings: Record<string, unknown>) => {
      // The server takes whatever was changed last. What others changed is seen first, and then decided about.
      const found = await queries.fetchQuery({ ...accountOptions(api, account.id), staleTime: 0 });
      if (rebase(base, draftOf(found, fields), draft).conflicts.length > 0) return;
      const changed = await changeAccount(api, account.id, {
        ...change.owner,
        ...(change.settings && { settings }),
      });
      saved(draft);
      queries.setQueryData(accountKeys.one(account.id), changed);
      notice('Settings saved');
      await queries.invalidateQueries({ queryKey: accountKeys.all });
    },
    onError: (error) => {
      if (problemOf(error).code === 'version_conflict')
        void queries.invalidateQueries({ queryKey: accountKeys.one(account.id) });
    },
  });
  const changed = change.settings || Object.keys(change.owner).length > 0;
  const set = (more: Partial<SettingsDraft>) => {
    setFaults({});
    setDraft((before) => ({ ...before, ...more }));
  };
  const form = useFocusOnFault(save.error ?? (Object.keys(faults).length > 0 && faults));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (save.isPending) return;
    const { values, errors } = readDrafts(fields, draft.settings);
    setFaults(errors);
    if (Object.keys(errors).length === 0) save.mutate(values);
  };
  const reset = () => {
    save.reset();
    setFaults({});
    discard();
  };
  const said = faultsByField(fields, save.error ? problemOf(save.error).errors : [], '/settings');
  return (
    <form ref={form} onSubmit={submit}>
      <Stack gap="sm" maw="44rem">
        <TextInput
          label="Owner id"
          value={draft.owner_id}
          onChange={(event) => set({ owner_id: event.currentTarget.value })}
          error={errorAt(save.error, '/owner_id')}
          maxLength={200}
          required
          autoComplete="off"
        />
        <TextInput
          label="Owner name"
          value={draft.owner_name}
          onChange={(event) => set({ owner_name: event.currentTarget.value })}
          error={errorAt(save.error, '/owner_name')}
          maxLength={200}
          autoComplete="off"
        />
        <SchemaForm
          fields={fields}
          drafts={draft.settings}
          // An empty text is none: as it was before anything was typed.
          onChange={(settings) =>
            set({ settings: Object.fromEntries(Object.entries(settings).filter(([, text]) => text !== '')) })
          }
          errors={{ ...said.errors, ...faults }}
        />
        {save.error !== null && <ErrorState error={save.error} shown={['/owner_id', '/owner_name', ...said.shown]} />}
        <ConflictNotice conflicts={conflicts} onDiscard={reset} />
        <Group justify="flex-end" gap="xs">
          {changed && (
            <Button variant="default" onClick={reset} disabled={save.isPending}>
              Discard
            </Button>
          )}
          <Button type="submit" variant="default" disabled={!changed} loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What is to be sent: settings only all together. Pasted names bring spaces along. */
function changeOf(base: SettingsDraft, { owner_id, owner_name, settings }: SettingsDraft) {
  const names = new Set([...Object.keys(base.settings), ...Object.keys(settings)]);
  return {
    owner: {
      ...(owner_id.trim() !== base.owner_id && { owner_id: owner_id.trim() }),
      ...(owner_name.trim() !== base.owner_name && { owner_name: owner_name.trim() || null }),
    },
    settings: [...names].some((name) => draftAt(settings, name) !== draftAt(base.settings, name)),
  };
}
