import { tokenIntrospection } from 'openid-client';
import type { Clock } from '../clock.ts';
import { Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';
import type { Door } from '../upstream/types.ts';
import type { OAuthClient } from './grant.ts';
import { scopeList } from './granted-scopes.ts';
import { inquire } from './token-inquiry.ts';

/** What an authorization server says of a token (RFC 7662 §2.2). */
export interface Introspection {
  active: boolean;
  /** Null where the answer does not say. */
  scopes: string[] | null;
  clientId: string | null;
  /** Milliseconds since the epoch, by the provider's clock; null where the answer does not say. */
  expiresAt: number | null;
}

export interface RequestLimits {
  /** Milliseconds since the epoch; 8 s from now unless given. */
  deadlineAt?: number;
}

const SECOND_MS = 1_000;

/**
 * Asks what a token is worth (RFC 7662). Rejects as a token request does (`token_*`, `host_refused`), and with `internal` for
 * a method without an introspection endpoint.
 */
export async function introspect(
  deps: { door: Door; clock: Clock },
  client: OAuthClient,
  token: Secret,
  limits: RequestLimits = {},
): Promise<Introspection> {
  const { introspectionEndpoint } = client.authentication;
  if (!introspectionEndpoint) throw new Problem('internal', 'The authentication method has no introspection endpoint.');
  const inquiry = {
    ...{ client, token, deadlineAt: limits.deadlineAt },
    endpoints: { introspection_endpoint: introspectionEndpoint.href },
    shown: ({ active }: Record<string, unknown>) => ({ active }),
  };
  return inquire(deps, inquiry, async (config, answer) => {
    const { active } = await tokenIntrospection(config, token.reveal());
    const { scope, client_id, exp } = answer();
    return {
      active,
      scopes: scopeList(scope) ?? null,
      clientId: typeof client_id === 'string' ? client_id : null,
      expiresAt: typeof exp === 'number' && Number.isFinite(exp) ? exp * SECOND_MS : null,
    };
  });
}
