import type { Configuration } from 'openid-client';
import type { Clock } from '../clock.ts';
import type { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';
import { configurationOf, credentialsOf, type Endpoints, problemOf, secretsOfClient } from './client-configuration.ts';
import type { OAuthClient } from './grant.ts';
import { recordingDoor } from './recording-door.ts';

/** A request about a token that already exists: what it is worth, or that it shall be worth nothing. */
export interface TokenInquiry {
  client: OAuthClient;
  token: Secret;
  endpoints: Endpoints;
  /** What of the answer openid-client gets to see. */
  shown: Parameters<typeof recordingDoor>[1];
  /** Milliseconds since the epoch; 8 s from now unless given. */
  deadlineAt?: number | undefined;
}

/** Like a token request's: who waits for longer has no use for the answer. */
export const OAUTH_DEADLINE_MS = 8_000;
const MAX_RESPONSE_BYTES = 64 * 1024;

/**
 * Sends one; asking twice does no harm. `ask` gets the whole answer besides what openid-client makes of it. Rejects as a token
 * request does (`token_*`, `host_refused`), never with a credential or the token in the text.
 */
export async function inquire<T>(
  deps: { door: Door; clock: Clock },
  { client, token, endpoints, shown, deadlineAt }: TokenInquiry,
  ask: (config: Configuration, answer: () => Readonly<Record<string, unknown>>) => Promise<T>,
): Promise<T> {
  const recorder = recordingDoor(deps.door, shown);
  const credentials = credentialsOf(client);
  const options = {
    allowedOrigins: client.allowedOrigins,
    deadlineAt: deadlineAt ?? deps.clock.now() + OAUTH_DEADLINE_MS,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    retry: 'safe',
  } as const;
  try {
    return await ask(
      configurationOf(credentials, endpoints, { door: recorder.door, options }),
      () => recorder.json ?? {},
    );
  } catch (error) {
    throw problemOf(recorder, error, [...secretsOfClient(credentials), token.reveal()], deps.clock.now());
  }
}
