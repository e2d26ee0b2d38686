import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { MAX_KEY_CHARS } from '../link/accept-key.ts';
import type { AttemptLimit } from '../link/attempt-limit.ts';
import type { BrowserCookie } from '../link/browser-cookie.ts';
import type { DeviceCodes } from '../link/device-code.ts';
import type { HubFlow } from '../link/hub-flow.ts';
import { Problem } from '../problems.ts';
import { Secret } from '../secret.ts';
import { type HubPages, setHubHeaders } from './hub-pages.ts';

const strict = { additionalProperties: false } as const;
const MAX_TOKEN_CHARS = 200;
const Token = Type.String({ minLength: 1, maxLength: MAX_TOKEN_CHARS });
const TokenBody = Type.Object({ token: Token }, strict);
const StartBody = Type.Object(
  {
    token: Token,
    settings: Type.Record(Type.String(), Type.Unknown(), { maxProperties: 50 }),
    api_key: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_KEY_CHARS })),
  },
  strict,
);
const ReferenceBody = Type.Object({ reference: Token }, strict);
const CodeBody = Type.Object({ user_code: Token }, strict);

export interface HubRouteDependencies {
  flow: HubFlow;
  codes: DeviceCodes;
  cookie: BrowserCookie;
  pages: HubPages;
  /** Of requests from one address. */
  requests: AttemptLimit;
  /** Of short codes from one address that were wrong. */
  guesses: AttemptLimit;
}

/**
 * The page with which end users link their accounts, at `/hub`, and what its script calls. Without an API key: a link's
 * token, and after the first opening the browser's cookie as well, say who may do what.
 */
export function hubRoutes(scope: FastifyInstance, dependencies: HubRouteDependencies): void {
  const { flow, codes, cookie, pages, requests, guesses } = dependencies;
  const open = { config: { access: 'open' as const } };
  setHubHeaders(scope);
  limitRequests(scope, requests);

  const html = 'text/html; charset=utf-8';
  scope.get('/hub', open, async (_request, reply) => reply.type(html).send(pages.page('link', 'hub/assets')));
  scope.get('/hub/done', open, async (_request, reply) => reply.type(html).send(pages.page('done', 'assets')));
  scope.get('/hub/device', open, async (_request, reply) => reply.type(html).send(pages.page('device', 'assets')));
  scope.get('/hub/assets/hub.css', open, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(pages.css),
  );
  scope.get('/hub/assets/hub.js', open, async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(pages.script),
  );

  scope.post<{ Body: Static<typeof TokenBody> }>(
    '/hub/session',
    { ...open, schema: { body: TokenBody } },
    async (request, reply) => {
      const known = digestOf(request);
      const issued = known === undefined ? cookie.issue() : undefined;
      const view = await flow.open(request.body.token, known ?? issued?.digest ?? '');
      // Only now: a link that is refused leaves nothing in the browser. Again with each, or it ended before a later link does.
      reply.header('set-cookie', issued?.setCookie ?? cookie.renew(request.headers.cookie));
      return view;
    },
  );

  scope.post<{ Body: Static<typeof StartBody> }>(
    '/hub/start',
    { ...open, schema: { body: StartBody } },
    async (request) => {
      const { token, settings, api_key } = request.body;
      return flow.start(token, digestOf(request), {
        settings,
        ...(api_key !== undefined && { key: new Secret(api_key) }),
      });
    },
  );

  scope.post<{ Body: Static<typeof TokenBody> }>(
    '/hub/cancel',
    { ...open, schema: { body: TokenBody } },
    async (request) => flow.cancel(request.body.token, digestOf(request)),
  );

  scope.post<{ Body: Static<typeof ReferenceBody> }>(
    '/hub/outcome',
    { ...open, schema: { body: ReferenceBody } },
    async (request) => flow.outcome(request.body.reference, digestOf(request)),
  );

  scope.post<{ Body: Static<typeof CodeBody> }>(
    '/hub/device',
    { ...open, schema: { body: CodeBody } },
    async (request) => {
      // Taken before the look, so that many guesses at once count too. Nobody who is right needs more than a few.
      assertWithin(guesses, request, 'Too many codes were tried from here.');
      return { token: (await codes.claim(request.body.user_code)).reveal() };
    },
  );

  function digestOf(request: FastifyRequest): string | undefined {
    return cookie.digest(request.headers.cookie);
  }
}

/** Refuses too many requests from one address, and what another site makes a browser send. */
export function limitRequests(scope: FastifyInstance, limit: AttemptLimit): void {
  scope.addHook('onRequest', async (request) => {
    assertWithin(limit, request, 'Too many requests came from here.');
    // Browsers tell where a request comes from (W3C Fetch Metadata); what they are not made to send across sites is JSON.
    const site = request.headers['sec-fetch-site'];
    if (request.method === 'POST' && site !== undefined && site !== 'same-origin')
      throw new Problem('cross_site_refused', 'The request was made by the page of another site.');
  });
}

function assertWithin(limit: AttemptLimit, request: FastifyRequest, detail: string): void {
  const retryAfterS = limit.take(request.ip);
  if (retryAfterS !== undefined) throw new Problem('too_many_attempts', detail, { retryAfterS });
}
