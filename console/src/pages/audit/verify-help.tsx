import { Button, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import { useSession } from '../../session/session-context.tsx';

/** How to find out whether the trail is as it was written: not here, since who could change it could change this page. */
export function VerifyHelp() {
  const { session } = useSession();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        Verify the chain
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Verify the chain" size="lg">
        <Stack gap="md">
          <Text>
            Every record has the hash of the one before in it, and the last one is sealed with the server's encryption
            key. Whoever changes, removes or exchanges a record breaks the chain at that place.
          </Text>
          <CodeBlock
            label="On a machine with the server's settings"
            value={`corbel audit verify --project ${session.project.id}`}
          />
          <Text c="dimmed">
            It names the first place that is not as it was written, and ends with status 1 if there is one. Not here:
            whoever could change the trail could change this page, too. A hash is the SHA-256 of its record as canonical
            JSON (RFC 8785) without the member "hash".
          </Text>
        </Stack>
      </Modal>
    </>
  );
}
