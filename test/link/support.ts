import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { request } from 'undici';
import { USERPROFILE_ORIGIN } from '../../sandbox/aps/oauth-paths.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { createApiKey } from '../../src/domain/api-key.ts';
import { createProfile, type NewProfile } from '../../src/domain/connector-profile.ts';
import { newId } from '../../src/domain/ids.ts';
import { insertProject } from '../../src/domain/project.ts';
import type { EventSubject } from '../../src/events/outbox.ts';
import { requireKeys } from '../../src/http/authentication.ts';
import { logRequests } from '../../src/http/call-log.ts';
import { acceptJson, checkBodies } from '../../src/http/json-body.ts';
import { linkRoutes } from '../../src/http/link-routes.ts';
import { answerWithProblems } from '../../src/http/problem-responses.ts';
import { createSessionCookie } from '../../src/http/session-cookie.ts';
import { createProviderOAuth } from '../../src/link/provider-oauth.ts';
import { createPublicAddress } from '../../src/link/public-address.ts';
import type { ObtainedGrant } from '../../src/oauth/grant.ts';
import type { Grants } from '../../src/oauth/grants.ts';
import { systemRandom } from '../../src/random.ts';
import { Secret } from '../../src/secret.ts';
import { openStore } from '../../src/store/open.ts';
import { createRecordCache } from '../../src/store/record-cache.ts';
import type { Store } from '../../src/store/store.ts';
import { createDoor } from '../../src/upstream/door.ts';
import { parseKeyRing } from '../../src/vault/key-ring.ts';
import { createVault } from '../../src/vault/vault.ts';
import type { AnyJson } from '../support/client.ts';
import { type SandboxProcess, startSandboxProcess } from '../support/sandbox-process.ts';
import { temporarySqlite } from '../support/sqlite.ts';

// For which the sandbox stands in.
const ORIGINS = ['https://developer.api.autodesk.com', USERPROFILE_ORIGIN];
const CONNECTORS = fileURLToPath(new URL('../../connectors', import.meta.url));

export interface LinkReply {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  text: string;
  json: AnyJson;
  location: string;
}

/** Somebody's browser: keeps cookies, follows nothing. */
export interface TestBrowser {
  cookie: string | undefined;
  get(path: string): Promise<LinkReply>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<LinkReply>;
}

