import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { assemble, type Running } from '../../src/assemble.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { systemClock } from '../../src/clock.ts';
import type { AuditRecord } from '../../src/domain/audit-record.ts';
import { ensureFirstStart } from '../../src/first-start.ts';
import { AUDIT_RULES } from '../../src/http/audit-rules.ts';
import { systemRandom } from '../../src/random.ts';
import type { Secret } from '../../src/secret.ts';
import { readSettings } from '../../src/settings.ts';
import { corbel } from '../cli/support/corbel.ts';
import type { AnyJson } from '../support/client.ts';
import { secretsIn } from '../support/planted-secrets.ts';
import { until } from '../support/redis.ts';
import { routesOf } from '../support/routes.ts';
import { type SandboxProcess, startSandboxProcess } from '../support/sandbox-process.ts';
import { type OpenStore, onBothStores, openSqlite, type StoreOfTest, sandboxEnv } from '../support/server.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

interface Stage {
  store: StoreOfTest;
  running: Running;
  operator: string;
  ask(method: Method, url: string, body?: object, headers?: Record<string, string>): Promise<AnyJson>;
  /** The records of a request, as soon as they are there. */
  told(request: string): Promise<AuditRecord[]>;
  stop(): Promise<void>;
}

/** A server in this process. */
async function startStage(open: OpenStore, env: Record<string, string> = {}): Promise<Stage> {
  const store = await open();
  const settings = readSettings({ ...store.env, ...env });
  const logger = pino({ level: 'silent' });
  const environment = { clock: systemClock, random: systemRandom };
  const running = await assemble({ ...environment, settings, logger, version: '0' });
  await running.app.ready();
  let operator = '';
  const announce = (key: Secret) => {
    operator = key.reveal();
  };
  await ensureFirstStart({ ...environment, store: running.store, announce });
  async function ask(method: Method, url: string, body?: object, headers: Record<string, string> = {}) {
    const reply = await running.app.inject({
      method,
      url,
      remoteAddress: '192.0.2.7',
      headers: { authorization: `Bearer ${operator}`, ...headers },
      ...(body && { payload: body }),
    });
    const json = reply.body === '' ? undefined : JSON.parse(reply.body);
    return { status: reply.statusCode, json, request: String(reply.headers['x-request-id']), headers: reply.headers };
  }
  async function told(request: string): Promise<AuditRecord[]> {
    let found: AuditRecord[] = [];
    await until(5_000, 'nothing told', async () => {
      const { json } = await ask('GET', '/audit?limit=100');
      found = json.data.filter(({ request_id }: AuditRecord) => request_id === request);
      return found.length > 0;
    });
    return found;
  }
  const stop = async () => {
    await running.close();
    await store.remove();
  };
  return { store, running, operator, ask, told, stop };
}

const PROFILE = { connector: 'autodesk', authentication: 'two_legged', scopes: ['data:read'] };

