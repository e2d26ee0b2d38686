import { Progress, Text } from '@mantine/core';
import type { RequestRecord } from '../../api/requests.ts';
import { bytesText } from './time-split.ts';

/** How much of a call's file has gone to the provider. */
export function UploadBar({
  upload,
  state,
}: {
  upload: NonNullable<RequestRecord['upload']>;
  state: RequestRecord['state'];
}) {
  const { bytes, total_bytes: total, parts } = upload;
  const percent = total === null ? undefined : total === 0 ? 100 : Math.min(100, (bytes / total) * 100);
  const running = state === 'running';
  return (
    <div>
      {(percent !== undefined || running) && (
        <Progress.Root size="md" radius="sm">
          <Progress.Section
            value={percent ?? 100}
            animated={running}
            striped={running}
            color={state === 'failed' || state === 'lost' ? 'red' : 'accent'}
            aria-label="Upload"
            {...(percent === undefined && { withAria: false })}
          />
        </Progress.Root>
      )}
      <Text size="sm" c="dimmed" mt={4}>
        {bytesText(bytes)}
        {total !== null && ` of ${bytesText(total)}`}
        {percent !== undefined && `, ${Math.floor(percent)} %`}
        {`, ${parts} ${parts === 1 ? 'part' : 'parts'}`}
      </Text>
    </div>
  );
}
