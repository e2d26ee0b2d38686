import { Anchor, Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { useApi } from '../../api/api-context.tsx';
import {
  type ApiKey,
  type ApiKeyChangeRequest,
  apiKeyKeys,
  apiKeyOptions,
  changeApiKey,
  revokeApiKey,
} from '../../api/api-keys.ts';
import { SESSION_KEY } from '../../api/session.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Facts } from '../../components/facts.tsx';
import { IdText } from '../../components/id-text.tsx';
import { useNotice } from '../../components/notice.tsx';
import { useNow } from '../../components/now.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { SideDrawer, useAboveDrawer } from '../../components/side-drawer.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import { useSession } from '../../session/session-context.tsx';
import { ROLE_NAMES, stateOf } from './key-facts.ts';
import { NarrowKeyForm } from './narrow-key-form.tsx';

/** One key with everything that it is narrowed to, and the ways to narrow and to revoke it. `id` null: closed. */
export function KeyDrawer({ id, onClose }: { id: string | null; onClose: () => void }) {
  const api = useApi();
  const query = useQuery({ ...apiKeyOptions(api, id ?? ''), enabled: id !== null });
  return (
    <SideDrawer opened={id !== null} onClose={onClose} size="lg" title={query.data?.name ?? 'API key'}>
      <QueryView query={query}>{(key) => <KeyDetails apiKey={key} />}</QueryView>
    </SideDrawer>
  );
}

function KeyDetails({ apiKey }: { apiKey: ApiKey }) {
  const api = useApi();
  const queries = useQueryClient();
  const notice = useNotice();
  const now = useNow();
  const { session } = useSession();
  const [asking, setAsking] = useState<'narrow' | 'revoke'>();
  const close = () => setAsking(undefined);
  useAboveDrawer(asking !== undefined);
  const { id, name, role, actions, accounts, created_at, last_used_at, expires_at, revoked_at } = apiKey;
  const state = stateOf(apiKey, now);
  const own = session.key.id === id;
  const narrow = async (change: ApiKeyChangeRequest) => {
    try {
      await changeApiKey(api, id, change);
      notice('Key changed');
      close();
    } finally {
      // Also when it was refused: then somebody else may have changed it.
      await queries.invalidateQueries({ queryKey: apiKeyKeys.all });
      if (own) await queries.invalidateQueries({ queryKey: SESSION_KEY });
    }
  };
  const revoke = async () => {
    await revokeApiKey(api, id);
    notice('Key revoked');
    await queries.invalidateQueries({ queryKey: apiKeyKeys.all });
  };
  return (
    <Stack gap="lg">
      <Facts
        facts={[
          ['State', <StatusBadge key="state" status={state} />],
          ['Role', ROLE_NAMES[role]],
          ['Id', <IdText key="id" id={id} what="key id" />],
          ['Last used', <RelativeTime key="used" at={last_used_at} />],
          ['Expires', <RelativeTime key="expires" at={expires_at} />],
          ['Created', <RelativeTime key="created" at={created_at} />],
          ['Revoked', revoked_at === null ? undefined : <RelativeTime key="revoked" at={revoked_at} />],
          ['Actions', role === 'operator' ? undefined : <Names key="actions" names={actions} all="All actions" />],
          [
            'Accounts',
            role === 'operator' ? undefined : (
              <Names key="accounts" names={accounts} all="All accounts" to={paths.account} />
            ),
          ],
        ]}
      />
      {state !== 'revoked' && (
        <div>
          <Group gap="xs">
            <Button variant="default" onClick={() => setAsking('narrow')}>
              Narrow or rename
            </Button>
            <Button color="red" variant="light" onClick={() => setAsking('revoke')}>
              Revoke
            </Button>
          </Group>
          <Text c="dimmed" size="sm" mt="xs">
            A key never gets more than it has. Make a new one for that, bring it to where the old one is, then revoke
            the old one.
          </Text>
        </div>
      )}
      <Modal
        opened={asking === 'narrow' && state !== 'revoked'}
        onClose={close}
        title="Narrow or rename this key"
        size="lg"
      >
        <NarrowKeyForm apiKey={apiKey} own={own} onCancel={close} onSubmit={narrow} />
      </Modal>
      <ConfirmDialog
        opened={asking === 'revoke'}
        onClose={close}
        title="Revoke this key?"
        confirmLabel="Revoke"
        onConfirm={revoke}
      >
        <Text>
          Calls with <strong>{name}</strong> are refused from now on, and its console sessions end. This cannot be
          undone.
        </Text>
        {own && <Text mt="xs">It is the key that you are signed in with: you will be signed out.</Text>}
      </ConfirmDialog>
    </Stack>
  );
}

interface NamesProps {
  names: readonly string[] | null;
  all: string;
  to?: (name: string) => string;
}

function Names({ names, all, to }: NamesProps) {
  if (names === null) return all;
  if (names.length === 0) return 'None';
  return (
    <List listStyleType="none" spacing={2}>
      {names.map((name) => (
        <List.Item key={name}>
          {to ? (
            <Anchor component={Link} to={to(name)}>
              <code>{name}</code>
            </Anchor>
          ) : (
            <code>{name}</code>
          )}
        </List.Item>
      ))}
    </List>
  );
}
