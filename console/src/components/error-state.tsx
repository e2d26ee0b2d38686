import { Button, Text, Title } from '@mantine/core';
import { problemOf } from '../api/problem.ts';
import { RefusedState } from './refused-state.tsx';
import classes from './states.module.css';

interface ErrorStateProps {
  error: unknown;
  /** Offers to try again. */
  onRetry?: (() => void) | undefined;
  retryLabel?: string;
  /** JSON pointers of faults that stand at their fields already (see `errorAt`). */
  shown?: readonly string[];
}

/** What went wrong, what to do, and what to report; in place of content or above a form's buttons. */
export function ErrorState({ error, onRetry, retryLabel = 'Try again', shown = [] }: ErrorStateProps) {
  const problem = problemOf(error);
  if (problem.refused) return <RefusedState problem={problem} />;
  const { title, detail, code, request_id, provider } = problem.document;
  const faults = problem.errors.filter(({ path }) => !shown.includes(path));
  return (
    <section className={classes.problem} data-tone="error" role="alert">
      <Title order={2}>{title}</Title>
      <Text>{detail}</Text>
      {faults.length > 0 && (
        <ul className={classes.faults}>
          {faults.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path === '' ? '/' : path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {provider?.message !== undefined && <Text mt={4}>The provider said: {provider.message}</Text>}
      {problem.hint !== undefined && <Text c="dimmed">{problem.hint}</Text>}
      <dl className={classes.facts}>
        <Fact name="Code" value={code} />
        <Fact name="Request" value={request_id} />
        <Fact name="Provider's request" value={provider?.request_id} />
        <Fact name="Repeat after" value={problem.retryAfterS === undefined ? undefined : `${problem.retryAfterS} s`} />
      </dl>
      {onRetry && (
        <Button variant="default" size="compact-md" mt="sm" onClick={onRetry}>
          {retryLabel}
        </Button>
      )}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string | undefined }) {
  if (value === undefined || value === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
      </dd>
    </div>
  );
}
