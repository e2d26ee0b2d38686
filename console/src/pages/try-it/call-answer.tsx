import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { CallResult } from '../../api/call.ts';
import { problemOf } from '../../api/problem.ts';
import { ErrorState } from '../../components/error-state.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { paths } from '../../paths.ts';
import { CallTiming } from './call-timing.tsx';
import { DryRun } from './dry-run.tsx';
import { JsonView } from './json-view.tsx';
import { RunningCall } from './running-call.tsx';
import type { CallState } from './use-call.ts';

interface CallAnswerProps {
  state: CallState;
  /** Sends the same inputs with the cursor of the next page. */
  onNext: (next: string) => void;
  /** Pointers of faults that stand at their fields. */
  shown: readonly string[];
}

/** What came of the last call. */
export function CallAnswer({ state, onNext, shown }: CallAnswerProps) {
  return (
    <Section
      title={state.is !== 'idle' && state.call.dryRun ? 'Dry run' : 'Answer'}
      actions={<Outcome state={state} />}
    >
      <div role="status" aria-live="polite" aria-busy={state.is === 'running'}>
        {state.is === 'idle' && (
          <Text c="dimmed">Nothing sent yet. A dry run shows the request, and sends nothing.</Text>
        )}
        {state.is === 'stopped' && <Text c="dimmed">Stopped. The provider may have received it all the same.</Text>}
        {state.is === 'running' && <RunningCall call={state.call} />}
        {state.is === 'answered' &&
          (state.call.dryRun ? (
            <DryRun answer={state.result.data} />
          ) : (
            <Answered result={state.result} onNext={onNext} />
          ))}
      </div>
      {state.is === 'failed' && <Failed error={state.error} shown={shown} />}
    </Section>
  );
}

function Outcome({ state }: { state: CallState }) {
  switch (state.is) {
    case 'answered':
      return <StatusBadge tone="good">{state.call.dryRun ? 'Valid' : 'Succeeded'}</StatusBadge>;
    case 'failed':
      return <StatusBadge tone="bad">{problemOf(state.error).status || 'Failed'}</StatusBadge>;
    case 'stopped':
      return <StatusBadge tone="quiet">Stopped</StatusBadge>;
    default:
      return null;
  }
}

function Answered({ result, onNext }: { result: CallResult; onNext: (next: string) => void }) {
  const { data, next, warnings, request_id } = result;
  const count = Array.isArray(data) ? `${data.length} ${data.length === 1 ? 'item' : 'items'}` : undefined;
  const warned = Array.isArray(warnings) ? warnings.length > 0 : warnings !== undefined && warnings !== null;
  return (
    <Stack gap="md">
      <CallTiming requestId={request_id} />
      {warned && <JsonView label="Warnings of the provider" value={warnings} />}
      <JsonView key={request_id} label={count === undefined ? 'Data' : `Data, ${count}`} value={data} />
      {next !== null && (
        <Group justify="space-between" gap="xs">
          <Text c="dimmed" size="sm">
            There are more.
          </Text>
          <Button variant="default" onClick={() => onNext(next)}>
            Next page
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Failed({ error, shown }: { error: unknown; shown: readonly string[] }) {
  const problem = problemOf(error);
  const { request_id } = problem.document;
  return (
    <Stack gap="md">
      <ErrorState error={error} shown={shown} />
      {request_id !== undefined && <CallTiming requestId={request_id} />}
      {problem.code === 'account_reauth_required' && (
        <Text c="dimmed">
          Open the{' '}
          <Anchor component={Link} to={paths.accounts} underline="always">
            account
          </Anchor>{' '}
          to link it again.
        </Text>
      )}
    </Stack>
  );
}
