import { ActionIcon, Button, Menu, Text } from '@mantine/core';
import IconDots from '@tabler/icons-react/dist/esm/icons/IconDots.mjs';
import { useQueryClient } from '@tanstack/react-query';
import { type ComponentProps, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import {
  type Account,
  accountKeys,
  deleteAccount,
  type Revoked,
  resumeAccount,
  suspendAccount,
} from '../../api/accounts.ts';
import { renewProfilesAndAccounts } from '../../api/after-change.ts';
import { useApi } from '../../api/api-context.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { useNotice } from '../../components/notice.tsx';
import { paths } from '../../paths.ts';
import { OwnerName } from './owner-name.tsx';

type Question = 'suspend' | 'resume' | 'delete';

const REVOKED: Readonly<Record<Revoked, string>> = {
  revoked: ', and its access taken back at the provider',
  not_supported: '; the provider has no way to take its access back',
  failed: '; to take its access back at the provider failed',
  nothing: '',
};

/** What can be done with an account; what matters is asked about first. */
export function AccountActions({ account }: { account: Account }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Question>();
  const suspended = account.status_reasons.some(({ code }) => code === 'suspended');
  const questions: Readonly<Record<Question, Omit<ComponentProps<typeof ConfirmDialog>, 'opened' | 'onClose'>>> = {
    suspend: {
      title: 'Suspend this account?',
      confirmLabel: 'Suspend',
      dangerous: false,
      async onConfirm() {
        await suspendAccount(api, account.id);
        await renewProfilesAndAccounts(queries);
        notice('Account suspended');
      },
      children: (
        <Text>
          Calls for <OwnerName account={account} /> are refused until you resume it. Its access at the provider stays.
        </Text>
      ),
    },
    resume: {
      title: 'Resume this account?',
      confirmLabel: 'Resume',
      dangerous: false,
      async onConfirm() {
        await resumeAccount(api, account.id);
        await renewProfilesAndAccounts(queries);
        notice('Account resumed');
      },
      children: (
        <Text>
          Calls for <OwnerName account={account} /> go to the provider again.
        </Text>
      ),
    },
    delete: {
      title: 'Delete this account?',
      confirmLabel: 'Delete',
      async onConfirm() {
        const { revoked } = await deleteAccount(api, account.id);
        void navigate(paths.accounts);
        queries.removeQueries({ queryKey: accountKeys.one(account.id) });
        queries.removeQueries({ queryKey: accountKeys.credential(account.id) });
        notice(`Account deleted${REVOKED[revoked]}`);
        await renewProfilesAndAccounts(queries);
      },
      children: (
        <>
          <Text>
            Calls for <OwnerName account={account} /> stop at once, and its tokens or keys are destroyed. Where the
            provider has a way, the access is taken back there too. The customer would have to link anew, under another
            account id.
          </Text>
          <Text mt="xs" c="dimmed">
            What the customer has at the provider stays as it is. This cannot be undone.
          </Text>
        </>
      ),
    },
  };
  return (
    <>
      <Button component={Link} variant="default" to={paths.linkAgain(account.id)}>
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
      {Object.entries(questions).map(([name, question]) => (
        <ConfirmDialog key={name} opened={asked === name} onClose={() => setAsked(undefined)} {...question} />
      ))}
    </>
  );
}
