import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { accountOptions } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { profileOptions } from '../../api/connector-profiles.ts';
import { paths } from '../../paths.ts';

// The log has ids; what they are called now is asked for once, and may be gone.
const ONCE = { staleTime: Number.POSITIVE_INFINITY, retry: false } as const;

export function AccountLink({ id }: { id: string }) {
  const { data } = useQuery({ ...accountOptions(useApi(), id), ...ONCE });
  return <NamedLink id={id} name={data?.owner_name ?? data?.owner_id} to={paths.account(id)} />;
}

export function ProfileLink({ id }: { id: string }) {
  const { data } = useQuery({ ...profileOptions(useApi(), id), ...ONCE });
  return <NamedLink id={id} name={data?.name} to={paths.profile(id)} />;
}

function NamedLink({ id, name, to }: { id: string; name: string | undefined; to: string }) {
  return (
    <>
      <Anchor component={Link} to={to}>
        <bdi>{name ?? id}</bdi>
      </Anchor>
      {name !== undefined && (
        <Text size="sm" c="dimmed">
          <code>{id}</code>
        </Text>
      )}
    </>
  );
}
