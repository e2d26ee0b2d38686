import type { Clock } from '../clock.ts';
import { assertPending, type ConnectSession, changeSession, type SessionError } from '../domain/connect-session.ts';
import { Problem } from '../problems.ts';
import type { Store } from '../store/store.ts';

/** Ends sessions in the store, each once. */
export interface SessionEnd {
  /**
   * Takes the session for this process, so that nobody else completes or cancels it; for a minute. `attempt` is the
   * authorization request that is answered, if it is one. Rejects with `connect_session_expired`,
   * `connect_session_finished`, and `state_invalid` when a newer request was made.
   */
  claim(session: ConnectSession, attempt: number | undefined): Promise<ConnectSession>;
  authenticated(claimed: ConnectSession): Promise<ConnectSession>;
  failed(claimed: ConnectSession, error: SessionError): Promise<ConnectSession>;
  /** The person said no at the provider. */
  denied(claimed: ConnectSession, error: SessionError): Promise<ConnectSession>;
  /** Same rejections as {@link claim}; cancelling twice changes nothing. */
  cancelled(session: ConnectSession): Promise<ConnectSession>;
}

export function createSessionEnd({ store, clock }: { store: Store; clock: Clock }): SessionEnd {
  const now = () => new Date(clock.now()).toISOString();

  const end = (claimed: ConnectSession, change: Parameters<typeof changeSession>[4]) =>
    changeSession(store, clock.now(), claimed.project, claimed.id, (session) => {
      // Taken over after a minute: whoever took it says how it ends.
      if (session.completing_at !== claimed.completing_at || session.state !== 'pending') return undefined;
      return change(session);
    });

  return {
    claim: (session, attempt) =>
      changeSession(store, clock.now(), session.project, session.id, (present) => {
        assertPending(present, clock.now());
        if (attempt !== undefined && present.attempt !== attempt)
          throw new Problem('state_invalid', 'A newer authorization was begun with the same link.');
        return { completing_at: now() };
      }),
    authenticated: (claimed) => end(claimed, () => ({ state: 'authenticated', completed_at: now() })),
    failed: (claimed, error) => end(claimed, () => ({ state: 'error', error, completed_at: now() })),
    denied: (claimed, error) => end(claimed, () => ({ state: 'cancelled', error, completed_at: now() })),
    cancelled: (session) =>
      changeSession(store, clock.now(), session.project, session.id, (present) => {
        if (present.state === 'cancelled') return undefined;
        assertPending(present, clock.now());
        return { state: 'cancelled', completed_at: now() };
      }),
  };
}
