import { Button, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { problemOf } from '../api/problem.ts';
import classes from './states.module.css';

// A region that comes together with its text is not read out.
const BEFORE_TEXT_MS = 100;

const WithinStale = createContext(false);

interface NotRenewedProps {
  /** Why the last fetch failed. */
  error: unknown;
  /** Of what is shown, in milliseconds since the epoch. */
  since: number;
}

/** Says above older content that newer fails to come; asks again for everything on the page that failed. */
export function NotRenewed({ error, since }: NotRenewedProps) {
  const queries = useQueryClient();
  const said = useContext(WithinStale);
  const [inPlace, setInPlace] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setInPlace(true), BEFORE_TEXT_MS);
    return () => clearTimeout(timer);
  }, []);
  // What is around it says so already.
  if (said) return null;
  const retry = () => queries.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' });
  return (
    <div className={classes.stale}>
      <Text span role="status">
        {inPlace && `Not renewed since ${timeText(since)}: ${reasonOf(error)}`}
      </Text>
      <Button variant="subtle" size="compact-sm" onClick={() => void retry()}>
        Try again
      </Button>
    </div>
  );
}

/** Content that is older than it should be: its parts need not say so each for itself. */
export function StaleContent({ stale, children }: { stale: boolean; children: ReactNode }) {
  const around = useContext(WithinStale);
  return <WithinStale value={stale || around}>{children}</WithinStale>;
}

function reasonOf(error: unknown): string {
  const { code, title } = problemOf(error).document;
  return code === 'server_unreachable' ? 'the server does not answer' : title;
}

function timeText(at: number): string {
  const date = new Date(at);
  const day = date.toDateString() === new Date().toDateString() ? {} : ({ day: 'numeric', month: 'short' } as const);
  return date.toLocaleString(undefined, { ...day, hour: '2-digit', minute: '2-digit' });
}
