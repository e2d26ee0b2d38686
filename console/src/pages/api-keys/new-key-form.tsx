import { Button, Checkbox, Group, MultiSelect, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import type { ApiKey, NewApiKeyRequest } from '../../api/api-keys.ts';
import { actionsOptions } from '../../api/catalogue.ts';
import { errorAt } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { AccountChoice } from './account-choice.tsx';

interface NewKeyFormProps {
  onCancel: () => void;
  /** Its rejection is shown. */
  onSubmit: (body: NewApiKeyRequest) => Promise<void>;
}

const DAY_MS = 86_400_000;
const EXPIRIES = [
  { value: 'never', label: 'Never' },
  { value: '7', label: 'In 7 days' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: 'date', label: 'At a date' },
];

export function NewKeyForm({ onCancel, onSubmit }: NewKeyFormProps) {
  const api = useApi();
  const [name, setName] = useState('');
  const [role, setRole] = useState<ApiKey['role']>('backend');
  const [actions, setActions] = useState<string[] | null>(null);
  const [accounts, setAccounts] = useState<string[] | null>(null);
  const [expiry, setExpiry] = useState('never');
  const [date, setDate] = useState('');
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const catalogue = useQuery({ ...actionsOptions(api), enabled: actions !== null });
  const groups = Object.entries(Object.groupBy(catalogue.data ?? [], ({ connector }) => connector));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      const narrowed = role === 'backend' ? { actions, accounts } : {};
      await onSubmit({ name: name.trim(), role, ...narrowed, expires_at: expiryOf(expiry, date) });
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
          <Stack gap="sm">
            <Checkbox
              label="Only certain actions"
              checked={actions !== null}
              onChange={(event) => setActions(event.currentTarget.checked ? [] : null)}
            />
            {actions !== null && (
              <MultiSelect
                label="Actions"
                placeholder={actions.length === 0 ? 'Search by id' : ''}
                data={groups.map(([group, entries = []]) => ({ group, items: entries.map(({ id }) => id) }))}
                value={actions}
                onChange={setActions}
                error={errorAt(error, '/actions')}
                searchable
                hidePickedOptions
                required
                limit={100}
                nothingFoundMessage={catalogue.isPending ? 'Loading' : 'No such action'}
              />
            )}
            <Checkbox
              label="Only certain accounts"
              checked={accounts !== null}
              onChange={(event) => setAccounts(event.currentTarget.checked ? [] : null)}
            />
            {accounts !== null && (
              <AccountChoice value={accounts} onChange={setAccounts} error={errorAt(error, '/accounts')} />
            )}
          </Stack>
        )}
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <Select
            label="Expires"
            data={EXPIRIES}
            value={expiry}
            onChange={(value) => setExpiry(value ?? 'never')}
            allowDeselect={false}
            error={expiry === 'date' ? undefined : errorAt(error, '/expires_at')}
          />
          {expiry === 'date' && (
            <TextInput
              type="datetime-local"
              label="Date and time"
              value={date}
              onChange={(event) => setDate(event.currentTarget.value)}
              error={errorAt(error, '/expires_at')}
              required
            />
          )}
        </Group>
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

/** ISO 8601 in UTC; null: never. What is no date goes to the server as it is, which says so. */
function expiryOf(expiry: string, date: string): string | null {
  if (expiry === 'never') return null;
  if (expiry !== 'date') return new Date(Date.now() + Number(expiry) * DAY_MS).toISOString();
  const time = Date.parse(date);
  return Number.isNaN(time) ? date : new Date(time).toISOString();
}
