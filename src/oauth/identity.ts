import type { Clock } from '../clock.ts';
import type { Authentication } from '../connector/connector.ts';
import type { Identity } from '../domain/account.ts';
import { type Expression, ExpressionError } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';
import { MAX_JSON_DEPTH, parseJsonBody } from '../upstream/json.ts';
import { readProviderWords } from '../upstream/provider-words.ts';
import type { Door, UpstreamResponse } from '../upstream/types.ts';
import type { OAuthClient } from './grant.ts';
import type { RequestLimits } from './introspection.ts';
import { credentialHeader } from './placement.ts';
import { OAUTH_DEADLINE_MS } from './token-inquiry.ts';

const MAX_RESPONSE_BYTES = 64 * 1024;
// OpenID Connect Core §2: a subject has at most 255 characters. Names are for people's eyes and need no more either.
const MAX_TEXT_CHARS = 255;
/** What a provider answers when the token's scopes do not reach that far. */
const NOT_PERMITTED: ReadonlySet<number> = new Set([401, 403]);

/**
 * Who consented, by the provider's own account of the token. Null where the method declares no such place, the token may not
 * ask there, or the answer names nobody. Rejects with `provider_unavailable`, `provider_response_invalid` and what the door
 * rejects with.
 */
export async function fetchIdentity(
  deps: { door: Door; clock: Clock },
  client: OAuthClient,
  accessToken: Secret,
  limits: RequestLimits = {},
): Promise<Identity | null> {
  const { identity } = client.authentication;
  if (!identity) return null;
  const response = await askIdentity(deps, client, identity.url, accessToken, limits);
  if (NOT_PERMITTED.has(response.status)) return null;
  if (response.status !== 200) {
    const { detail } = readProviderWords(response, [accessToken.reveal()]);
    throw new Problem('provider_unavailable', `The provider did not say who consented (status ${response.status}).`, {
      provider: detail,
    });
  }
  return readIdentity(identity, parseJsonBody(response.body, { maxDepth: MAX_JSON_DEPTH }));
}

/** The provider's answer about a credential's owner, whatever it is. Rejects with what the door rejects with. */
export function askIdentity(
  { door, clock }: { door: Door; clock: Clock },
  { authentication, allowedOrigins }: OAuthClient,
  url: URL,
  credential: Secret,
  limits: RequestLimits,
): Promise<UpstreamResponse> {
  const headers = { accept: 'application/json', ...credentialHeader(authentication.placement, credential.reveal()) };
  return door.send(
    { method: 'GET', url, headers },
    {
      allowedOrigins,
      deadlineAt: limits.deadlineAt ?? clock.now() + OAUTH_DEADLINE_MS,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      retry: 'safe',
    },
  );
}

/** Whom an answer names; null where it names nobody. */
export async function readIdentity(
  identity: NonNullable<Authentication['identity']>,
  body: unknown,
): Promise<Identity | null> {
  const subject = await textOf(identity.subject, body);
  if (subject === null) return null;
  return { subject, name: await textOf(identity.name, body), email: await textOf(identity.email, body) };
}

async function textOf(expression: Expression | undefined, body: unknown): Promise<string | null> {
  try {
    const value = await expression?.evaluate({ body });
    const text = typeof value === 'number' ? String(value) : value;
    const isText = typeof text === 'string' && text !== '' && text.length <= MAX_TEXT_CHARS && text.isWellFormed();
    return isText ? text : null;
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}
