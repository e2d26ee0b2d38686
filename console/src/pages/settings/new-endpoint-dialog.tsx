import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { createWebhookEndpoint, webhookKeys } from '../../api/webhook-endpoints.ts';
import { EndpointForm } from './endpoint-form.tsx';
import { EndpointSecret } from './endpoint-secret.tsx';

/** Makes an endpoint, then shows its secret: once, and kept nowhere but in this dialog. */
export function NewEndpointDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [secret, setSecret] = useState<string>();
  const close = () => {
    setSecret(undefined);
    onClose();
  };
  const shown = secret !== undefined;
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={shown ? 'Endpoint created' : 'New webhook endpoint'}
      size="lg"
      closeOnClickOutside={!shown}
      closeOnEscape={!shown}
      withCloseButton={!shown}
    >
      {shown ? (
        <EndpointSecret secret={secret} onDone={close} />
      ) : (
        <EndpointForm
          onCancel={close}
          onSubmit={async (body) => {
            setSecret((await createWebhookEndpoint(api, body)).secret);
            await queries.invalidateQueries({ queryKey: webhookKeys.all });
          }}
        />
      )}
    </Modal>
  );
}
