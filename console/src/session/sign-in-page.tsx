import { Alert, Button, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { type ApiProblem, problemOf } from '../api/problem.ts';
import { type Session, type SessionEnd, signIn } from '../api/session.ts';
import { ErrorState } from '../components/error-state.tsx';
import { Wordmark } from '../shell/wordmark.tsx';
import classes from './sign-in-page.module.css';

interface SignInPageProps {
  /** How the session before this ended; undefined: there was none. */
  end: SessionEnd | undefined;
  onSignedIn: (session: Session) => void;
}

// What is said at the field; everything else is no fault of the key.
const FAULTS_OF_THE_KEY = ['key_invalid', 'key_revoked', 'key_expired', 'role_forbidden', 'request_invalid'];

export function SignInPage({ end, onSignedIn }: SignInPageProps) {
  const api = useApi();
  const [key, setKey] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const titleId = useId();
  const attempt = useMutation({
    mutationFn: (text: string) => signIn(api, text),
    // Neither the key nor the answer stays in memory for longer than needed.
    gcTime: 0,
    onSuccess: (session) => {
      setKey('');
      onSignedIn(session);
    },
    onError: () => field.current?.focus(),
  });
  useEffect(() => {
    document.title = 'Sign in – Corbel';
    field.current?.focus();
  }, []);

  const problem = attempt.error ? problemOf(attempt.error) : undefined;
  const atKey = problem !== undefined && FAULTS_OF_THE_KEY.includes(problem.code);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() === '') {
      field.current?.focus();
      return;
    }
    attempt.mutate(key.trim());
  };
  return (
    <main className={classes.page}>
      <Paper className={classes.card} p="xl" radius="md" component="section" aria-labelledby={titleId}>
        <Stack gap="lg">
          <Wordmark />
          <div>
            <Title id={titleId} order={1}>
              Sign in
            </Title>
            <Text c="dimmed" mt={4}>
              With an operator key of your project.
            </Text>
          </div>
          {end === 'untold' && !problem && (
            <Alert variant="light" color="yellow" role="alert">
              The server could not be told that you signed out: this browser may be signed in still. Load the page
              again, and sign out once more.
            </Alert>
          )}
          {end === 'expired' && !problem && (
            <Alert variant="light" color="accent" role="status">
              Your session has ended. Sign in to go on where you were.
            </Alert>
          )}
          {/* Should the browser ever send it by itself, then not with the key in the address. */}
          <form method="post" onSubmit={submit} noValidate autoComplete="off">
            <Stack gap="md">
              <PasswordInput
                ref={field}
                label="Operator key"
                description="It begins with ck_ and was shown when it was made."
                name="operator-key"
                autoComplete="off"
                spellCheck={false}
                data-1p-ignore
                data-lpignore="true"
                size="md"
                value={key}
                onChange={(event) => setKey(event.currentTarget.value)}
                error={atKey ? wrongKey(problem) : undefined}
                errorProps={{ role: 'alert' }}
                visibilityToggleButtonProps={{ 'aria-label': 'Show the key' }}
                aria-invalid={atKey}
                required
                withAsterisk={false}
              />
              <Button type="submit" size="md" loading={attempt.isPending} fullWidth>
                Sign in
              </Button>
            </Stack>
          </form>
          {problem && !atKey && <ErrorState error={problem} />}
        </Stack>
      </Paper>
    </main>
  );
}

function wrongKey({ code, document, hint = '' }: ApiProblem): string {
  // Its hint is for callers with several keys at hand.
  return code === 'role_forbidden' ? document.detail : `${document.detail} ${hint}`;
}
