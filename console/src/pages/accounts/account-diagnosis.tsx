import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { accountKeys, type Diagnosis, diagnoseAccount } from '../../api/accounts.ts';
import { useApi } from '../../api/api-context.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Section } from '../../components/section.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import classes from './accounts.module.css';
import { stepsOf } from './remedy.ts';

/** Goes through the checklist of the account's set-up at the provider, and says what to do. */
export function AccountDiagnosis({ id }: { id: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const run = useMutation({
    mutationFn: () => diagnoseAccount(api, id),
    // A token that the provider no longer takes changes the account's status.
    onSettled: () => queries.invalidateQueries({ queryKey: accountKeys.all }),
  });
  return (
    <Section
      title="Diagnose"
      description="Asks the provider with harmless reads whether the account is set up as it must be."
      actions={
        <Button variant="default" loading={run.isPending} onClick={() => run.mutate()}>
          {run.data ? 'Diagnose again' : 'Diagnose'}
        </Button>
      }
    >
      <div role="status">
        {run.isPending && (
          <Group gap="sm">
            <Loader size="xs" aria-hidden />
            <Text c="dimmed">Asking the provider, one check after the other…</Text>
          </Group>
        )}
        {!run.isPending && run.data && <Outcome diagnosis={run.data} />}
        {run.isIdle && <Text c="dimmed">Not asked yet.</Text>}
      </div>
      {run.error !== null && !run.isPending && <ErrorState error={run.error} />}
    </Section>
  );
}

function Outcome({ diagnosis: { passed, checks } }: { diagnosis: Diagnosis }) {
  const failed = checks.filter(({ outcome }) => outcome === 'failed').length;
  const said = passed
    ? 'Nothing that was checked is wrong.'
    : failed === 0
      ? 'Not all could be checked.'
      : `${failed} of ${checks.length} checks failed. Mend the first one first: others may follow from it.`;
  return (
    <Stack gap="xs">
      <Text fw={500}>{said}</Text>
      <ol className={classes.checks}>
        {checks.map((check) => (
          <li key={check.id} className={classes.check}>
            <span>
              <StatusBadge status={check.outcome} />
            </span>
            <CheckText check={check} />
          </li>
        ))}
      </ol>
    </Stack>
  );
}

function CheckText({ check }: { check: Diagnosis['checks'][number] }) {
  const { label, reason, detail, remedy, code, provider } = check;
  return (
    <div>
      <Text>{label}</Text>
      {reason !== undefined && <Text c="dimmed">{reason}</Text>}
      {detail !== undefined && <Text c="dimmed">{detail}</Text>}
      {provider?.message !== undefined && (
        <Text c="dimmed">
          The provider said: <bdi>{provider.message}</bdi>
        </Text>
      )}
      {(code !== undefined || provider?.request_id !== undefined) && (
        <Text c="dimmed" size="sm">
          {code !== undefined && <code>{code}</code>}
          {provider?.request_id !== undefined && (
            <>
              {' '}
              Provider’s request <code>{provider.request_id}</code>
            </>
          )}
        </Text>
      )}
      {remedy !== undefined && <Remedy text={remedy} />}
    </div>
  );
}

function Remedy({ text }: { text: string }) {
  const steps = stepsOf(text);
  return (
    <div className={classes.remedy}>
      <Text fw={500} size="sm">
        What to do
      </Text>
      {steps.length > 1 ? (
        <ol>
          {steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps are told by their numbers, and may say the same
            <li key={index}>{step}</li>
          ))}
        </ol>
      ) : (
        <Text>{text}</Text>
      )}
    </div>
  );
}
