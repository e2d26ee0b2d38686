import { pino } from 'pino';
import type { Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { readSettings } from '../../src/settings.ts';
import { type AnyJson, type Client, clientOf } from '../support/client.ts';
import { routesOf } from '../support/routes.ts';
import { makeKey, onBothStores, openSqlite, seedAccount, startWorld, type World } from '../support/server.ts';

interface Ids {
  project: string;
  profile: string;
  account: string;
  key: string;
  request: string;
  endpoint: string;
  session: string;
}

interface RouteCase {
  /** The path with one tenant's ids in it; undefined for routes that name no resource of a tenant. */
  path: (ids: Ids) => string;
  body?: (ids: Ids) => unknown;
  headers?: (ids: Ids) => Record<string, string>;
  /** Of a good answer; 200 where nothing is said. */
  status?: number;
  /**
   * Open: no key. Link: no key, but what a link gave. Everyone: answers alike for all tenants. Own: answers with the caller's
   * own resources only. Operators: answers all operators alike. Root: for operators of the root project.
   */
  kind: 'open' | 'link' | 'everyone' | 'operators' | 'own' | 'one' | 'root';
}

const resource = (path: RouteCase['path'], body?: RouteCase['body']): RouteCase => ({
  kind: 'one',
  path,
  ...(body && { body }),
});
const simple = (kind: RouteCase['kind'], path: string): RouteCase => ({ kind, path: () => path });
const account = ({ account: id }: Ids) => `/accounts/${id}`;
const profile = ({ profile: id }: Ids) => `/connector_profiles/${id}`;
const key = ({ key: id }: Ids) => `/api_keys/${id}`;
const project = ({ project: id }: Ids) => `/projects/${id}`;
const request = ({ request: id }: Ids) => `/requests/${id}`;
const endpoint = ({ endpoint: id }: Ids) => `/webhook_endpoints/${id}`;
const session = ({ session: id }: Ids) => `/connect_sessions/${id}`;
const hubCall = (path: string, body: unknown): RouteCase => ({ ...simple('link', path), body: () => body });
const accountHeader = ({ account: id }: Ids) => ({ 'x-account-id': id });

/** Every route there is. One that is missing here fails the first test. */
const ROUTES: Record<string, RouteCase | RouteCase[]> = {
  'GET /healthz': simple('open', '/healthz'),
  'GET /readyz': simple('open', '/readyz'),
  'GET /schema/connector.json': simple('open', '/schema/connector.json'),
  'GET /connectors': simple('everyone', '/connectors'),
  'GET /connectors/:id': simple('everyone', '/connectors/autodesk'),
  'GET /connectors/:id/scopes': simple('everyone', '/connectors/autodesk/scopes'),
  'GET /connectors/:id/guides/:authentication': simple('open', '/connectors/autodesk/guides/two_legged'),
  'GET /connectors/:id/status': simple('operators', '/connectors/autodesk/status'),
  'GET /actions/:id/source': simple('operators', '/actions/autodesk_list_hubs/source'),
  'GET /actions/:id': simple('everyone', '/actions/autodesk_list_hubs'),
  'GET /actions': [simple('everyone', '/actions'), resource(({ account: id }) => `/actions?account=${id}`)],
  'POST /actions/search': [
    { ...simple('everyone', '/actions/search'), body: () => ({}) },
    resource(
      () => '/actions/search',
      ({ account: id }) => ({ account: id }),
    ),
  ],
  'POST /actions/:id': { ...resource(() => '/actions/autodesk_list_hubs'), headers: accountHeader },
  'POST /actions/rpc': {
    ...resource(
      () => '/actions/rpc',
      () => ({ action: 'autodesk_list_hubs' }),
    ),
    headers: accountHeader,
  },
  'GET /connector_profiles': simple('own', '/connector_profiles'),
  'POST /connector_profiles': { ...simple('own', '/connector_profiles'), body: () => ({}) },
  'GET /connector_profiles/:id': resource(profile),
  'PATCH /connector_profiles/:id': resource(profile, () => ({ name: 'Stolen' })),
  'DELETE /connector_profiles/:id': resource(profile),
  'POST /connector_profiles/:id/test': resource((ids) => `${profile(ids)}/test`),
  'GET /accounts': simple('own', '/accounts'),
  'POST /accounts': resource(
    () => '/accounts',
    (ids) => ({ connector_profile_id: ids.profile, owner_id: 'thief' }),
  ),
  'GET /accounts/:id': resource(account),
  'PATCH /accounts/:id': resource(account, () => ({ owner_id: 'thief' })),
  'DELETE /accounts/:id': resource(account),
  'POST /accounts/:id/suspend': resource((ids) => `${account(ids)}/suspend`),
  'POST /accounts/:id/resume': resource((ids) => `${account(ids)}/resume`),
  'GET /accounts/:id/credential': resource((ids) => `${account(ids)}/credential`),
  'PUT /accounts/:id/credential': resource(
    (ids) => `${account(ids)}/credential`,
    () => ({ access_token: 'stolen' }),
  ),
  'POST /accounts/:id/refresh': resource((ids) => `${account(ids)}/refresh`),
  'POST /accounts/:id/diagnose': resource((ids) => `${account(ids)}/diagnose`),
  'GET /api_keys': simple('own', '/api_keys'),
  'POST /api_keys': { ...simple('own', '/api_keys'), body: () => ({}) },
  'GET /api_keys/:id': resource(key),
  'PATCH /api_keys/:id': resource(key, () => ({ name: 'Stolen' })),
  'DELETE /api_keys/:id': resource(key),
  'GET /webhook_endpoints': simple('own', '/webhook_endpoints'),
  'POST /webhook_endpoints': { ...simple('own', '/webhook_endpoints'), body: () => ({}) },
  'GET /webhook_endpoints/:id': resource(endpoint),
  'PATCH /webhook_endpoints/:id': resource(endpoint, () => ({ url: 'https://thief.example/' })),
  'DELETE /webhook_endpoints/:id': resource(endpoint),
  'POST /webhook_endpoints/:id/rotate_secret': resource((ids) => `${endpoint(ids)}/rotate_secret`),
  'GET /webhook_endpoints/:id/deliveries': resource((ids) => `${endpoint(ids)}/deliveries`),
  'POST /webhook_endpoints/:id/redeliver': resource(
    (ids) => `${endpoint(ids)}/redeliver`,
    () => ({ event_id: `evt_${'0'.repeat(22)}` }),
  ),
  'GET /requests': simple('own', '/requests'),
  'GET /overview': simple('own', '/overview'),
  'GET /metrics': simple('root', '/metrics'),
  // Only these: what an operator tried stands in the own trail, with the ids that the operator gave.
  'GET /audit': simple('own', '/audit?action=connector_profile.created'),
  'GET /audit/:seq': simple('own', '/audit/1'),
  'GET /': { ...simple('open', '/'), status: 302 },
  'GET /console': simple('open', '/console'),
  'GET /console*': simple('open', '/console/settings'),
  'GET /guides/:connector/:authentication': simple('open', '/guides/autodesk/two_legged'),
  'POST /console/session': hubCall('/console/session', { key: 'x' }),
  'GET /console/session': simple('link', '/console/session'),
  'DELETE /console/session': simple('link', '/console/session'),
  'GET /requests/:id': resource(request),
  'GET /hub': simple('open', '/hub'),
  'GET /hub/device': simple('open', '/hub/device'),
  'GET /hub/done': simple('open', '/hub/done'),
  'GET /hub/assets/hub.css': simple('open', '/hub/assets/hub.css'),
  'GET /hub/assets/hub.js': simple('open', '/hub/assets/hub.js'),
  'POST /hub/session': hubCall('/hub/session', { token: 'x' }),
  'POST /hub/start': hubCall('/hub/start', { token: 'x', settings: {} }),
  'POST /hub/cancel': hubCall('/hub/cancel', { token: 'x' }),
  'POST /hub/outcome': hubCall('/hub/outcome', { reference: 'x' }),
  'POST /hub/device': hubCall('/hub/device', { user_code: 'x' }),
  'GET /connect/oauth2/:connector/callback': simple('link', '/connect/oauth2/autodesk/callback?state=x&code=x'),
  'POST /connect_sessions': resource(
    () => '/connect_sessions',
    (ids) => ({ connector_profile_id: ids.profile, owner_id: 'thief' }),
  ),
  'GET /connect_sessions/:id': resource(session),
  'DELETE /connect_sessions/:id': resource(session),
  'GET /project_settings': simple('own', '/project_settings'),
  'PUT /project_settings': { ...simple('own', '/project_settings'), body: () => ({}) },
  'GET /projects': simple('own', '/projects'),
  'POST /projects': { ...simple('own', '/projects'), body: () => ({}) },
  'GET /projects/:id': resource(project),
  'PATCH /projects/:id': resource(project, () => ({ name: 'Stolen' })),
};
const CASES = Object.entries(ROUTES).flatMap(([route, cases]) =>
  [cases].flat().map((routeCase) => ({ route, method: route.split(' ')[0] as Dispatcher.HttpMethod, ...routeCase })),
);
/** Routes whose callers may be backends; all others answer them with 403. */
const FOR_BACKENDS = /^GET \/(actions|connectors|accounts|requests)|^POST \/actions|\/connect_sessions/;

describe('the list of routes in this test', () => {
  it('is the list of routes of the server', async () => {
    const store = await openSqlite();
    const settings = readSettings(store.env);
    const logger = pino({ level: 'silent' });
    const environment = { settings, clock: systemClock, random: systemRandom, logger, version: '0' };
    const running = await assemble(environment);
    await running.app.ready();
    expect(routesOf(running.app.printRoutes({ commonPrefix: false }))).toEqual(Object.keys(ROUTES).sort());
    await running.close();
    await store.remove();
  });
});

onBothStores('tenants', (open) => {
  let world: World;
  let callers: Record<'operator' | 'backend' | 'narrowed', Client>;
  let own: Ids;
  let victim: Ids;
  let victimOperator: Client;
  beforeAll(async () => {
    world = await startWorld(open, { allActions: true });
    const [first, second] = [await tenant('Attacker'), await tenant('Victim')];
    own = first.ids;
    victim = second.ids;
    victimOperator = second.operator;
    const narrowed = await makeKey(first.operator, { role: 'backend', accounts: [own.account] });
    callers = {
      operator: first.operator,
      backend: first.backend,
      narrowed: clientOf(world.server.origin, narrowed.token),
    };
  });
  afterAll(() => world?.stop());

  async function tenant(name: string) {
    const made = await world.operator.post('/projects', { name });
    const operator = clientOf(world.server.origin, made.json.operator_key.token);
    const seeded = await seedAccount(operator, world.sandbox);
    const backendKey = await makeKey(operator, { role: 'backend' });
    const backend = clientOf(world.server.origin, backendKey.token);
    const hook = await operator.post('/webhook_endpoints', { url: 'https://hooks.example/', enabled: false });
    const invited = await backend.post('/connect_sessions', {
      connector_profile_id: seeded.profile,
      owner_id: 'customer-1',
    });
    const call = await backend.act('list_hubs', seeded.account);
    const ids: Ids = {
      project: made.json.id,
      ...seeded,
      key: backendKey.id,
      request: call.json.request_id,
      endpoint: hook.json.id,
      session: invited.json.id,
    };
    return { ids, operator, backend };
  }

  const send = (caller: Client, { method, path, body, headers }: (typeof CASES)[number], ids: Ids) =>
    caller.call(method, path(ids), { ...(body && { body: body(ids) }), ...(headers && { headers: headers(ids) }) });

  const everythingOfVictim = async (): Promise<AnyJson> =>
    Promise.all(
      [
        profile(victim),
        account(victim),
        key(victim),
        project(victim),
        request(victim),
        endpoint(victim),
        session(victim),
        '/project_settings',
        '/api_keys',
        '/requests',
        '/accounts',
        '/connector_profiles',
        '/webhook_endpoints',
      ].map(async (path) =>
        JSON.parse((await victimOperator.get(path)).text, (name, value) =>
          name === 'last_used_at' || name === 'last_call_at' ? 0 : value,
        ),
      ),
    );

  it.each(CASES.filter(({ kind }) => kind === 'one'))(
    "$route gives nothing of another tenant's and changes nothing of it",
    async (routeCase) => {
      const before = await everythingOfVictim();
      const { count } = await world.sandbox.log();
      for (const [role, caller] of Object.entries(callers)) {
        const reply = await send(caller, routeCase, victim);
        const expected = role === 'operator' || FOR_BACKENDS.test(routeCase.route) ? 404 : 403;
        expect([role, reply.status]).toEqual([role, expected]);
        expect(reply.text).not.toContain('"name":"Victim"');
        if (routeCase.method === 'GET') {
          const head = await send(caller, { ...routeCase, method: 'HEAD' }, victim);
          expect([role, head.status]).toEqual([role, expected]);
        }
      }
      expect(await everythingOfVictim()).toEqual(before);
      expect((await world.sandbox.log()).count).toBe(count);
    },
  );

  it.each(CASES.filter(({ kind }) => kind === 'one'))(
    '$route refuses unknown ids as it refuses foreign ones',
    async (routeCase) => {
      const zeros = '0'.repeat(22);
      const unknown = {
        project: `prj_${zeros}`,
        profile: `prf_${zeros}`,
        account: `acc_${zeros}`,
        key: `key_${zeros}`,
        request: `req_${zeros}`,
        session: `cns_${zeros}`,
        endpoint: `whe_${zeros}`,
      };
      const [one, other] = [
        await send(callers.operator, routeCase, unknown),
        await send(callers.operator, routeCase, victim),
      ];
      const plain = ({ json: { request_id: _id, ...rest } }: { json: AnyJson }) => rest;
      expect(plain(one)).toEqual(plain(other));
    },
  );

  it.each(CASES.filter(({ kind }) => kind === 'root'))(
    '$route is for operators of the root project',
    async (routeCase) => {
      for (const caller of Object.values(callers)) {
        const reply = await send(caller, routeCase, own);
        expect([reply.status, reply.json.code]).toEqual([403, 'role_forbidden']);
      }
      const reply = await send(world.operator, routeCase, own);
      expect(reply.status).toBe(200);
      for (const id of [...Object.values(own), ...Object.values(victim)]) expect(reply.text).not.toContain(id);
    },
  );

  it.each(CASES.filter(({ kind }) => kind === 'own'))('$route gives only what is the own', async (routeCase) => {
    const reply = await send(callers.operator, routeCase, victim);
    for (const id of Object.values(victim)) expect(reply.text).not.toContain(id);
    if (routeCase.method === 'GET') expect(reply.text).toMatch(new RegExp(Object.values(own).join('|')));
  });

  it.each(CASES.filter(({ kind }) => kind !== 'open' && kind !== 'link'))(
    '$route is refused without a key',
    async (routeCase) => {
      const reply = await send(clientOf(world.server.origin), routeCase, victim);
      expect([reply.status, reply.json.code]).toEqual([401, 'key_missing']);
    },
  );

  it.each(CASES.filter(({ kind }) => kind === 'open' || kind === 'everyone'))(
    '$route answers everyone alike',
    async (routeCase) => {
      const replies = await Promise.all(Object.values(callers).map((caller) => send(caller, routeCase, own)));
      const { status: good = 200 } = routeCase;
      expect(replies.map(({ status }) => status)).toEqual([good, good, good]);
      for (const { text } of replies) {
        for (const id of [...Object.values(own), ...Object.values(victim)]) expect(text).not.toContain(id);
      }
    },
  );

  it.each(CASES.filter(({ kind }) => kind === 'operators'))(
    '$route answers all operators alike, and nobody else',
    async (routeCase) => {
      const replies = await Promise.all(
        [world.operator, callers.operator].map((caller) => send(caller, routeCase, own)),
      );
      expect(replies.map(({ status }) => status)).toEqual([200, 200]);
      expect(replies[0]?.text).toBe(replies[1]?.text);
      for (const caller of [callers.backend, callers.narrowed]) {
        const reply = await send(caller, routeCase, own);
        expect([reply.status, reply.json.code]).toEqual([403, 'role_forbidden']);
      }
    },
  );

  it.each(CASES.filter(({ kind }) => kind === 'link'))('$route needs what a link gave', async (routeCase) => {
    for (const caller of Object.values(callers)) {
      const reply = await send(caller, routeCase, victim);
      expect(reply.status).toBeGreaterThanOrEqual(400);
      for (const id of [...Object.values(own), ...Object.values(victim)]) expect(reply.text).not.toContain(id);
    }
  });

  it("a key cannot be narrowed or widened to another tenant's accounts", async () => {
    const { token } = await makeKey(callers.operator, { role: 'backend', accounts: [victim.account] });
    const reply = await clientOf(world.server.origin, token).act('list_hubs', victim.account);
    expect(reply.json.code).toBe('account_not_found');
  });

  it('a narrowed key has its account linked again as it is, and neither others nor under another profile', async () => {
    const { json: other } = await callers.operator.post('/connector_profiles', {
      name: 'Wider',
      connector: 'autodesk',
      authentication: 'two_legged',
      client_id: 'another',
      client_secret: 'another-secret',
      scopes: [],
    });
    const invite = async (body: object) => (await callers.narrowed.post('/connect_sessions', body)).json;
    const same = { connector_profile_id: own.profile, account_id: own.account };
    expect(await invite(same)).toMatchObject({ state: 'pending', account_id: own.account });
    expect((await invite({ ...same, connector_profile_id: other.id })).code).toBe('key_not_allowed');
    expect((await invite({ connector_profile_id: own.profile, owner_id: 'customer-2' })).code).toBe('key_not_allowed');
    expect((await invite({ ...same, account_id: victim.account })).code).toBe('account_not_found');
  });

  it('the root project’s operators see projects, and nothing in them', async () => {
    expect((await world.operator.get(project(victim))).status).toBe(200);
    for (const path of [profile(victim), account(victim), key(victim), request(victim), endpoint(victim)])
      expect((await world.operator.get(path)).status).toBe(404);
    expect((await world.operator.act('list_hubs', victim.account)).json.code).toBe('account_not_found');
  });

  it('cursors of lists name nothing of other tenants', async () => {
    const next = Buffer.from(victim.account).toString('base64url');
    const reply = await callers.operator.get(`/accounts?next=${next}`);
    expect(reply.status).toBe(200);
    expect(reply.text).not.toContain(victim.account);
  });
});
