import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  clientCredentialsGrant,
  customFetch,
} from 'openid-client';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import { doorFetch } from '../upstream/fetch.ts';
import { parseObject } from '../upstream/provider-words.ts';
import type { Door, UpstreamResponse } from '../upstream/types.ts';
import { expiryOf } from './token-lifetime.ts';
import { failureOf, refusalOf } from './token-refusals.ts';

export interface TokenEndpoint {
  url: URL;
  /** RFC 6749 §2.3.1. Never both: some providers refuse that. */
  clientAuthentication: 'client_secret_basic' | 'client_secret_post';
}

export interface ClientCredentialsRequest {
  endpoint: TokenEndpoint;
  clientId: string;
  clientSecret: Secret;
  scopes: readonly string[];
  allowedOrigins: ReadonlySet<string>;
  /** When the answer must be there; milliseconds since the epoch. */
  deadlineAt: number;
}

export interface IssuedToken {
  token: Secret;
  /** Until when it may be used, a safety margin already taken off; milliseconds since the epoch. */
  expiresAt: number;
  obtainedAt: number;
  /** What the answer says was granted (RFC 6749 §5.1 `scope`), else what was asked for. */
  scopes: readonly string[];
}

// Real answers are 1 to 4 KB, tokens included.
const MAX_RESPONSE_BYTES = 64 * 1024;
// What can stand in an Authorization header (RFC 6749 appendix A.12 without the space).
const TOKEN = /^[\x21-\x7e]+$/;
const MAX_TOKEN_CHARS = 16_384;

/**
 * One client credentials request (RFC 6749 §4.4). Rejects with `token_client_rejected`, `token_scope_rejected`,
 * `token_request_rejected`, `token_rate_limited` (with retryAfterS), `token_endpoint_unavailable`,
 * `token_response_invalid`, `host_refused`; each with what the provider said, and none with the secret or a token in it.
 */
export async function requestAppToken(
  deps: { door: Door; clock: Clock },
  request: ClientCredentialsRequest,
): Promise<IssuedToken> {
  const sentAt = deps.clock.now();
  const recorder = recordingDoor(deps.door);
  const config = configurationOf(request, recorder.door);
  const scope = request.scopes.join(' ');
  try {
    const answer = await clientCredentialsGrant(config, scope === '' ? {} : { scope });
    assertUsable(answer);
    const { access_token, scope: granted } = answer;
    return {
      token: new Secret(access_token),
      expiresAt: expiryOf(recorder.expiresIn, sentAt),
      obtainedAt: sentAt,
      scopes: granted === undefined ? request.scopes : granted.split(' ').filter((name) => name !== ''),
    };
  } catch (error) {
    // openid-client hides what the door threw in its own errors, and those may carry the whole answer: told anew here.
    if (recorder.failure instanceof Problem) throw failureOf(recorder.failure);
    if (recorder.response) throw refusalOf(recorder.response, secretsOf(request, recorder.response), deps.clock.now());
    throw new Problem('internal', 'The token request could not be made.', { cause: withoutContents(error) });
  }
}

function configurationOf({ endpoint, clientId, clientSecret, ...request }: ClientCredentialsRequest, door: Door) {
  const authentication =
    endpoint.clientAuthentication === 'client_secret_basic'
      ? ClientSecretBasic(clientSecret.reveal())
      : ClientSecretPost(clientSecret.reveal());
  const server = { issuer: endpoint.url.origin, token_endpoint: endpoint.url.href };
  const config = new Configuration(server, clientId, undefined, authentication);
  // Whether plain http may be used is the door's decision, like every other question of where a request may go.
  allowInsecureRequests(config);
  config[customFetch] = doorFetch(door, () => ({
    allowedOrigins: request.allowedOrigins,
    deadlineAt: request.deadlineAt,
    maxResponseBytes: MAX_RESPONSE_BYTES,
    // Asking twice for an app token harms nothing: the first token is merely unused.
    retry: 'safe',
  }));
  return config;
}

interface Recorder {
  readonly door: Door;
  /** As the provider sent it. */
  readonly expiresIn: unknown;
  readonly response: UpstreamResponse | undefined;
  readonly failure: unknown;
}

/**
 * A door that keeps what passed, for the error path, and lets only what is needed of a good answer through: openid-client
 * refuses a token for a malformed `expires_in`, `refresh_token` or `id_token`, and a token that was given is not dropped
 * for that.
 */
function recordingDoor(door: Door): Recorder {
  let response: UpstreamResponse | undefined;
  let failure: unknown;
  let expiresIn: unknown;
  const recording: Door = {
    send: async (outgoing, options) => {
      try {
        response = await door.send(outgoing, options);
      } catch (error) {
        failure = error;
        throw error;
      }
      const json = response.status === 200 ? parseObject(response.body.toString('utf8')) : undefined;
      if (!json) return response;
      expiresIn = json.expires_in;
      const { access_token, token_type, scope } = json;
      const needed = { access_token, token_type, ...(typeof scope === 'string' && { scope }) };
      return { ...response, body: Buffer.from(JSON.stringify(needed)) };
    },
    close: () => door.close(),
  };
  return {
    door: recording,
    get expiresIn() {
      return expiresIn;
    },
    get response() {
      return response;
    },
    get failure() {
      return failure;
    },
  };
}

function assertUsable({ access_token, token_type }: { access_token: string; token_type: string }): void {
  // openid-client lets "dpop" pass too, which could not be used as a bearer.
  if (token_type !== 'bearer') throw new Error('the token is not a bearer token');
  if (!TOKEN.test(access_token) || access_token.length > MAX_TOKEN_CHARS) throw new Error('the token fits no header');
}

function secretsOf({ clientId, clientSecret }: ClientCredentialsRequest, response: UpstreamResponse): string[] {
  const secret = clientSecret.reveal();
  const [formId = '', formSecret = ''] = [clientId, secret].map(encodeURIComponent);
  const json = parseObject(response.body.toString('utf8'));
  const given = [json?.access_token, json?.refresh_token, json?.id_token].filter((value) => typeof value === 'string');
  return [secret, `${clientId}:${secret}`, `${formId}:${formSecret}`, ...given];
}

function withoutContents(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'no code';
  return new Error(`${error.name} (${code})`);
}
