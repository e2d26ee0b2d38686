import { Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { accountsOptions } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { deleteProfile, type Profile } from '../../api/connector-profiles.ts';
import { useList } from '../../api/lists.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { paths } from '../../paths.ts';

// Enough to know of which kind they are; all of them are one click away.
const NAMED = 8;

interface DeleteProfileProps {
  profile: Profile;
  opened: boolean;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a profile is deleted; the server refuses while accounts are linked under it, so those are named instead. */
export function DeleteProfile({ profile, opened, onClose, onDeleted }: DeleteProfileProps) {
  const api = useApi();
  if (profile.account_count === 0) {
    return (
      <ConfirmDialog
        opened={opened}
        onClose={onClose}
        title={`Delete “${profile.name}”?`}
        confirmLabel="Delete"
        onConfirm={async () => {
          await deleteProfile(api, profile.id);
          onDeleted();
        }}
      >
        No account is linked under it. Its credentials are deleted with it, and cannot be brought back.
      </ConfirmDialog>
    );
  }
  return (
    <Modal opened={opened} onClose={onClose} title={`“${profile.name}” is in use`}>
      {opened && <LinkedAccounts profile={profile} />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Modal>
  );
}

function LinkedAccounts({ profile }: { profile: Profile }) {
  const list = useList(accountsOptions(useApi(), { connector_profile_id: profile.id }));
  const count = profile.account_count;
  const shown = list.rows.slice(0, NAMED);
  return (
    <Stack gap="sm">
      <Text>
        {count === 1 ? 'One account is' : `${count.toLocaleString()} accounts are`} linked under it and would lose{' '}
        {count === 1 ? 'its' : 'their'} credentials. Delete {count === 1 ? 'it' : 'them'} first, or disable the profile.
      </Text>
      <QueryView query={list}>
        {() => (
          <ul>
            {shown.map(({ id, owner_id, owner_name }) => (
              <li key={id}>
                <Anchor component={Link} to={paths.account(id)}>
                  {owner_name ?? owner_id}
                </Anchor>{' '}
                <Text span c="dimmed" size="sm">
                  <code>{id}</code>
                </Text>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {count > shown.length && (
        <Anchor component={Link} to={accountsOf(profile.id)}>
          All {count.toLocaleString()} accounts of this profile
        </Anchor>
      )}
    </Stack>
  );
}

export function accountsOf(profile: string): string {
  return `${paths.accounts}?${new URLSearchParams({ connector_profile_id: profile })}`;
}