export interface LinkWorld {
  app: FastifyInstance;
  store: Store;
  sandbox: SandboxProcess;
  project: string;
  profile: string;
  /** Installed grants by account. */
  grants: Map<string, ObtainedGrant>;
  removed: string[];
  events: EventSubject[];
  /** What the audit trail was told that the server did: action and target. */
  audited: [string, string | null][];
  log: () => string;
  /** Moves the clock. */
  pass(ms: number): void;
  browser(): TestBrowser;
  /** With an API key of a role. */
  operator(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<LinkReply>;
  backend(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<LinkReply>;
  makeProfile(change?: Partial<NewProfile>): Promise<string>;
  /** A session; gives its id and hub token too. */
  invite(body?: Record<string, unknown>): Promise<{ id: string; token: string; reply: LinkReply }>;
  /** What the person decides at the provider: the path and query of the callback. */
  consent(authorizationUrl: string, decision?: { user?: string; deny?: boolean; scopes?: string[] }): Promise<string>;
  people: { id: string; name: string; email: string }[];
  /** How many codes were redeemed, or tried to be. */
  exchanges(): Promise<number>;
  control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<AnyJson>;
  stop(): Promise<void>;
}

/** Everything of the link flow that is real but for where grants are kept: routes, store, vault, provider. */
export async function startLinkWorld(
  options: {
    publicUrl?: string;
    /** Called before a grant is kept. */
    install?: (account: string) => Promise<void>;
    /** Another world's, which goes on to belong to it. */
    sandbox?: SandboxProcess;
  } = {},
): Promise<LinkWorld> {
  const [sqlite, sandbox] = await Promise.all([temporarySqlite(), options.sandbox ?? startSandboxProcess()]);
  const random = systemRandom;
  let offset = 0;
  const clock: Clock = { now: () => Date.now() + offset, sleep: systemClock.sleep };
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const store = await openStore({ url: sqlite.url, clock, random, allowVolatile: false });
  const vault = createVault(parseKeyRing(`k1:${randomBytes(32).toString('base64')}`), random);
  const cache = await createRecordCache(store);
  const originOverrides = new Map(ORIGINS.map((origin) => [origin, sandbox.origin]));
  const registry = await loadRegistry(CONNECTORS, { originOverrides });
  const door = createDoor({ clock, random, allowPrivateAddresses: ['127.0.0.1/32'], logger });
  const installed = new Map<string, ObtainedGrant>();
  const removed: string[] = [];
  const audited: [string, string | null][] = [];
  const events: EventSubject[] = [];
  const grants: Pick<Grants, 'install' | 'remove'> = {
    async install(_project, account, _client, grant) {
      await options.install?.(account);
      installed.set(account, grant);
    },
    async remove(_project, account) {
      removed.push(account);
      installed.delete(account);
      return { revoked: 'revoked' };
    },
  };

  const app = Fastify();
  checkBodies(app);
  acceptJson(app);
  app.decorateRequest('recorded', undefined);
  logRequests(app, logger);
  answerWithProblems(app, logger);
  const publicAddress = createPublicAddress(new URL(options.publicUrl ?? 'http://127.0.0.1:8080'), () => null);
  requireKeys(app, {
    cache,
    store,
    clock,
    logger,
    address: publicAddress,
    cookie: createSessionCookie(() => publicAddress.secure()),
  });
  linkRoutes(app, {
    store,
    vault,
    cache,
    random,
    clock,
    logger,
    grants,
    door,
    audit: { noteServer: (_project, { action, target }) => void audited.push([action, target?.id ?? null]) },
    registry: () => registry,
    oauth: createProviderOAuth({ door, clock, logger }),
    events: {
      async tell(subject, change) {
        const outcome = await change();
        if (outcome !== undefined) events.push(subject);
        return outcome;
      },
    },
    publicUrl: new URL(options.publicUrl ?? 'http://127.0.0.1:8080'),
  });
  await app.ready();

  const project = newId(random, 'prj');
  await insertProject(store, { id: project, name: 'Tower & Sons', root: true, created_at: '' });
  const key = async (role: 'operator' | 'backend') =>
    (await createApiKey(store, random, clock.now(), project, { name: role, role })).token.reveal();
  const keys = { operator: await key('operator'), backend: await key('backend') };
  const makeProfile = async (change: Partial<NewProfile> = {}) =>
    (
      await createProfile(store, vault, random, clock.now(), project, {
        name: 'Sandbox',
        connector: 'autodesk',
        authentication: 'three_legged',
        client_id: sandbox.clientId,
        client_secret: new Secret(sandbox.clientSecret),
        scopes: ['data:read', 'user-profile:read'],
        ...change,
      })
    ).id;
  const profile = await makeProfile();

  let address = 0;
  async function inject(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<LinkReply> {
    // Every request from an address of its own: limits per address have tests of their own.
    address += 1;
    const remoteAddress = `10.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`;
    const reply = await app.inject({
      method,
      url,
      remoteAddress,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text: reply.body,
      json: parse(reply.body),
      location: String(reply.headers.location ?? ''),
    };
  }
  const withKey =
    (token: string) =>
    (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<LinkReply> =>
      inject(method, path, body, { authorization: `Bearer ${token}` });
  const control: LinkWorld['control'] = async (method, path, body) => {
    const response = await request(`${sandbox.origin}/_sandbox/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`${path}: ${text}`);
    return parse(text);
  };
  const { people } = await control('GET', 'people');
  const backend = withKey(keys.backend);

  return {
    app,
    store,
    sandbox,
    project,
    profile,
    grants: installed,
    removed,
    audited,
    events,
    log: () => lines.join(''),
    pass(ms) {
      offset += ms;
    },
    browser() {
      const browser: TestBrowser = {
        cookie: undefined,
        get: (path) => keep(inject('GET', path, undefined, cookies())),
        post: (path, body, headers = {}) => keep(inject('POST', path, body, { ...cookies(), ...headers })),
      };
      const cookies = () => (browser.cookie === undefined ? undefined : { cookie: browser.cookie }) ?? {};
      const keep = async (pending: Promise<LinkReply>) => {
        const reply = await pending;
        const given = reply.headers['set-cookie'];
        if (typeof given === 'string') browser.cookie = given.split(';')[0];
        return reply;
      };
      return browser;
    },
    operator: withKey(keys.operator),
    backend,
    makeProfile,
    async invite(body = {}) {
      const reply = await backend('POST', '/connect_sessions', {
        connector_profile_id: profile,
        owner_id: 'customer-1',
        ...body,
      });
      if (reply.status !== 201) throw new Error(reply.text);
      return { id: reply.json.id, token: new URL(reply.json.url).hash.slice(1), reply };
    },
    async consent(authorizationUrl, { user = people[0].id, ...decision } = {}) {
      const { redirect_url } = await control('POST', 'consent', {
        authorization_url: authorizationUrl,
        user,
        ...decision,
      });
      const { pathname, search } = new URL(redirect_url);
      return `${pathname}${search}`;
    },
    people,
    exchanges: async () => {
      const { requests } = await sandbox.log();
      return requests.filter(({ path }) => path === '/authentication/v2/token').length;
    },
    control,
    async stop() {
      await app.close();
      await door.close();
      await cache.close();
      await store.close();
      if (!options.sandbox) await sandbox.stop();
      await sqlite.remove();
    },
  };
}

/** Opens a link and begins the authorization; gives where the browser is sent. */
export async function begin(
  browser: TestBrowser,
  token: string,
  settings: Record<string, unknown> = {},
): Promise<string> {
  const opened = await browser.post('/hub/session', { token });
  if (opened.status !== 200) throw new Error(opened.text);
  const started = await browser.post('/hub/start', { token, settings });
  if (started.status !== 200) throw new Error(started.text);
  return started.json.authorization_url;
}

function parse(text: string): AnyJson {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
