import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../api/api-context.tsx';
import { apiKeyKeys, createApiKey, type NewApiKeyView } from '../../api/api-keys.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { CopyField } from '../../components/copy-field.tsx';
import { NewKeyForm } from './new-key-form.tsx';

/** Makes a key, then shows its token: once, and kept nowhere but in this dialog. */
export function NewKeyDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const api = useApi();
  const queries = useQueryClient();
  const [created, setCreated] = useState<NewApiKeyView>();
  const close = () => {
    setCreated(undefined);
    onClose();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={created ? 'Key created' : 'New API key'}
      size="lg"
      // A token that is gone by a slip of the hand is gone for good.
      closeOnClickOutside={!created}
      closeOnEscape={!created}
      withCloseButton={!created}
    >
      {created ? (
        <Created created={created} onDone={close} url={api.url('/accounts')} />
      ) : (
        <NewKeyForm
          onCancel={close}
          onSubmit={async (body) => {
            setCreated(await createApiKey(api, body));
            await queries.invalidateQueries({ queryKey: apiKeyKeys.all });
          }}
        />
      )}
    </Modal>
  );
}

function Created({ created, onDone, url }: { created: NewApiKeyView; onDone: () => void; url: string }) {
  const { name, role, token } = created;
  return (
    <Stack gap="md">
      <Text>
        This is the only time that the token of <strong>{name}</strong> is shown. Copy it now, and keep it where secrets
        are kept.
      </Text>
      <CopyField label="Token" value={token} />
      <CodeBlock
        label={role === 'operator' ? 'To sign in, or to call' : 'A first call'}
        value={`curl -H "Authorization: Bearer $CORBEL_KEY" ${url}`}
      />
      <Group justify="flex-end">
        <Button onClick={onDone} data-autofocus>
          I have copied it
        </Button>
      </Group>
    </Stack>
  );
}
