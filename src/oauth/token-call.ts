import type { Configuration, TokenEndpointResponse } from 'openid-client';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import { readProviderWords } from '../upstream/provider-words.ts';
import type { Door } from '../upstream/types.ts';
import { type ClientCredentials, configurationOf, problemOf, secretsOfClient } from './client-configuration.ts';
import { recordingDoor } from './recording-door.ts';
import { expiryOf } from './token-lifetime.ts';

export interface TokenCall {
  credentials: ClientCredentials;
  endpoint: URL;
  allowedOrigins: ReadonlySet<string>;
  /** When the answer must be there; milliseconds since the epoch. */
  deadlineAt: number;
  /** `safe` only where asking twice harms nothing. */
  retry: 'safe' | 'unsent';
  /** What is sent besides the client's credentials and must not show either. */
  secrets: readonly Secret[];
  ask: (config: Configuration) => Promise<TokenEndpointResponse>;
}

export interface TokenAnswer {
  accessToken: Secret;
  refreshToken: Secret | null;
  /** A safety margin already taken off; milliseconds since the epoch. */
  expiresAt: number;
  obtainedAt: number;
  /** RFC 6749 §5.1 `scope`; undefined where the answer has none. */
  scopes: string[] | undefined;
}

/** What is known of a token request that gave no usable token. */
export interface TokenFailure {
  problem: Problem;
  /** What the provider answered; undefined where nothing could be read. Not redacted: for classification only. */
  said: { status: number; error: string | undefined; searchable: string } | undefined;
  /** Whether bytes of the request may have reached the provider although no answer was read. */
  maybeReceived: boolean;
}

export type TokenOutcome = { answer: TokenAnswer } | { failure: TokenFailure };

// Real answers are 1 to 4 KB, tokens included.
const MAX_RESPONSE_BYTES = 64 * 1024;
// What can stand in an Authorization header (RFC 6749 appendix A.12 without the space).
const TOKEN = /^[\x21-\x7e]+$/;
const MAX_TOKEN_CHARS = 16_384;

/** One request to a token endpoint. Never rejects for what the provider does; no problem has a secret or a token in it. */
export async function callTokenEndpoint(deps: { door: Door; clock: Clock }, call: TokenCall): Promise<TokenOutcome> {
  const { clock } = deps;
  const sentAt = clock.now();
  const recorder = recordingDoor(deps.door, ({ access_token, token_type, scope }) => ({
    access_token,
    token_type,
    ...(typeof scope === 'string' && { scope }),
  }));
  const { allowedOrigins, deadlineAt, retry } = call;
  const config = configurationOf(
    call.credentials,
    { token_endpoint: call.endpoint.href },
    { door: recorder.door, options: { allowedOrigins, deadlineAt, retry, maxResponseBytes: MAX_RESPONSE_BYTES } },
  );
  try {
    const { access_token, token_type, scope } = await call.ask(config);
    // openid-client lets "dpop" pass too, which could not be used as a bearer.
    if (token_type !== 'bearer') throw new Error('the token is not a bearer token');
    if (!isUsableToken(access_token)) throw new Error('the token fits no header');
    const answer: TokenAnswer = {
      accessToken: new Secret(access_token),
      refreshToken: refreshTokenOf(recorder.json?.refresh_token),
      expiresAt: expiryOf(recorder.json?.expires_in, sentAt),
      obtainedAt: sentAt,
      scopes: scopesOf(scope),
    };
    return { answer };
  } catch (error) {
    const { json, response, failure } = recorder;
    const given = [json?.access_token, json?.refresh_token, json?.id_token].filter(
      (value) => typeof value === 'string',
    );
    const sent = call.secrets.map((secret) => secret.reveal());
    const secrets = [...secretsOfClient(call.credentials), ...sent, ...given];
    const words = response && readProviderWords(response, secrets);
    return {
      failure: {
        problem: problemOf(recorder, error, secrets, clock.now()),
        said: response && words && { status: response.status, error: words.error, searchable: words.searchable },
        // The door marks a write that may have been carried out so; of what is not the door's own word, nothing is known.
        maybeReceived: failure instanceof Problem ? failure.options.retryable === false : failure !== undefined,
      },
    };
  }
}

/** A list without a name is none (RFC 6749 §3.3): nothing is said. */
function scopesOf(scope: string | undefined): string[] | undefined {
  const names = scope?.split(' ').filter((name) => name !== '') ?? [];
  return names.length > 0 ? names : undefined;
}

function isUsableToken(text: string): boolean {
  return TOKEN.test(text) && text.length <= MAX_TOKEN_CHARS;
}

/** Anything that can be sent back in a form (RFC 6749 appendix A.17 allows less, and nobody is served by insisting). */
function refreshTokenOf(value: unknown): Secret | null {
  const usable = typeof value === 'string' && value !== '' && value.length <= MAX_TOKEN_CHARS && value.isWellFormed();
  return usable ? new Secret(value) : null;
}
