import { Skeleton, Stack } from '@mantine/core';

/** In place of content that is on its way: as many lines as it is about to have. */
export function LoadingState({ rows = 5, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <Stack gap="sm" role="status" aria-label={label} aria-busy="true">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines without identity
        <Skeleton key={index} height={index === 0 ? 28 : 20} width={index === 0 ? '40%' : '100%'} radius="sm" />
      ))}
    </Stack>
  );
}
