import { createHash, randomBytes } from 'node:crypto';
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from '../../sandbox/aps/defaults.ts';
import type { SandboxOptions } from '../../sandbox/aps/sandbox.ts';
import { type Reply, startSandbox } from './client.ts';

export const CALLBACK = 'http://127.0.0.1:4173/connect/oauth2/autodesk/callback';
export const ADMIN = 'SANDBOXUSER1';
const BASIC = `Basic ${Buffer.from(`${SANDBOX_CLIENT_ID}:${SANDBOX_CLIENT_SECRET}`).toString('base64')}`;

export interface TokenAnswer {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  id_token: string;
  error: string;
  error_description: string;
}

export interface OauthReply extends Omit<Reply, 'json'> {
  json: TokenAnswer & Record<string, unknown>;
}

export interface Pkce {
  verifier: string;
  challenge: string;
}

export function pkce(): Pkce {
  const verifier = randomBytes(48).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export async function startOauth(options: SandboxOptions = {}) {
  const running = await startSandbox(options);

  const authorizeUrl = (params: Record<string, string | undefined> = {}): string => {
    const all = {
      client_id: SANDBOX_CLIENT_ID,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: 'data:read user-profile:read',
      state: 'state-1',
      ...params,
    };
    const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return `${running.origin}/authentication/v2/authorize?${new URLSearchParams(given)}`;
  };
  const form = async (path: string, fields: Record<string, string>, authorization: string | null = BASIC) => {
    const reply = await running.call(path, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(authorization === null ? {} : { authorization }),
      },
      body: new URLSearchParams(fields).toString(),
    });
    return { ...reply, json: reply.json as unknown as OauthReply['json'] };
  };
  const ask = (fields: Record<string, string>, authorization?: string | null) =>
    form('/authentication/v2/token', fields, authorization);
  const control = async (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) => {
    const reply = await running.call(`/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: reply.status, json: reply.json as unknown as Record<string, never> };
  };
  /** The code of a consent, given without a browser. */
  const consent = async (params: Record<string, string | undefined> = {}, more: Record<string, unknown> = {}) => {
    const body = { authorization_url: authorizeUrl(params), user: ADMIN, ...more };
    const { json } = await control('POST', 'consent', body);
    return new URL(json.redirect_url ?? '').searchParams.get('code') ?? '';
  };
  const exchange = (code: string, more: Record<string, string> = {}, authorization?: string | null) =>
    ask({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, ...more }, authorization);
  const refresh = (token: string, more: Record<string, string> = {}, authorization?: string | null) =>
    ask({ grant_type: 'refresh_token', refresh_token: token, ...more }, authorization);
  return {
    ...running,
    authorizeUrl,
    form,
    ask,
    control,
    consent,
    exchange,
    refresh,
    /** A person's first tokens. */
    async link(user = ADMIN, scope = 'data:read user-profile:read') {
      const reply = await exchange(await consent({ scope }, { user }));
      if (reply.status !== 200) throw new Error(reply.bytes.toString());
      return reply.json;
    },
    /** Status of a call of the API with a token. */
    async hubs(accessToken: string) {
      const reply = await running.call('/project/v1/hubs', { headers: { authorization: `Bearer ${accessToken}` } });
      return reply.status;
    },
  };
}

export type Oauth = Awaited<ReturnType<typeof startOauth>>;

export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
