import { Button, Group, Radio, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { ApiKey, NewApiKeyRequest } from '../../api/api-keys.ts';
import { errorAt } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { endOf, KeyEnd, NEVER } from './key-end.tsx';
import { KeyLimits } from './key-limits.tsx';

interface NewKeyFormProps {
  onCancel: () => void;
  /** Its rejection is shown. */
  onSubmit: (body: NewApiKeyRequest) => Promise<void>;
}

export function NewKeyForm({ onCancel, onSubmit }: NewKeyFormProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<ApiKey['role']>('backend');
  const [actions, setActions] = useState<string[] | null>(null);
  const [accounts, setAccounts] = useState<string[] | null>(null);
  const [end, setEnd] = useState(NEVER);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      const narrowed = role === 'backend' ? { actions, accounts } : {};
      await onSubmit({ name: name.trim(), role, ...narrowed, expires_at: endOf(end) ?? null });
    } catch (failure) {
      setError(failure);
      setPending(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Where the key is used, so that you know it again"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errorAt(error, '/name')}
          maxLength={200}
          required
          data-autofocus
        />
        <Radio.Group label="Role" value={role} onChange={(value) => setRole(value as ApiKey['role'])}>
          <Stack gap="xs" mt="xs">
            <Radio
              value="backend"
              label="Backend"
              description="Calls actions, reads accounts, makes links for people"
            />
            <Radio value="operator" label="Operator" description="Sets everything up, here and by the API" />
          </Stack>
        </Radio.Group>
        {role === 'backend' && (
          <KeyLimits
            actions={actions}
            accounts={accounts}
            onActions={setActions}
            onAccounts={setAccounts}
            error={error}
          />
        )}
        <KeyEnd end={end} onChange={setEnd} error={error} />
        {error !== undefined && <ErrorState error={error} shown={['/name', '/actions', '/accounts', '/expires_at']} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel} disabled={pending}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={pending}
            disabled={name.trim() === '' || (role === 'backend' && (actions?.length === 0 || accounts?.length === 0))}
          >
            Create key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
