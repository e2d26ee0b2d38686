import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { ApiKey, ApiKeyChangeRequest } from '../../api/api-keys.ts';
import { errorAt } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { endOf, KEPT, KeyEnd } from './key-end.tsx';
import { KeyLimits } from './key-limits.tsx';

interface NarrowKeyFormProps {
  /** When another one comes, nothing that it no longer has stays chosen. */
  apiKey: ApiKey;
  /** Whether it is the key that the operator is signed in with. */
  own: boolean;
  onCancel: () => void;
  /** Its rejection is shown. */
  onSubmit: (change: ApiKeyChangeRequest) => Promise<void>;
}

/** Another name for a key, and less that it may do. What it has not is not offered. */
export function NarrowKeyForm({ apiKey, own, onCancel, onSubmit }: NarrowKeyFormProps) {
  const [name, setName] = useState(apiKey.name);
  const [chosenActions, setActions] = useState(apiKey.actions);
  const [chosenAccounts, setAccounts] = useState(apiKey.accounts);
  const [end, setEnd] = useState(KEPT);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const actions = within(chosenActions, apiKey.actions);
  const accounts = within(chosenAccounts, apiKey.accounts);
  const change: ApiKeyChangeRequest = {
    ...(name.trim() !== apiKey.name && { name: name.trim() }),
    ...(actions !== null && actions.length !== apiKey.actions?.length && { actions }),
    ...(accounts !== null && accounts.length !== apiKey.accounts?.length && { accounts }),
  };
  const nothing = (names: string[] | undefined | null) => names?.length === 0;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      const expiresAt = endOf(end);
      await onSubmit({ ...change, ...(expiresAt !== undefined && { expires_at: expiresAt }) });
    } catch (failure) {
      setError(failure);
      setPending(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <Text>
          It can be given less, at once and for good, never more: whoever has the token would get it without a word.
        </Text>
        <TextInput
          label="Name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errorAt(error, '/name')}
          maxLength={200}
          required
          data-autofocus
        />
        {apiKey.role === 'backend' && (
          <KeyLimits
            now={apiKey}
            actions={actions}
            accounts={accounts}
            onActions={setActions}
            onAccounts={setAccounts}
            error={error}
          />
        )}
        <KeyEnd now={apiKey.expires_at} end={end} onChange={setEnd} error={error} />
        {own && end.kind !== KEPT.kind && (
          <Text>It is the key that you are signed in with: you will be signed out then.</Text>
        )}
        {error !== undefined && <ErrorState error={error} shown={['/name', '/actions', '/accounts', '/expires_at']} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel} disabled={pending}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={pending}
            disabled={
              name.trim() === '' ||
              (Object.keys(change).length === 0 && end.kind === KEPT.kind) ||
              nothing(change.actions) ||
              nothing(change.accounts)
            }
          >
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Of what was chosen only what the key still has; null: all. */
function within(chosen: string[] | null, had: string[] | null): string[] | null {
  return had === null ? chosen : (chosen ?? had).filter((name) => had.includes(name));
}
