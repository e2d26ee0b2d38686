import { Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import {
  changeWebhookEndpoint,
  deleteWebhookEndpoint,
  rotateWebhookSecret,
  type WebhookEndpoint,
  webhookKeys,
} from '../../api/webhook-endpoints.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { IdText } from '../../components/id-text.tsx';
import { useNotice } from '../../components/notice.tsx';
import { SideDrawer } from '../../components/side-drawer.tsx';
import { Deliveries } from './deliveries.tsx';
import { EndpointForm } from './endpoint-form.tsx';
import { EndpointSecret } from './endpoint-secret.tsx';

interface EndpointDrawerProps {
  opened: boolean;
  /** Undefined: there is none (any more). */
  endpoint: WebhookEndpoint | undefined;
  onClose: () => void;
}

/** An endpoint: what was delivered to it, its settings, its secret. */
export function EndpointDrawer({ opened, endpoint, onClose }: EndpointDrawerProps) {
  return (
    <SideDrawer opened={opened} onClose={onClose} size="xl" title="Webhook endpoint">
      {endpoint ? (
        <Details key={endpoint.id} endpoint={endpoint} onGone={onClose} />
      ) : (
        <EmptyState title="No such endpoint" />
      )}
    </SideDrawer>
  );
}

function Details({ endpoint, onGone }: { endpoint: WebhookEndpoint; onGone: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const [asking, setAsking] = useState<'rotate' | 'delete'>();
  const [secret, setSecret] = useState<string>();
  const { id, url, previous_secret_until } = endpoint;
  const renew = () => queries.invalidateQueries({ queryKey: webhookKeys.all });
  return (
    <Stack gap="xl">
      <IdText id={id} what="endpoint's id" />
      <section>
        <Title order={2} mb="sm">
          Deliveries
        </Title>
        <Deliveries endpoint={id} />
      </section>
      <section>
        <Title order={2} mb="sm">
          Settings
        </Title>
        <EndpointForm
          endpoint={endpoint}
          onSubmit={async (body) => {
            await changeWebhookEndpoint(api, id, body);
            notice('Endpoint saved');
            await renew();
          }}
        />
      </section>
      <section>
        <Title order={2} mb="sm">
          Secret
        </Title>
        <Text c="dimmed" mb="sm">
          It was shown when it was made.
          {previous_secret_until !== null &&
            ` The one before signs as well until ${new Date(previous_secret_until).toLocaleString()}.`}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={() => setAsking('rotate')}>
            Make a new secret
          </Button>
          <Button color="red" variant="light" onClick={() => setAsking('delete')}>
            Delete endpoint
          </Button>
        </Group>
      </section>
      <ConfirmDialog
        opened={asking === 'rotate'}
        onClose={() => setAsking(undefined)}
        title="Make a new secret?"
        confirmLabel="Make a new secret"
        dangerous={false}
        onConfirm={async () => {
          setSecret((await rotateWebhookSecret(api, id)).secret);
          await renew();
        }}
      >
        <Text>Deliveries are signed with both secrets for 24 hours, then with the new one alone.</Text>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asking === 'delete'}
        onClose={() => setAsking(undefined)}
        title="Delete this endpoint?"
        confirmLabel="Delete"
        onConfirm={async () => {
          await deleteWebhookEndpoint(api, id);
          notice('Endpoint deleted');
          onGone();
          await renew();
        }}
      >
        <Text>
          <code>{url}</code> gets no more events, not even those that are on their way. This cannot be undone.
        </Text>
      </ConfirmDialog>
      <Modal
        opened={secret !== undefined}
        onClose={() => setSecret(undefined)}
        title="New secret"
        size="lg"
        closeOnClickOutside={false}
        closeOnEscape={false}
        withCloseButton={false}
      >
        <EndpointSecret secret={secret ?? ''} replaced onDone={() => setSecret(undefined)} />
      </Modal>
    </Stack>
  );
}
