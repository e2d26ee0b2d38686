import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import { renewProfilesAndAccounts } from '../../api/after-change.ts';
import { useApi } from '../../api/api-context.tsx';
import { inBackground } from '../../api/background.ts';
import {
  type ConnectSession,
  cancelConnectSession,
  connectSessionKeys,
  connectSessionOptions,
  type NewConnectSessionView,
} from '../../api/connect-sessions.ts';
import { CopyField } from '../../components/copy-field.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { useLiveInterval } from '../../components/live-interval.ts';
import { NotRenewed } from '../../components/not-renewed.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import classes from './accounts.module.css';
import { QrCode } from './qr-code.tsx';

// Somebody stands beside the customer and waits for it to turn green.
const ASK_EVERY_MS = 3_000;

interface LinkSessionProps {
  /** The only answer that has the link. */
  opened: NewConnectSessionView;
  /** Back to the form, for another one. */
  onAgain: () => void;
}

/** The invitation that was made: the link, its QR code or its code to type, and what becomes of it. */
export function LinkSession({ opened, onAgain }: LinkSessionProps) {
  const api = useApi();
  const queries = useQueryClient();
  const live = useLiveInterval(ASK_EVERY_MS);
  const session = useQuery({
    ...connectSessionOptions(inBackground(api), opened.id),
    initialData: withoutLink(opened),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.state === 'pending' ? live : false),
  });
  const { state, account_id, error, expires_at } = session.data;
  useEffect(() => {
    if (state === 'authenticated') void renewProfilesAndAccounts(queries);
  }, [state, queries]);
  const cancel = useMutation({
    mutationFn: () => cancelConnectSession(api, opened.id),
    // It may have come to its end otherwise meanwhile: then the refusal says nothing that the state does not.
    onSettled: () => queries.invalidateQueries({ queryKey: connectSessionKeys.one(opened.id) }),
  });
  const place = useRef<HTMLDivElement>(null);
  // The form, where the focus was, is gone.
  useEffect(() => place.current?.focus(), []);
  return (
    <Section
      title="Invitation"
      description={
        <>
          For <bdi>{opened.owner_name ?? opened.owner_id}</bdi>
        </>
      }
      actions={
        <span role="status">
          <SessionState state={state} />
        </span>
      }
    >
      <Stack gap="md" ref={place} tabIndex={-1} aria-label="The invitation" role="group" className={classes.place}>
        {state === 'pending' && (
          <>
            {opened.device ? <DeviceCode device={opened.device} /> : <HubLink url={opened.url} />}
            <Text c="dimmed">
              Ends <RelativeTime at={expires_at} />. It works once, and stands only here: leaving this page forgets it.
            </Text>
          </>
        )}
        {state === 'authenticated' && <Text>The customer linked the account, and it works.</Text>}
        {state === 'expired' && <Text>Nobody used it in time. Make a new one.</Text>}
        {state === 'cancelled' && <Text>{error?.detail ?? 'It was cancelled, and works no longer.'}</Text>}
        {state === 'error' && (
          <Text>
            {error?.detail ?? 'The link did not come about.'} {error && <code>{error.code}</code>}
          </Text>
        )}
        {session.error !== null && state === 'pending' && (
          <NotRenewed error={session.error} since={session.dataUpdatedAt} />
        )}
        {cancel.error !== null && state === 'pending' && <ErrorState error={cancel.error} />}
        <Group gap="xs">
          {state === 'authenticated' && account_id !== null && (
            <Button component={Link} to={paths.account(account_id)}>
              Open the account
            </Button>
          )}
          {state === 'pending' ? (
            <Button variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel the invitation
            </Button>
          ) : (
            <Button variant="default" onClick={onAgain}>
              Make another
            </Button>
          )}
        </Group>
      </Stack>
    </Section>
  );
}

/** What may stand in the cache of the page. */
function withoutLink({ url: _, device: __, ...session }: NewConnectSessionView): ConnectSession {
  return session;
}

function HubLink({ url }: { url: string }) {
  return (
    <div className={classes.link}>
      <Stack gap="sm">
        <CopyField
          label="Link for the customer"
          value={url}
          description="Send it by a way that only the customer reads: whoever opens it first links their account."
        />
        <Anchor href={url} target="_blank" rel="noreferrer">
          Open it here
        </Anchor>
      </Stack>
      <QrCode text={url} label="QR code of the link" />
    </div>
  );
}

function DeviceCode({ device }: { device: NonNullable<NewConnectSessionView['device']> }) {
  return (
    <div className={classes.link}>
      <Stack gap="sm">
        <CopyField label="Page to open on another device" value={device.verification_url} />
        <div>
          <Text fw={500}>Code to type there</Text>
          <code className={classes.userCode}>{device.user_code}</code>
        </div>
      </Stack>
      <QrCode text={device.verification_url} label="QR code of the page" />
    </div>
  );
}

function SessionState({ state }: { state: ConnectSession['state'] }) {
  switch (state) {
    case 'pending':
      return <StatusBadge tone="busy">Waiting for the customer</StatusBadge>;
    case 'authenticated':
      return <StatusBadge tone="good">Linked</StatusBadge>;
    case 'cancelled':
      return <StatusBadge tone="quiet">Cancelled</StatusBadge>;
    case 'expired':
      return <StatusBadge tone="quiet">Expired</StatusBadge>;
    case 'error':
      return <StatusBadge tone="bad">Failed</StatusBadge>;
  }
}
