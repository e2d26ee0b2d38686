import { Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { Link } from 'react-router';
import { problemOf } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { paths } from '../../paths.ts';
import { OwnerName } from '../accounts/owner-name.tsx';
import classes from './deletion.module.css';
import type { Deletion } from './use-profile-deletion.ts';

// Each account by itself would be read out for hours.
const SAID_EVERY_PERCENT = 10;

interface DeletionProgressProps {
  deletion: Deletion;
  onStop: () => void;
  onClose: () => void;
  /** Goes on with what is left. */
  onAgain: () => void;
}

/** How far it is, what failed, and the way to stop it or to go on. */
export function DeletionProgress({ deletion, onStop, onClose, onAgain }: DeletionProgressProps) {
  const { phase, deleted, total, failed, failures, error } = deletion;
  const busy = phase !== 'ended';
  useKeptPage(busy);
  const percent = total === 0 ? 100 : Math.min(100, Math.floor((100 * (deleted + failed)) / total));
  const done = `${deleted.toLocaleString('en')} of ${Math.max(total, deleted + failed).toLocaleString('en')} accounts deleted`;
  const step = percent - (percent % SAID_EVERY_PERCENT);
  return (
    <Stack gap="md">
      <Progress.Root size="lg">
        <Progress.Section value={percent} aria-label="Deleting accounts" aria-valuetext={done} />
      </Progress.Root>
      <Text>{done}</Text>
      <span className="visually-hidden" role="status">
        {busy ? `${step} % done` : `Ended: ${done}`}
      </span>
      {phase === 'stopping' && <Text c="dimmed">Stopping: what was asked of the provider is waited for.</Text>}
      {failed > 0 && (
        <section aria-label="What could not be deleted">
          <Text fw={500}>
            {failed === 1 ? 'One account' : `${failed.toLocaleString('en')} accounts`} could not be deleted
          </Text>
          <ul className={classes.accounts}>
            {failures.map(({ account, error: reason }) => (
              <li key={account.id}>
                <Anchor component={Link} to={paths.account(account.id)} underline="always">
                  <OwnerName account={account} />
                </Anchor>{' '}
                {problemOf(reason).document.detail} <code>{problemOf(reason).code}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      {error !== undefined && <ErrorState error={error} />}
      {!busy && (
        <Text>
          What is deleted is deleted. The profile is still there, with the accounts that are left, and stays disabled.
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        {busy ? (
          <Button variant="default" onClick={onStop} loading={phase === 'stopping'} autoFocus>
            Stop
          </Button>
        ) : (
          <>
            <Button variant="default" onClick={onClose} autoFocus>
              Close
            </Button>
            <Button color="red" onClick={onAgain}>
              Go on
            </Button>
          </>
        )}
      </Group>
    </Stack>
  );
}

/** The browser asks before the page is closed, which would stop the work. */
function useKeptPage(busy: boolean): void {
  useEffect(() => {
    if (!busy) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [busy]);
}
