import { Button, Group, Stack, Text } from '@mantine/core';
import { CopyField } from '../../components/copy-field.tsx';

/** A signing secret, the one time that it is shown. */
export function EndpointSecret({
  secret,
  replaced,
  onDone,
}: {
  secret: string;
  replaced?: boolean;
  onDone: () => void;
}) {
  return (
    <Stack gap="md">
      <Text>
        This is the only time that the secret is shown. The receiver checks with it that what it gets is from here: see
        standardwebhooks.com, "Verifying signatures".
      </Text>
      {replaced && (
        <Text>The secret before signs as well for another 24 hours, so that nothing is missed meanwhile.</Text>
      )}
      <CopyField label="Secret" value={secret} />
      <Group justify="flex-end">
        <Button onClick={onDone} data-autofocus>
          I have copied it
        </Button>
      </Group>
    </Stack>
  );
}
