import { Anchor, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import { problemOf } from '../../api/problem.ts';
import { requestOptions } from '../../api/requests.ts';
import { paths } from '../../paths.ts';
import { SplitBar } from '../requests/split-bar.tsx';
import { timeSplit } from '../requests/time-split.ts';

// The log is written after the answer, in batches.
const RETRIES = 8;
const RETRY_MS = 350;

/** Where the time of a call went, as the request log has it. */
export function CallTiming({ requestId }: { requestId: string }) {
  const api = useApi();
  const record = useQuery({
    ...requestOptions(api, requestId),
    retry: (failures, error) => failures < RETRIES && problemOf(error).code === 'not_found',
    retryDelay: RETRY_MS,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? RETRY_MS : false),
  });
  const split = record.data && timeSplit(record.data);
  // Refused before it was one that is logged.
  if (record.error) return null;
  return (
    <div>
      {split && <SplitBar split={split} />}
      <Group gap="xs" mt={6}>
        <Text c="dimmed" size="sm">
          Request <code>{requestId}</code>
        </Text>
        {record.data && (
          <Anchor component={Link} to={paths.request(requestId)} size="sm">
            Details
          </Anchor>
        )}
      </Group>
    </div>
  );
}
