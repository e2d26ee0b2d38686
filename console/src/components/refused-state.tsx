import { Text, Title } from '@mantine/core';
import type { ApiProblem } from '../api/problem.ts';
import classes from './states.module.css';

/** What the signed-in key may not do or see. `ErrorState` shows it by itself for such problems. */
export function RefusedState({ problem }: { problem: ApiProblem }) {
  const { title, detail, request_id } = problem.document;
  return (
    <section className={classes.problem} data-tone="refused" role="alert">
      <Title order={2}>{title}</Title>
      <Text>{detail}</Text>
      {problem.hint !== undefined && <Text c="dimmed">{problem.hint}</Text>}
      {request_id !== undefined && (
        <Text c="dimmed" size="sm" mt="xs">
          Request <code>{request_id}</code>
        </Text>
      )}
    </section>
  );
}
