import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './states.module.css';

interface EmptyStateProps {
  title: string;
  /** Why it is empty, or what to do. */
  text?: ReactNode;
  /** The way out: a button, a link. */
  children?: ReactNode;
}

/** In place of a list that has nothing in it. */
export function EmptyState({ title, text, children }: EmptyStateProps) {
  return (
    <section className={classes.empty}>
      <Title order={2}>{title}</Title>
      {text !== undefined && <Text c="dimmed">{text}</Text>}
      {children !== undefined && <div className={classes.out}>{children}</div>}
    </section>
  );
}
