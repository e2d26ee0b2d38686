import type { Clock } from '../clock.ts';
import type { Authentication } from '../connector/connector.ts';
import type { Identity } from '../domain/account.ts';
import { ExpressionError } from '../expression/expression.ts';
import { grantOfKey, type OAuthClient, type ObtainedGrant } from '../oauth/grant.ts';
import { scopeList } from '../oauth/granted-scopes.ts';
import { askIdentity, readIdentity } from '../oauth/identity.ts';
import { secretsOfCredential } from '../oauth/placement.ts';
import { Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';
import { MAX_JSON_DEPTH, parseJsonBody } from '../upstream/json.ts';
import { readProviderWords, showsSecret } from '../upstream/provider-words.ts';
import type { Door, UpstreamResponse } from '../upstream/types.ts';

/** Longer ones are files that were pasted by mistake. */
export const MAX_KEY_CHARS = 4_096;

// What can stand in a header without its meaning changing on the way: no spaces, which copying adds.
const KEY = /^[!-~]+$/;
// Somebody waits for the answer.
const DEADLINE_MS = 15_000;
/** Statuses below 500 that tell about the moment, not about the key. */
const PASSING: ReadonlySet<number> = new Set([408, 429]);

/** What is wrong with the form of a key, never with a part of it in the text; undefined when nothing is. */
export function faultOfKey({ keyPattern, placement }: Authentication, key: string): string | undefined {
  if (key.length > MAX_KEY_CHARS) return `must have at most ${MAX_KEY_CHARS} characters`;
  if (!KEY.test(key)) return 'must be visible ASCII characters without spaces';
  // RFC 7617 §2: "a user-id containing a colon character is invalid".
  if (placement.in === 'basic' && key.includes(':')) return 'must have no colon';
  if (keyPattern && !keyPattern.matches(key)) return `must match pattern "${keyPattern.source}"`;
  return undefined;
}

/**
 * Asks the provider about a key of the right form before it is believed, as far as the method declares an identity. Rejects
 * with `credential_inactive` when the provider refuses the key or does not say whose it is, with `provider_unavailable`,
 * `provider_response_invalid` and what the door rejects with. The key is in none of them.
 */
export async function acceptKey(
  deps: { door: Door; clock: Clock },
  client: OAuthClient,
  key: Secret,
): Promise<{ grant: ObtainedGrant; identity: Identity | null }> {
  const now = deps.clock.now();
  const { identity: declared } = client.authentication;
  if (!declared) return { grant: grantOfKey(key, now, null), identity: null };
  const response = await askIdentity(deps, client, declared.url, key, { deadlineAt: now + DEADLINE_MS });
  if (response.status !== 200) throw refusalOf(response, client.authentication, key);
  const body = parseJsonBody(response.body, { maxDepth: MAX_JSON_DEPTH });
  const identity = await readIdentity(declared, body);
  const hidden = secretsOfCredential(client.authentication.placement, key.reveal());
  // An answer that echoes the key would put it into the account.
  const clean = (text: string | null) => text !== null && !showsSecret(text, hidden);
  if (!identity || !clean(identity.subject))
    throw new Problem('credential_inactive', 'The provider does not say whose key it is.', { hint: KEY_HINT });
  const scopes = await scopesOf(client.authentication, response, body);
  return {
    identity: {
      subject: identity.subject,
      name: clean(identity.name) ? identity.name : null,
      email: clean(identity.email) ? identity.email : null,
    },
    grant: grantOfKey(key, now, scopes?.filter(clean) ?? null),
  };
}

const KEY_HINT = 'Make a new key at the provider, with the permissions that the connector needs, and send that.';

function refusalOf(response: UpstreamResponse, { placement }: Authentication, key: Secret): Problem {
  const { status } = response;
  const { detail } = readProviderWords(response, secretsOfCredential(placement, key.reveal()));
  return status >= 400 && status < 500 && !PASSING.has(status)
    ? new Problem('credential_inactive', `The provider refuses the key (status ${status}).`, {
        provider: detail,
        hint: KEY_HINT,
      })
    : new Problem('provider_unavailable', `The provider did not say whose key it is (status ${status}).`, {
        provider: detail,
      });
}

/** Null where the answer does not say. */
async function scopesOf(
  { grantedScopes }: Authentication,
  { status, headers }: UpstreamResponse,
  body: unknown,
): Promise<string[] | null> {
  try {
    return scopeList(await grantedScopes?.evaluate({ status, headers, body })) ?? null;
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}
