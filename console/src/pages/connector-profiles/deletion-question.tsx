import { Anchor, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { accountsOptions } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import type { Profile } from '../../api/connector-profiles.ts';
import { useList } from '../../api/lists.ts';
import { QueryView } from '../../components/query-view.tsx';
import { paths } from '../../paths.ts';
import { OwnerName } from '../accounts/owner-name.tsx';
import classes from './deletion.module.css';

// Enough to know of which kind they are; all of them are one click away.
const NAMED = 8;

interface DeletionQuestionProps {
  profile: Profile;
  onCancel: () => void;
  onConfirm: () => void;
}

/** Which accounts a profile takes along, what becomes of them, and whether that is really meant. */
export function DeletionQuestion({ profile, onCancel, onConfirm }: DeletionQuestionProps) {
  const { id, name, account_count: count } = profile;
  const list = useList(accountsOptions(useApi(), { connector_profile_id: id }));
  const [typed, setTyped] = useState('');
  const meant = same(typed, name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (meant) onConfirm();
  };
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack gap="md">
        <Text>
          {count === 1 ? 'One account is' : `${count.toLocaleString('en')} accounts are`} linked under{' '}
          <bdi className={classes.name}>{name}</bdi>, and {count === 1 ? 'is' : 'are'} deleted with it: access is taken
          back at the provider where it has a way for that, tokens and keys are destroyed, and calls are refused at
          once. It cannot be undone: these customers would have to link anew.
        </Text>
        <QueryView query={list}>
          {() => (
            <ul className={classes.accounts} aria-label="Accounts that are deleted">
              {list.rows.slice(0, NAMED).map((account) => (
                <li key={account.id}>
                  <Anchor component={Link} to={paths.account(account.id)} underline="always">
                    <OwnerName account={account} />
                  </Anchor>
                </li>
              ))}
            </ul>
          )}
        </QueryView>
        {count > NAMED && (
          <Anchor component={Link} to={paths.accountsOf(id)}>
            All {count.toLocaleString('en')} accounts of this profile
          </Anchor>
        )}
        <TextInput
          label="Type the name of the profile to confirm"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          spellCheck={false}
          data-autofocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={!meant}>
            {count === 1 ? 'Delete it and its account' : `Delete it and ${count.toLocaleString('en')} accounts`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Names have letters that can be written in two ways (Unicode UAX #15), and spaces that nobody sees. */
function same(one: string, other: string): boolean {
  const plain = (text: string) => text.normalize('NFC').trim().replaceAll(/\s+/g, ' ');
  return plain(one) === plain(other);
}
