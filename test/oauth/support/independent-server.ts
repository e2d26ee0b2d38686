import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { compileExpression } from '../../../src/expression/compile.ts';
import type { OAuthClient } from '../../../src/oauth/grant.ts';
import { Secret } from '../../../src/secret.ts';
import { clientAt } from './grant-server.ts';

export const REDIRECT_URI = 'https://corbel.example/callback';
const SECRET = 'planted-secret-of-the-confidential-client';
// More than a login and a consent take.
const MAX_HOPS = 10;

/** An authorization server that others wrote: rotation on, reuse ends the grant, PKCE wanted. */
export interface IndependentServer {
  confidential: OAuthClient;
  open: OAuthClient;
  /** Goes through login and consent as a browser would; the code, or the error that came back. */
  consent(url: URL): Promise<{ code?: string; error?: string; state: string | null; iss: string | null }>;
  close(): Promise<void>;
}

export async function startIndependentServer(): Promise<IndependentServer> {
  const handler: { handle?: (request: IncomingMessage, response: ServerResponse) => void } = {};
  const server = createServer((request, response) => handler.handle?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const common = {
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  const provider = new Provider(issuer, {
    clients: [
      {
        ...common,
        client_id: 'confidential',
        client_secret: SECRET,
        token_endpoint_auth_method: 'client_secret_basic',
      },
      { ...common, client_id: 'open', token_endpoint_auth_method: 'none' },
    ],
    cookies: { keys: ['cookie-key-of-the-tests'] },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, name: 'Ada Lovelace', email: 'ada@example.com' }),
    }),
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    scopes: ['openid', 'profile', 'email', 'offline_access', 'data:read'],
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    pkce: { required: () => true },
    ttl: {
      AccessToken: 3_600,
      AuthorizationCode: 60,
      Grant: 86_400,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 600,
    },
  });
  const callback = provider.callback();
  handler.handle = (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response);
    void agree(request, response);
  };

  async function agree(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: 'person-1', clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const result = { login: { accountId: 'person-1' }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result);
  }

  const clientOf = (clientId: string, clientSecret: Secret | null) =>
    clientAt(
      new URL(`${issuer}/token`),
      { clientId, clientSecret },
      {
        authorizationEndpoint: new URL(`${issuer}/auth`),
        introspectionEndpoint: new URL(`${issuer}/token/introspection`),
        revocationEndpoint: new URL(`${issuer}/token/revocation`),
        identity: {
          url: new URL(`${issuer}/me`),
          subject: compileExpression('body.sub'),
          name: compileExpression('body.name'),
          email: compileExpression('body.email'),
        },
      },
    );

  return {
    confidential: clientOf('confidential', new Secret(SECRET)),
    open: clientOf('open', null),
    async consent(url) {
      const cookies = new Map<string, string>();
      let at = url;
      for (let hop = 0; hop < MAX_HOPS; hop++) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
        for (const set of response.headers.getSetCookie()) {
          const [pair = ''] = set.split(';');
          cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
        }
        const location = response.headers.get('location');
        if (!location)
          throw new Error(`the server answered with the status ${response.status}: ${await response.text()}`);
        at = new URL(location, at);
        if (!at.href.startsWith(REDIRECT_URI)) continue;
        const [code, error] = [at.searchParams.get('code'), at.searchParams.get('error')];
        const rest = { state: at.searchParams.get('state'), iss: at.searchParams.get('iss') };
        return { ...(code && { code }), ...(error && { error }), ...rest };
      }
      throw new Error('too many redirects');
    },
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
