import { decodeJwt } from 'jose';
import type { Authentication } from '../connector/connector.ts';
import { ExpressionError } from '../expression/expression.ts';
import { Problem } from '../problems.ts';
import type { Secret } from '../secret.ts';

/**
 * What was really granted: the answer's `scope` member (RFC 6749 §5.1), else what the connector reads from the claims of an
 * access token that is a JWT, else introspection. Null where none of them says. Never rejects for what the provider gives: a
 * grant must not be lost over the question of its scopes.
 */
export async function grantedScopes(
  { grantedScopes: expression, introspectionEndpoint }: Authentication,
  answer: { scopes: string[] | undefined },
  accessToken: Secret,
  introspection: () => Promise<string[] | null>,
): Promise<string[] | null> {
  if (answer.scopes) return answer.scopes;
  const claims = expression && claimsOf(accessToken);
  const claimed = claims && scopeList(await quietly(() => expression.evaluate({ claims })));
  if (claimed) return claimed;
  return introspectionEndpoint ? ((await quietly(introspection)) ?? null) : null;
}

/** A list of scopes or space-separated text (RFC 6749 §3.3); undefined for anything else. */
export function scopeList(value: unknown): string[] | undefined {
  const names = typeof value === 'string' ? value.split(' ') : value;
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return undefined;
  return names.filter((name) => name !== '');
}

// Not verified: it came over TLS straight from the token endpoint, so a signature could say nothing more.
function claimsOf(accessToken: Secret): Record<string, unknown> | undefined {
  try {
    return decodeJwt(accessToken.reveal());
  } catch {
    return undefined;
  }
}

async function quietly<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof Problem) return undefined;
    throw error;
  }
}
