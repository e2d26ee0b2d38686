import { Button, Checkbox, Group, Stack, Switch, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { errorAt } from '../../api/problem.ts';
import type { NewEndpointRequest, WebhookEndpoint } from '../../api/webhook-endpoints.ts';
import { ErrorState } from '../../components/error-state.tsx';

type EventType = NonNullable<WebhookEndpoint['events']>[number];

const EVENTS = {
  'account.created': 'An account was linked',
  'account.updated': 'An account was changed',
  'account.reauth_required': 'An account has to be linked again',
  'account.deleted': 'An account was removed',
} as const satisfies Record<EventType, string>;
const EVENT_TYPES = Object.keys(EVENTS) as EventType[];

interface EndpointFormProps {
  /** Undefined: a new one. */
  endpoint?: WebhookEndpoint;
  onCancel?: () => void;
  /** Its rejection is shown. */
  onSubmit: (body: Required<NewEndpointRequest>) => Promise<void>;
}

export function EndpointForm({ endpoint, onCancel, onSubmit }: EndpointFormProps) {
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [description, setDescription] = useState(endpoint?.description ?? '');
  const [enabled, setEnabled] = useState(endpoint?.enabled ?? true);
  const [all, setAll] = useState(endpoint === undefined || endpoint.events === null);
  const [types, setTypes] = useState<string[]>(endpoint?.events ?? EVENT_TYPES);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      const events = all ? null : EVENT_TYPES.filter((type) => types.includes(type));
      await onSubmit({ url: url.trim(), description: description.trim() || null, events, enabled });
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label="URL"
          description="https; whoever can call it must have the secret to be believed"
          placeholder="https://app.example.com/hooks/corbel"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={errorAt(error, '/url')}
          required
          spellCheck={false}
          data-autofocus={endpoint === undefined || undefined}
        />
        <TextInput
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={errorAt(error, '/description')}
          maxLength={200}
        />
        <Checkbox label="All events" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
        {!all && (
          <Checkbox.Group label="Events" value={types} onChange={setTypes} error={errorAt(error, '/events')}>
            <Stack gap="xs" mt="xs">
              {EVENT_TYPES.map((type) => (
                <Checkbox key={type} value={type} label={EVENTS[type]} description={type} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <Switch
          label="Enabled"
          description="A disabled endpoint is sent nothing"
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
        {error !== undefined && <ErrorState error={error} shown={['/url', '/description', '/events']} />}
        <Group justify={onCancel ? 'flex-end' : 'flex-start'} gap="xs">
          {onCancel && (
            <Button variant="default" onClick={onCancel} disabled={pending}>
              Cancel
            </Button>
          )}
          <Button type="submit" loading={pending} disabled={url.trim() === '' || (!all && types.length === 0)}>
            {endpoint ? 'Save' : 'Create endpoint'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
