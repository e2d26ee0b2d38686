import { ActionIcon, Button, Menu, Text } from '@mantine/core';
import IconDots from '@tabler/icons-react/dist/esm/icons/IconDots.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { type Account, accountKeys, deleteAccount, resumeAccount, suspendAccount } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useNotice } from '../../components/notice.tsx';
import { paths } from '../../paths.ts';
import { OwnerName } from './owner-name.tsx';

type Question = 'suspend' | 'resume' | 'delete';

/** What can be done with an account; what matters is asked about first. */
export function AccountActions({ account }: { account: Account }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Question>();
  const suspended = account.status_reasons.some(({ code }) => code === 'suspended');
  const close = () => setAsked(undefined);
  const changed = () => queries.invalidateQueries({ queryKey: accountKeys.all });
  const remove = async () => {
    const { revoked } = await deleteAccount(api, account.id);
    void navigate(paths.accounts);
    queries.removeQueries({ queryKey: accountKeys.one(account.id) });
    queries.removeQueries({ queryKey: accountKeys.credential(account.id) });
    await queries.invalidateQueries({ queryKey: accountKeys.all });
    notice(
      revoked
        ? 'Account deleted, and its access taken back at the provider'
        : 'Account deleted; there was nothing to take back at the provider',
    );
  };
  return (
    <>
      <Button component={Link} variant="default" to={`${paths.linkAccount}?account=${account.id}`}>
        Link again
      </Button>
      <Button component={Link} to={paths.tryItWith({ account: account.id })}>
        Try it
      </Button>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More for this account">
            <IconDots size={18} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {suspended ? (
            <Menu.Item onClick={() => setAsked('resume')}>Resume</Menu.Item>
          ) : (
            <Menu.Item onClick={() => setAsked('suspend')}>Suspend</Menu.Item>
          )}
          <Menu.Item color="red" onClick={() => setAsked('delete')}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asked === 'suspend'}
        onClose={close}
        title="Suspend this account?"
        confirmLabel="Suspend"
        dangerous={false}
        onConfirm={async () => {
          await suspendAccount(api, account.id);
          await changed();
          notice('Account suspended');
        }}
      >
        <Text>
          Calls for <OwnerName account={account} /> are refused until you resume it. Its access at the provider stays.
        </Text>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asked === 'resume'}
        onClose={close}
        title="Resume this account?"
        confirmLabel="Resume"
        dangerous={false}
        onConfirm={async () => {
          await resumeAccount(api, account.id);
          await changed();
          notice('Account resumed');
        }}
      >
        <Text>
          Calls for <OwnerName account={account} /> go to the provider again.
        </Text>
      </ConfirmDialog>
      <ConfirmDialog
        opened={asked === 'delete'}
        onClose={close}
        title="Delete this account?"
        confirmLabel="Delete"
        onConfirm={remove}
      >
        <Text>
          Calls for <OwnerName account={account} /> stop at once, and its tokens or keys are destroyed. Where the
          provider has a way, the access is taken back there too. The customer would have to link anew, under another
          account id.
        </Text>
        <Text mt="xs" c="dimmed">
          What the customer has at the provider stays as it is. This cannot be undone.
        </Text>
      </ConfirmDialog>
    </>
  );
}
