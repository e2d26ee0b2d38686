import { Group, Loader, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../api/api-context.tsx';
import { inBackground } from '../../api/background.ts';
import { type RequestListView, requestKeys } from '../../api/requests.ts';
import { UploadBar } from '../requests/upload-bar.tsx';
import type { ActionCall } from './action-call.ts';

// As often as the server writes how far a call is.
const ASK_EVERY_MS = 1_000;

/** While a call runs: with a file, how much of it is with the provider. */
export function RunningCall({ call }: { call: ActionCall }) {
  const api = useApi();
  const { correlationId: correlation_id } = call;
  const found = useQuery({
    queryKey: [...requestKeys.all, 'of', correlation_id],
    queryFn: ({ signal }) =>
      inBackground(api).request<RequestListView>('GET', '/requests', {
        query: { correlation_id, limit: 1 },
        signal,
      }),
    enabled: call.file !== undefined,
    refetchInterval: ASK_EVERY_MS,
  });
  const upload = found.data?.data[0]?.upload;
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Loader size="xs" aria-hidden />
        <Text c="dimmed">
          {call.file ? (
            <>
              Sending <bdi>{call.file.name}</bdi>…
            </>
          ) : (
            'Waiting for the answer…'
          )}
        </Text>
      </Group>
      {upload && <UploadBar upload={upload} state="running" />}
    </Stack>
  );
}