onBothStores('the audit trail over HTTP', (open) => {
  let stage: Stage;
  let sandbox: SandboxProcess;
  let profile: string;
  let account: string;
  beforeAll(async () => {
    sandbox = await startSandboxProcess();
    stage = await startStage(open, sandboxEnv(sandbox.origin));
  });
  afterAll(async () => {
    await stage?.stop();
    await sandbox?.stop();
  });

  const call = (...given: Parameters<Stage['ask']>) => stage.ask(...given);
  /** The one record of a request, which was answered with the status. */
  async function recordOf(status: number, ...given: Parameters<Stage['ask']>) {
    const reply = await call(...given);
    expect([given[1], reply.status, reply.json]).toEqual([given[1], status, reply.json]);
    const records = await stage.told(reply.request);
    expect(records).toHaveLength(1);
    return { reply, record: records[0] as AuditRecord };
  }

  it('tells who made what, with names of fields and no values', async () => {
    const secret = sandbox.clientSecret;
    const made = await recordOf(201, 'POST', '/connector_profiles', {
      ...{ ...PROFILE, name: 'Sandbox', client_id: sandbox.clientId, client_secret: secret, enabled: true },
    });
    profile = made.reply.json.id;
    expect(made.record).toEqual({
      id: expect.stringMatching(/^aud_\w{22}$/),
      seq: 1,
      at: expect.stringMatching(/Z$/),
      actor: { key: expect.stringMatching(/^key_/), name: 'First operator key', role: 'operator', via: 'api' },
      action: 'connector_profile.created',
      target: { type: 'connector_profile', id: profile, name: 'Sandbox' },
      changes: expect.arrayContaining(['name', 'client_id', 'client_secret', 'scopes']),
      details: { enabled: 'true' },
      outcome: 'done',
      code: null,
      address: '192.0.2.7',
      request_id: made.reply.request,
      previous_hash: '0'.repeat(64),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const changed = await recordOf(200, 'PATCH', `/connector_profiles/${profile}`, {
      scopes: ['data:read'],
      name: 'Renamed',
    });
    expect(changed.record).toMatchObject({
      action: 'connector_profile.updated',
      changes: ['scopes', 'name'],
      target: { name: 'Sandbox' },
      previous_hash: made.record.hash,
    });
  });

  it('tells of accounts, keys, endpoints, links, settings and projects', async () => {
    const made = await recordOf(201, 'POST', '/accounts', { connector_profile_id: profile, owner_id: 'customer-1' });
    account = made.reply.json.id;
    expect(made.record.target).toEqual({ type: 'account', id: account, name: 'customer-1' });
    const done = async (status: number, method: Method, url: string, body?: object) => {
      const { record, reply } = await recordOf(status, method, url, body);
      expect([record.outcome, record.actor.via]).toEqual(['done', 'api']);
      return { told: [record.action, record.target?.name ?? null, record.details], id: reply.json?.id };
    };
    const key = await done(201, 'POST', '/api_keys', { name: 'Backend', role: 'backend' });
    const endpoint = await done(201, 'POST', '/webhook_endpoints', {
      ...{ url: 'https://hooks.example/secret-path', enabled: false },
    });
    const link = await done(201, 'POST', '/connect_sessions', {
      connector_profile_id: profile,
      owner_id: 'customer-2',
    });
    const own = (await call('GET', '/projects')).json.data[0].id;
    const all = [
      key,
      endpoint,
      link,
      await done(200, 'POST', `/accounts/${account}/suspend`),
      await done(200, 'POST', `/accounts/${account}/resume`),
      await done(200, 'PATCH', `/webhook_endpoints/${endpoint.id}`, { enabled: false }),
      await done(200, 'POST', `/webhook_endpoints/${endpoint.id}/rotate_secret`),
      await done(204, 'DELETE', `/webhook_endpoints/${endpoint.id}`),
      await done(204, 'DELETE', `/connect_sessions/${link.id}`),
      await done(200, 'PUT', '/project_settings', { workspace_name: 'W', return_urls: [], popup_origins: [] }),
      await done(201, 'POST', '/projects', { name: 'Other' }),
      await done(200, 'PATCH', `/projects/${own}`, { name: 'Own' }),
      await done(200, 'PATCH', `/api_keys/${key.id}`, { name: 'Less', actions: [] }),
      await done(200, 'DELETE', `/api_keys/${key.id}`),
    ];
    const origin = 'https://hooks.example';
    expect(all.map(({ told }) => told)).toEqual([
      ['api_key.created', 'Backend', { role: 'backend' }],
      ['webhook_endpoint.created', origin, { enabled: 'false' }],
      ['connect_session.created', 'customer-2', {}],
      ['account.suspended', 'customer-1', {}],
      ['account.resumed', 'customer-1', {}],
      ['webhook_endpoint.updated', origin, { enabled: 'false' }],
      ['webhook_endpoint.secret_rotated', origin, {}],
      ['webhook_endpoint.deleted', origin, {}],
      ['connect_session.cancelled', 'customer-2', {}],
      ['project_settings.updated', null, {}],
      ['project.created', 'Other', {}],
      ['project.updated', 'Own', {}],
      ['api_key.updated', 'Backend', {}],
      ['api_key.revoked', 'Less', {}],
    ]);
  });

  it('tells a project what the operators of the root project did to it, and not who of them', async () => {
    const { json: made } = await call('POST', '/projects', { name: 'Tenant' });
    expect((await call('PATCH', `/projects/${made.id}`, { name: 'Renamed' })).status).toBe(200);
    const own = { authorization: `Bearer ${made.operator_key.token}` };
    let seen: AuditRecord[] = [];
    await until(5_000, 'nothing told', async () => {
      seen = (await call('GET', '/audit?target=project', undefined, own)).json.data;
      return seen.length === 2;
    });
    const actor = { key: null, name: null, role: 'operator', via: 'api' };
    const target = { type: 'project', id: made.id };
    expect(seen).toMatchObject([
      { action: 'project.updated', actor, target: { ...target, name: 'Renamed' }, address: null, request_id: null },
      { action: 'project.created', actor, target: { ...target, name: 'Tenant' }, details: { by: 'root_project' } },
    ]);
  });

  it('tells of every use of a credential by an operator, and of none by a backend', async () => {
    const headers = { 'x-account-id': account };
    const used = await recordOf(200, 'POST', '/actions/autodesk_list_hubs', {}, headers);
    expect(used.record).toMatchObject({
      action: 'account.used',
      target: { type: 'account', id: account, name: 'customer-1' },
      details: { called: 'autodesk_list_hubs' },
      outcome: 'done',
    });
    const rpc = await recordOf(200, 'POST', '/actions/rpc?dry_run=true', { action: 'autodesk_list_hubs' }, headers);
    expect(rpc.record.details).toEqual({ called: 'autodesk_list_hubs', dry_run: 'true' });
    const uses: [Method, string, string][] = [
      ['GET', `/accounts/${account}/credential`, 'account.credential_read'],
      ['POST', `/accounts/${account}/diagnose`, 'account.diagnosed'],
      ['POST', `/connector_profiles/${profile}/test`, 'connector_profile.tested'],
    ];
    for (const [method, url, action] of uses) expect((await recordOf(200, method, url)).record.action).toBe(action);
    const failed = await recordOf(409, 'POST', `/accounts/${account}/refresh`);
    expect(failed.record).toMatchObject({ action: 'account.refreshed', outcome: 'refused', code: 'grant_absent' });

    const { token } = (await call('POST', '/api_keys', { name: 'B', role: 'backend' })).json;
    const backend = { ...headers, authorization: `Bearer ${token}` };
    const quiet = [
      await call('POST', '/actions/autodesk_list_hubs', {}, backend),
      await call('GET', `/accounts/${account}/credential`, undefined, backend),
    ];
    const loud = await recordOf(
      201,
      'POST',
      '/connect_sessions',
      { connector_profile_id: profile, owner_id: 'x' },
      backend,
    );
    expect(loud.record.actor).toMatchObject({ name: 'B', role: 'backend' });
    const { data } = (await call('GET', '/audit?limit=100')).json;
    for (const { status, request } of quiet)
      expect([status, data.some(({ request_id }: AuditRecord) => request_id === request)]).toEqual([200, false]);
  });

  it('keeps what was refused, with its code and nothing that the caller made up', async () => {
    const { token } = (await call('POST', '/api_keys', { name: 'B', role: 'backend' })).json;
    const backend = { authorization: `Bearer ${token}` };
    const forbidden = await recordOf(403, 'DELETE', `/accounts/${account}`, undefined, backend);
    expect(forbidden.record).toMatchObject({
      action: 'account.deleted',
      actor: { role: 'backend' },
      target: { id: account },
      outcome: 'refused',
      code: 'role_forbidden',
    });
    const invalid = await recordOf(400, 'POST', '/api_keys', { name: 5, [token]: token, role: token });
    expect(invalid.record).toMatchObject({ changes: ['name', 'role'], details: {}, code: 'request_invalid' });
    const unknown = await recordOf(404, 'DELETE', `/connector_profiles/prf_${'0'.repeat(22)}`);
    expect(unknown.record).toMatchObject({ outcome: 'refused', code: 'not_found', target: { name: null } });
    // Nobody whose trail it could be.
    const before = (await call('GET', '/audit?limit=1')).json.data[0].seq;
    expect((await call('DELETE', `/accounts/${account}`, undefined, { authorization: 'Bearer x' })).status).toBe(401);
    await delay(100);
    expect((await call('GET', '/audit?limit=1')).json.data[0].seq).toBe(before);
  });

  it('does not drown in refusals: it counts what is too much', async () => {
    const { token, id } = (await call('POST', '/api_keys', { name: 'Wild', role: 'backend' })).json;
    const backend = { authorization: `Bearer ${token}` };
    for (let index = 0; index < 130; index += 1) await call('DELETE', '/accounts/x', undefined, backend);
    const told = async () => (await call('GET', `/audit?limit=100&actor=${id}`)).json.data.length;
    await until(5_000, 'not told', async () => (await told()) > 90);
    await delay(100);
    expect(await told()).toBeLessThanOrEqual(100);
  });

  it('does not drown in what is refused only when it is tried, either', async () => {
    const { token, id } = (await call('POST', '/api_keys', { name: 'Wild', role: 'backend' })).json;
    const backend = { authorization: `Bearer ${token}` };
    const body = { connector_profile_id: `prf_${'0'.repeat(22)}`, owner_id: 'x' };
    const invite = (wanted: object) => call('POST', '/connect_sessions', wanted, backend);
    for (let index = 0; index < 130; index += 1) expect((await invite(body)).status).toBe(404);
    // What is done is always told.
    const { request } = await invite({ connector_profile_id: profile, owner_id: 'x' });
    expect(await stage.told(request)).toMatchObject([{ action: 'connect_session.created', outcome: 'done' }]);
    let count = 0;
    for (let next = ''; ; ) {
      const page = (await call('GET', `/audit?limit=100&actor=${id}${next}`)).json;
      count += page.data.length;
      if (page.next === null) break;
      next = `&next=${page.next}`;
    }
    expect(count).toBeLessThanOrEqual(105);
    await until(2_000, 'still pending', async () => {
      const { records } = await stage.running.store.list('global', 'audit_pending', { limit: 1 });
      return records.length === 0;
    });
  });

  it('keeps nothing of a path or an action that callers made up', async () => {
    const made = 'hunter2-pasted-by-mistake';
    const target = await recordOf(404, 'POST', `/accounts/${made}/suspend`);
    expect(target.record.target).toEqual({ type: 'account', id: null, name: null });
    const action = await recordOf(404, 'POST', `/actions/${made}`, {});
    expect(action.record.details).toEqual({ called: 'unknown' });
  });

  it('tells of a credential that is fetched with HEAD', async () => {
    const reply = await stage.running.app.inject({
      method: 'HEAD',
      url: `/accounts/${account}/credential`,
      headers: { authorization: `Bearer ${stage.operator}` },
    });
    expect(await stage.told(String(reply.headers['x-request-id']))).toMatchObject([
      { action: 'account.credential_read', target: { id: account } },
    ]);
  });

  it('tells of sign-ins, refused ones as well, and of what was done with the session', async () => {
    const signIn = (key: string) =>
      stage.running.app.inject({ method: 'POST', url: '/console/session', payload: { key } });
    const { token, id } = (await call('POST', '/api_keys', { name: 'Ada', role: 'operator' })).json;
    const wrong = `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`;
    expect((await signIn(wrong)).statusCode).toBe(401);
    const session = await signIn(token);
    const headers = {
      cookie: String(session.headers['set-cookie']).split(';')[0] ?? '',
      'x-csrf-token': session.json().csrf_token,
    };
    const done = await stage.running.app.inject({ method: 'POST', url: `/accounts/${account}/resume`, headers });
    expect(done.statusCode).toBe(200);
    const forged = {
      method: 'POST',
      url: `/accounts/${account}/suspend`,
      headers: { cookie: headers.cookie },
    } as const;
    expect((await stage.running.app.inject(forged)).statusCode).toBe(403);
    expect((await stage.running.app.inject({ method: 'DELETE', url: '/console/session', headers })).statusCode).toBe(
      204,
    );
    const rows = async () => {
      const { data } = (await call('GET', '/audit?actor=console')).json as { data: AuditRecord[] };
      return data.map(({ action, actor, target, code }) => [action, actor.key, target?.id, code]);
    };
    await until(5_000, 'not told', async () => (await rows()).length === 5);
    expect(await rows()).toEqual([
      ['console.signed_out', id, id, null],
      ['account.suspended', id, account, 'csrf_token_invalid'],
      ['account.resumed', id, account, null],
      ['console.signed_in', id, id, null],
      ['console.sign_in_refused', null, id, 'key_invalid'],
    ]);
  });

  it('tells of what is done at the command line', async () => {
    // Nothing in it depends on the store, and processes take their time.
    if (stage.store.kind !== 'sqlite') return;
    const made = JSON.parse((await corbel(['keys', 'create', '--name', 'cli', '--json'], stage.store.env)).stdout);
    await corbel(['keys', 'revoke', made.key.id], stage.store.env);
    await corbel(['rotate'], stage.store.env);
    const { data } = (await call('GET', '/audit?actor=cli')).json as { data: AuditRecord[] };
    expect(data.map(({ action, target, details }) => [action, target?.id, details])).toEqual([
      ['encryption_key.rotated', 'k1', { remaining: '0' }],
      ['api_key.revoked', made.key.id, {}],
      ['api_key.created', made.key.id, { role: 'backend' }],
    ]);
  });

  it('is for operators only, and takes only its own filters', async () => {
    const { token } = (await call('POST', '/api_keys', { name: 'B', role: 'backend' })).json;
    const codes = [
      await call('GET', '/audit', undefined, { authorization: `Bearer ${token}` }),
      await call('GET', '/audit?who=x'),
      await call('GET', '/audit?since=yesterday'),
      await call('GET', '/audit?next=x'),
    ].map(({ json }) => json.code);
    expect(codes).toEqual(['role_forbidden', 'request_invalid', 'request_invalid', 'cursor_invalid']);
    for (const seq of ['0', '01', '1e3', '-1', '9'.repeat(15), '9'.repeat(16), 'aud_x', '%00'])
      expect([seq, (await call('GET', `/audit/${seq}`)).json.code]).toEqual([seq, 'not_found']);
    const one = await call('GET', '/audit/1', undefined, { authorization: `Bearer ${token}` });
    expect(one.json.code).toBe('role_forbidden');
    const some = (await call('GET', `/audit?action=account&target=${account}&limit=3`)).json;
    expect(some.data.length).toBe(3);
    for (const { target } of some.data) expect(target.id).toBe(account);
    for (const record of some.data) expect((await call('GET', `/audit/${record.seq}`)).json).toEqual(record);
  });

  it('holds no secret, and is verified at the command line until somebody touches it', async () => {
    const { store, vault } = stage.running;
    const project = (await call('GET', '/projects')).json.data.find(({ root }: AnyJson) => root).id;
    const verdict = await verifyAudit(store, vault, project);
    expect([verdict.finding, verdict.first_seq]).toEqual([null, 1]);
    expect(verdict.records).toBeGreaterThan(50);
    const { records } = await store.list(project, 'audit_record', { limit: 1_000 });
    const secrets = { client: sandbox.clientSecret, operator: stage.operator.split('_').at(-1) ?? '' };
    expect(secretsIn(JSON.stringify(records), secrets)).toEqual([]);
    if (stage.store.kind !== 'sqlite') return;
    const whole = await corbel(['audit', 'verify', '--json'], stage.store.env);
    expect([whole.code, JSON.parse(whole.stdout).trails.length]).toEqual([0, 3]);
    expect(JSON.parse(whole.stdout).trails).toContainEqual(verdict);
    const [first] = records;
    if (!first) throw new Error('no records');
    await store.putAll([{ key: first.key, value: first.value.replace('Sandbox', 'Sandpit') }]);
    const touched = await corbel(['audit', 'verify', '--project', project], stage.store.env);
    expect([touched.code, touched.stdout]).toEqual([1, expect.stringContaining('changed: The record 1 ')]);
  });
});

describe('the audit trail in a store that does not take it', () => {
  let stage: Stage;
  let database: DatabaseSync;
  beforeAll(async () => {
    stage = await startStage(openSqlite);
    database = new DatabaseSync((stage.store.env.CORBEL_STORE ?? '').slice('sqlite:'.length), { timeout: 5_000 });
  });
  afterEach(() => database.exec('DROP TRIGGER IF EXISTS no_audit'));
  afterAll(async () => {
    database?.close();
    await stage?.stop();
  });
  const refuse = (kind: string) =>
    database.exec(
      `CREATE TRIGGER no_audit BEFORE INSERT ON records WHEN NEW.kind = '${kind}' BEGIN SELECT RAISE(ABORT, 'no'); END`,
    );
  const keys = async () => (await stage.ask('GET', '/api_keys?limit=100')).json.data.length;

  it('has changes refused before they are made', async () => {
    const before = await keys();
    refuse('audit_pending');
    const reply = await stage.ask('POST', '/api_keys', { name: 'x', role: 'operator' });
    expect([reply.status, reply.json.code]).toEqual([503, 'store_unavailable']);
    expect(await keys()).toBe(before);
  });

  it('has the answer withheld when it fails behind the change, and makes up for it later', async () => {
    const before = await keys();
    refuse('audit_record');
    const reply = await stage.ask('POST', '/api_keys', { name: 'Made', role: 'operator' });
    expect([reply.status, reply.json.code, reply.json.retryable]).toEqual([503, 'store_unavailable', false]);
    expect(JSON.stringify(reply.json)).not.toContain('ck_');
    expect(await keys()).toBe(before + 1);
    database.exec('DROP TRIGGER no_audit');
    expect(await stage.told(reply.request)).toMatchObject([{ action: 'api_key.created', outcome: 'done' }]);
    await until(2_000, 'still pending', async () => {
      const { records } = await stage.running.store.list('global', 'audit_pending', { limit: 10 });
      return records.length === 0;
    });
  });

  it('has sign-ins refused', async () => {
    refuse('audit_pending');
    const reply = await stage.ask('POST', '/console/session', { key: stage.operator });
    expect([reply.status, reply.headers['set-cookie']]).toEqual([503, undefined]);
  });

  it('has a rule for every route that changes something', () => {
    // What is no change, or is told of otherwise.
    const others = [/^POST \/actions\/search$/, /^(POST|DELETE) \/console\/session$/, /^POST \/hub\//];
    const routes = routesOf(stage.running.app.printRoutes({ commonPrefix: false }));
    const changing = routes.filter((route) => !/^(GET|HEAD|OPTIONS) /.test(route));
    const without = changing.filter((route) => !AUDIT_RULES[route] && !others.some((other) => other.test(route)));
    expect(without).toEqual([]);
    expect(Object.keys(AUDIT_RULES).filter((rule) => !routes.includes(rule))).toEqual([]);
  });
});
