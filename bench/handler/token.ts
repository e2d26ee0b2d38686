import type { Pool } from 'undici';
import type { HandlerEnvironment } from './environment.ts';

// Before a token ends it is renewed; a minute is what hand-written caches usually keep.
const MARGIN_MS = 60_000;

/** A token of the client's own, kept until shortly before its end, asked for once however many wait. */
export function createTokenCache(pool: Pool, { clientId, clientSecret }: HandlerEnvironment): () => Promise<string> {
  let token: Promise<string> | undefined;
  let renewAt = 0;

  async function ask(): Promise<string> {
    const response = await pool.request({
      method: 'POST',
      path: '/authentication/v2/token',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'grant_type=client_credentials&scope=data%3Aread',
    });
    if (response.statusCode !== 200) throw new Error(`the token endpoint answered ${response.statusCode}`);
    const answer = (await response.body.json()) as { access_token: string; expires_in: number };
    renewAt = Date.now() + answer.expires_in * 1_000 - MARGIN_MS;
    return answer.access_token;
  }

  return () => {
    if (token === undefined || Date.now() >= renewAt) {
      renewAt = Number.POSITIVE_INFINITY;
      token = ask().catch((error: unknown) => {
        token = undefined;
        throw error;
      });
    }
    return token;
  };
}
