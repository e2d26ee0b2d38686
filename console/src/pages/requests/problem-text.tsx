import { Text } from '@mantine/core';
// Not a type, but a table that imports nothing: the log keeps codes alone, and this is what they mean.
import { type Fault, PROBLEMS, type ProblemCode } from '../../../../src/problems.ts';
import classes from './requests.module.css';

const FAULTS: Readonly<Record<Fault, string>> = {
  caller: 'The caller: the request, its inputs or its key.',
  operator: 'The set-up: the connector profile, the account, or the app at the provider.',
  provider: 'The provider.',
  network: 'The network between this server and the provider.',
  server: 'This server, or its store.',
};

/** What a refused call was answered, and what to do about it. */
export function ProblemText({ code, fault }: { code: string; fault: Fault | null }) {
  const kind = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode] : undefined;
  return (
    <section className={classes.problem} aria-label="Why it failed">
      <Text fw={600}>{kind?.title ?? code}</Text>
      {kind && <Text>{kind.hint}</Text>}
      {fault !== null && <Text c="dimmed">Whose doing: {FAULTS[fault]}</Text>}
      <Text c="dimmed" size="sm" mt={4}>
        <code>{code}</code>
        {kind && (
          <>
            {' '}
            · {kind.retryable ? 'The same call may succeed later' : 'The same call would fail again'} · more in{' '}
            <code>docs/errors.md#{code}</code>
          </>
        )}
      </Text>
    </section>
  );
}
