import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BEARER } from '../../../src/connector/compile-api-key.ts';
import type { Authentication } from '../../../src/connector/connector.ts';
import type { OAuthClient, ObtainedGrant } from '../../../src/oauth/grant.ts';
import { Secret } from '../../../src/secret.ts';
import { CLIENT_SECRET } from './fixture.ts';

/** A family of refresh tokens: what one person's consent became. */
export interface Family {
  account: string;
  /** The one refresh token that may be used now. */
  current: string;
  used: Set<string>;
  rotations: number;
  /** Uses of a token that had been used up. */
  reuses: number;
  killed: boolean;
}

export interface TokenRequestSeen {
  headers: IncomingMessage['headers'];
  form: URLSearchParams;
  family: Family | undefined;
}

/** What to do instead of the ordinary. */
export interface Twist {
  /** False: the token is not used up by this request. */
  rotate?: boolean;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Members over those of a good answer; undefined removes one. */
  members?: Record<string, unknown>;
  delayMs?: number;
  after?: Promise<unknown>;
  /** Cuts the connection in the place of an answer. */
  cut?: boolean;
}

/** A strict authorization server over real HTTP: a refresh token is good once, and its reuse ends the family. */
export interface GrantServer {
  readonly url: URL;
  readonly requests: TokenRequestSeen[];
  readonly revoked: { token: string; hint: string | null }[];
  readonly families: Map<string, Family>;
  /** Whether reuse ends the family, or is only refused. */
  reuseKills: boolean;
  twist: (request: TokenRequestSeen, number: number) => Twist | undefined;
  /** What a person's consent gave, as if the code had just been redeemed. */
  consent(account: string, changes?: Partial<ObtainedGrant>): ObtainedGrant;
  client(changes?: Partial<OAuthClient>, authentication?: Partial<Authentication>): OAuthClient;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;

export async function startGrantServer(): Promise<GrantServer> {
  let serial = 0;
  const newToken = (kind: string) => `planted-${kind}-token-${++serial}-${'x'.repeat(20)}`;
  const families = new Map<string, Family>();
  const familyOf = (token: string) =>
    [...families.values()].find(({ current, used }) => current === token || used.has(token));

  const listener = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      if (request.url === '/revoke') return revoke(form, response);
      return refresh(request, form, response);
    });
  });

  function revoke(form: URLSearchParams, response: ServerResponse): void {
    const token = form.get('token') ?? '';
    server.revoked.push({ token, hint: form.get('token_type_hint') });
    const family = familyOf(token);
    if (family) family.killed = true;
    response.writeHead(200).end();
  }

  function refresh(request: IncomingMessage, form: URLSearchParams, response: ServerResponse): void {
    const token = form.get('refresh_token') ?? '';
    const family = familyOf(token);
    const seen = { headers: request.headers, form, family };
    const number = server.requests.push(seen);
    const twist = server.twist(seen, number) ?? {};
    const reply = () => {
      if (twist.cut) response.destroy();
      else if (response.writable) {
        const { status, body, headers } = answered;
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
      }
    };
    const answered = answer(token, family, twist);
    if (twist.after) void twist.after.then(reply);
    else if (twist.delayMs) setTimeout(reply, twist.delayMs);
    else reply();
  }

  function answer(token: string, family: Family | undefined, twist: Twist) {
    const { headers = {} } = twist;
    const refused = { status: 400, headers, body: JSON.stringify({ error: 'invalid_grant' }) };
    if (twist.rotate === false && twist.body !== undefined)
      return { status: twist.status ?? 200, headers, body: twist.body };
    if (!family || family.killed) return refused;
    if (family.current !== token) {
      family.reuses++;
      if (server.reuseKills) family.killed = true;
      return refused;
    }
    const next = newToken('refresh');
    if (twist.rotate !== false) {
      family.used.add(token);
      family.current = next;
      family.rotations++;
    }
    const good = {
      access_token: newToken('access'),
      token_type: 'Bearer',
      expires_in: 3599,
      refresh_token: next,
      ...twist.members,
    };
    return { status: twist.status ?? 200, headers, body: twist.body ?? JSON.stringify(good) };
  }

  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/token`);
  const server: GrantServer = {
    url,
    requests: [],
    revoked: [],
    families,
    reuseKills: true,
    twist: () => undefined,
    consent(account, changes = {}) {
      const current = newToken('refresh');
      families.set(account, { account, current, used: new Set(), rotations: 0, reuses: 0, killed: false });
      const now = Date.now();
      return {
        accessToken: new Secret(newToken('access')),
        refreshToken: new Secret(current),
        accessExpiresAt: now + HOUR_MS,
        refreshExpiresAt: now + 15 * 24 * HOUR_MS,
        obtainedAt: now,
        scopes: ['a:read'],
        ...changes,
      };
    },
    client: (changes, authentication) => clientAt(url, changes, authentication),
    close: () => {
      listener.closeAllConnections();
      return new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
  return server;
}

/** The client of the tests at a server; the token endpoint is `url`, the others stand beside it. */
export function clientAt(
  url: URL,
  changes: Partial<OAuthClient> = {},
  authentication: Partial<Authentication> = {},
): OAuthClient {
  return {
    profileId: 'prf_1',
    profileGeneration: 1,
    clientId: 'client-1',
    clientSecret: new Secret(CLIENT_SECRET),
    allowedOrigins: new Set([url.origin]),
    authentication: {
      id: 'three_legged',
      label: 'Three-legged',
      description: undefined,
      grant: 'authorization_code',
      tokenEndpoint: url,
      clientAuthentication: 'client_secret_basic',
      placement: BEARER,
      keyPattern: undefined,
      tokens: new Set(['user', 'app']),
      authorizationEndpoint: new URL('/authorize', url),
      authorizationParameters: new Map(),
      introspectionEndpoint: new URL('/introspect', url),
      revocationEndpoint: new URL('/revoke', url),
      publicClients: true,
      identity: undefined,
      grantedScopes: undefined,
      refreshTokenLifeMs: 15 * 24 * HOUR_MS,
      assertion: undefined,
      ...authentication,
    },
    ...changes,
  };
}
