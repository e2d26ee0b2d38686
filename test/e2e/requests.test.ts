import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { type AnyJson, type Client, clientOf, expectData, expectProblem } from '../support/client.ts';
import { secretsIn } from '../support/planted-secrets.ts';
import { until } from '../support/redis.ts';
import { makeKey, onBothStores, seedAccount, startServer, startWorld, type World } from '../support/server.ts';

const WRITTEN_MS = 5_000;

onBothStores('the request log', (open) => {
  let world: World;
  /** The same operator at the other process. */
  let elsewhere: Client;
  let project: string;
  beforeAll(async () => {
    world = await startWorld(open, { servers: 2, furtherActions: ['uploads'] });
    elsewhere = clientOf(world.servers[1]?.origin ?? '', world.operator.key);
    expectData(await hubs());
    project = (await world.operator.get('/projects')).json.data[0].id;
  });
  afterAll(() => world?.stop());
  beforeEach(() => world.sandbox.reset());

  const hubs = (query = '') => world.backend.act('list_hubs', world.account, {}, query);
  const get = async (id: string, client = world.operator): Promise<AnyJson> =>
    bodyOf(await client.get(`/requests/${id}`));
  const list = async (query: string, client = world.operator): Promise<AnyJson> =>
    bodyOf(await client.get(`/requests?${query}`));
  const named = (correlation: string, client = world.backend) =>
    client.call('POST', '/actions/autodesk_list_hubs', {
      headers: { 'x-account-id': world.account, 'x-correlation-id': correlation },
      body: {},
    });
  const idsOf = (page: AnyJson): string[] => page.data.map(({ id }: AnyJson) => id);

  it('tells of a call who made it, how long each stage took, and what was sent', async () => {
    const before = Date.now();
    const inputs = { hub_id: world.hub, page_size: 3 };
    const reply = await world.backend.act('list_projects', world.account, inputs);
    expectData(reply);
    const record = await get(reply.json.request_id);
    expect(record).toMatchObject({
      id: reply.json.request_id,
      state: 'succeeded',
      role: 'backend',
      correlation_id: null,
      action: 'autodesk_list_projects',
      connector: 'autodesk',
      account: world.account,
      connector_profile: world.profile,
      dry_run: false,
      status: 200,
      code: null,
      fault: null,
      requests_omitted: 0,
      upload: null,
      waits_ms: {},
    });
    expect(Object.keys(record.stages_ms)).toEqual(
      expect.arrayContaining(['resolve', 'gate', 'bind', 'authorize', 'render', 'send', 'shape']),
    );
    expect(record.requests).toEqual([
      {
        step: 'request',
        method: 'GET',
        host: expect.not.stringContaining('/'),
        path: '/project/v1/hubs/{hub_id}/projects',
        status: 200,
        error: null,
        attempts: [{ status: 200, duration_ms: expect.any(Number) }],
        duration_ms: expect.any(Number),
        provider_request_id: expect.stringMatching(/\S/),
      },
    ]);
    const [started, finished] = [Date.parse(record.started_at), Date.parse(record.finished_at)];
    expect(started).toBeGreaterThanOrEqual(before - 5);
    expect(finished).toBeLessThanOrEqual(Date.now() + 5);
    expect(Math.abs(finished - started - record.duration_ms)).toBeLessThanOrEqual(1);
    // Nothing of what was called with or answered.
    expect(JSON.stringify(record)).not.toContain(world.hub);
    await until(WRITTEN_MS, 'not written', async () => (await elsewhere.get(`/requests/${record.id}`)).status === 200);
    expect(await get(record.id, elsewhere)).toEqual(record);
  });

  it('tells of repetitions and of the provider’s refusal', async () => {
    await world.sandbox.faults([{ kind: 'status', path: '/project/', status: 503, times: 1 }]);
    const repeated = await get((await hubs()).json.request_id);
    expect(repeated.requests[0].attempts.map(({ status }: AnyJson) => status)).toEqual([503, 200]);
    await world.sandbox.faults([
      { kind: 'status', path: '/project/', status: 404, headers: { 'X-Request-Id': 'theirs' } },
    ]);
    const refused = await get((await hubs()).json.request_id);
    expect(refused).toMatchObject({ state: 'failed', status: 404, code: 'provider_not_found', fault: 'caller' });
    expect(refused.requests).toMatchObject([{ status: 404, provider_request_id: expect.stringContaining('theirs') }]);
    const dry = await get((await hubs('dry_run=true')).json.request_id);
    expect(dry).toMatchObject({ state: 'succeeded', dry_run: true, requests: [] });
  });

  it('tells of calls that were refused before anything was sent, but of none without a valid key', async () => {
    const post = (path: string, body: unknown, headers = {}) => world.backend.call('POST', path, { body, headers });
    const account = { 'x-account-id': world.account };
    const narrowed = await makeKey(world.operator, { role: 'backend', actions: ['autodesk_get_hub'] });
    const calls = [
      [await post('/actions/autodesk_list_hubs', {}), 'account_missing', 'autodesk_list_hubs'],
      [await post('/actions/autodesk_list_hubs', '{"a": oops', account), 'body_not_json', 'autodesk_list_hubs'],
      [await post('/actions/autodesk_get_hub', { hub: 1 }, account), 'inputs_invalid', 'autodesk_get_hub'],
      [await post('/actions/autodesk_list_hubs?dry_rnu=true', {}, account), 'request_invalid', 'autodesk_list_hubs'],
      [await post(`/actions/${'x'.repeat(300)}`, {}, account), 'action_unknown', 'x'.repeat(100)],
      [await post('/actions/rpc', { action: 'autodesk_nothing' }, account), 'action_unknown', 'autodesk_nothing'],
      [await post('/actions/rpc', {}, account), 'request_invalid', null],
      [
        await clientOf(world.server.origin, narrowed.token).act('list_hubs', world.account),
        'key_not_allowed',
        'autodesk_list_hubs',
      ],
    ] as const;
    for (const [reply, code, action] of calls) {
      expectProblem(reply, code);
      const record = await get(reply.json.request_id);
      expect(record).toMatchObject({ state: 'failed', code, action, status: reply.status, requests: [] });
    }
    const latest = idsOf(await list('limit=1'))[0];
    const anonymous = await clientOf(
      world.server.origin,
      `ck_${'0'.repeat(22)}_${'0'.repeat(22)}_${'0'.repeat(43)}`,
    ).act('list_hubs', world.account);
    expectProblem(anonymous, 'key_invalid');
    expectProblem(await world.operator.get(`/requests/${anonymous.json.request_id}`), 'not_found');
    expect(idsOf(await list('limit=1'))[0]).toBe(latest);
  });

  it('takes the caller’s own id of a request, gives it back, and finds by it', async () => {
    const reply = await named('order-17/step:2');
    expect(reply.headers['x-correlation-id']).toBe('order-17/step:2');
    expect(idsOf(await list('correlation_id=order-17/step:2'))).toEqual([reply.json.request_id]);
    const line = await world.server.record((record) => record.request_id === reply.json.request_id);
    expect(line).toMatchObject({
      correlation_id: 'order-17/step:2',
      action: 'autodesk_list_hubs',
      account: world.account,
      attempts: [{ status: 200 }],
      provider_request_id: expect.any(String),
    });
    for (const odd of ['two words', 'ü', 'x'.repeat(129), '', world.backend.key ?? '']) {
      const ignored = await named(odd);
      expectData(ignored);
      expect(ignored.headers['x-correlation-id']).toBeUndefined();
      expect((await get(ignored.json.request_id)).correlation_id).toBeNull();
    }
  });

  it('narrows by every filter, and refuses what is no filter', async () => {
    const key = await makeKey(world.operator, { role: 'backend' });
    const other = await world.operator.post('/accounts', { connector_profile_id: world.profile, owner_id: 'other' });
    const client = clientOf(world.server.origin, key.token);
    const first = await client.act('list_hubs', world.account);
    await delay(5);
    const second = await client.act('get_hub', other.json.id, { hub_id: world.hub });
    await delay(5);
    const third = await client.act('get_hub', other.json.id, {});
    const [one, two, three] = [first, second, third].map(({ json }) => json.request_id);
    const startOf = async (id: string) => encodeURIComponent((await get(id)).started_at);
    const cases: [string, string[]][] = [
      ['', [three, two, one]],
      ['&action=autodesk_get_hub', [three, two]],
      [`&account=${world.account}`, [one]],
      [`&account=${other.json.id}&state=succeeded`, [two]],
      ['&connector=autodesk', [three, two, one]],
      ['&connector=other', []],
      ['&state=failed', [three]],
      ['&state=lost', []],
      ['&code=inputs_invalid', [three]],
      ['&status=400', [three]],
      ['&status=4xx', [three]],
      ['&status=2xx&action=autodesk_get_hub', [two]],
      ['&status=404', []],
      ['&status=5xx', []],
      [`&since=${await startOf(two)}`, [three, two]],
      [`&until=${await startOf(two)}`, [two, one]],
      [`&since=${await startOf(two)}&until=${await startOf(two)}`, [two]],
      ['&since=2000-01-01T00:00:00%2B02:00&until=2000-01-02T00:00:00.5Z', []],
    ];
    for (const client of [world.operator, elsewhere]) {
      await until(WRITTEN_MS, 'not written', async () => idsOf(await list(`key=${key.id}`, client)).length === 3);
      for (const [query, ids] of cases)
        expect([query, idsOf(await list(`key=${key.id}${query}`, client))]).toEqual([query, ids]);
    }
    const statuses = ['2x', '4XX', '600', '0xx', '20', '200.', '200,400', '-400', '%D9%A4xx', '200&status=400'];
    const others = ['state=done', 'since=yesterday', 'until=2026-13-01T00:00:00Z', 'limit=0', 'stauts=200'];
    for (const query of [...others, ...statuses.map((status) => `status=${status}`)])
      expectProblem(await world.operator.get(`/requests?${query}`), 'request_invalid');
    expectProblem(await world.operator.get('/requests?next=nonsense'), 'cursor_invalid');
  });

  it('is walked over completely and without repetition while new calls come', async () => {
    const key = await makeKey(world.operator, { role: 'backend' });
    const client = clientOf(world.server.origin, key.token);
    const made: string[] = [];
    for (let index = 0; index < 40; index += 1) made.push((await client.act('list_hubs', 'acc_none')).json.request_id);
    let calling = true;
    const more = (async () => {
      while (calling) {
        await client.act('list_hubs', 'acc_none');
        await hubs('dry_run=true');
      }
    })();
    const walk = async (reader: Client, filter: string): Promise<string[]> => {
      const seen: string[] = [];
      let next: string | null = null;
      do {
        const page: AnyJson = await list(`${filter}&limit=7${next === null ? '' : `&next=${next}`}`, reader);
        seen.push(...idsOf(page));
        next = page.next;
      } while (next !== null);
      return seen;
    };
    const walks = await Promise.all([
      walk(world.operator, `key=${key.id}`),
      walk(client, ''),
      walk(client, 'status=404'),
      walk(client, 'status=4xx'),
    ]).finally(() => {
      calling = false;
    });
    await more;
    for (const seen of walks) {
      expect(new Set(seen).size).toBe(seen.length);
      expect([...seen].sort().reverse()).toEqual(seen);
      expect(seen.filter((id) => made.includes(id))).toEqual([...made].sort().reverse());
    }
  });

  it('shows a slow call to every process while it runs, and then its end', async () => {
    await world.sandbox.faults([{ kind: 'latency', path: '/project/', ms: 3_500 }]);
    const calling = named('slow');
    const running = 'correlation_id=slow&state=running';
    await until(30_000, 'not seen in its own process', async () => (await list(running)).data.length === 1);
    await until(WRITTEN_MS, 'not seen in the other', async () => (await list(running, elsewhere)).data.length === 1);
    const [record] = (await list(running, elsewhere)).data;
    expect(record).toMatchObject({ state: 'running', finished_at: null, duration_ms: null, status: null });
    expect(record.stages_ms).toHaveProperty('gate');
    const reply = await calling;
    expect(record.id).toBe(reply.json.request_id);
    expect(await get(record.id)).toMatchObject({ state: 'succeeded' });
    await until(WRITTEN_MS, 'no end seen', async () => (await get(record.id, elsewhere)).state === 'succeeded');
    expect((await list(running, elsewhere)).data).toEqual([]);
    const { duration_ms, requests } = await get(record.id, elsewhere);
    expect(duration_ms).toBeGreaterThan(3_400);
    expect(requests[0].duration_ms).toBeGreaterThan(3_400);
  });

  it('shows every process how far a long upload is', async () => {
    const scopes = ['data:read', 'data:write', 'data:create', 'bucket:create', 'bucket:read'];
    const { account } = await seedAccount(world.operator, world.sandbox, { profile: { scopes } });
    const bucket_key = `uploads-${randomBytes(6).toString('hex')}`;
    expectData(await world.backend.act('create_bucket', account, { bucket_key, policy_key: 'transient' }));
    const MIB = 1024 * 1024;
    let finish = () => {};
    const rest = new Promise<void>((resolve) => {
      finish = resolve;
    });
    async function* file() {
      for (let sent = 0; sent < 11; sent += 1) yield Buffer.alloc(MIB, sent);
      await rest;
      yield Buffer.alloc(100);
    }
    const uploading = request(
      `${world.server.origin}/actions/autodesk_signed_s3_upload?bucket_key=${bucket_key}&object_key=a/b.dwg`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${world.backend.key}`,
          'content-type': 'application/octet-stream',
          'x-account-id': account,
          'x-correlation-id': 'upload',
        },
        body: Readable.from(file()),
      },
    ).then(async (response) => ({ status: response.statusCode, json: (await response.body.json()) as AnyJson }));
    const progress = async (client: Client) => (await list('correlation_id=upload', client)).data[0]?.upload;
    const seen = [world.operator, elsewhere].map((client) =>
      until(WRITTEN_MS, 'no progress seen', async () => (await progress(client))?.parts >= 1),
    );
    await Promise.all(seen).finally(finish);
    const { status, json } = await uploading;
    expect([status, json.data?.size], JSON.stringify(json)).toEqual([200, 11 * MIB + 100]);
    const record = await get(json.request_id);
    expect(record).toMatchObject({ state: 'succeeded', upload: { step: 'upload', bytes: 11 * MIB + 100, parts: 3 } });
    const paths = record.requests.map(({ step, method, path }: AnyJson) => [step, method, path]);
    expect(paths).toContainEqual(['upload', 'PUT', '(signed url)']);
    expect(paths.at(-1)).toEqual([
      'complete',
      'POST',
      '/oss/v2/buckets/{bucket_key}/objects/{object_key}/signeds3upload',
    ]);
    for (const text of [bucket_key, 'b.dwg', 'signed-url']) expect(JSON.stringify(record)).not.toContain(text);
  });

  it('tells of a call whose caller went away', async () => {
    await world.sandbox.faults([{ kind: 'latency', path: '/project/', ms: 5_000 }]);
    const ending = new AbortController();
    const calling = world.backend.call('POST', '/actions/autodesk_list_hubs', {
      headers: { 'x-account-id': world.account, 'x-correlation-id': 'gone' },
      body: {},
      signal: ending.signal,
    });
    const settled = calling.catch(() => {});
    const gone = async (state: string) => (await list(`correlation_id=gone&state=${state}`)).data;
    await until(WRITTEN_MS, 'not seen', async () => (await gone('running')).length === 1);
    ending.abort();
    await settled;
    await until(WRITTEN_MS, 'no end seen', async () => (await gone('failed')).length === 1);
    expect(await gone('failed')).toMatchObject([{ status: null, code: 'caller_gone', fault: 'caller' }]);
  });

  it('calls a call lost when its process was killed and nothing more is heard of it', async () => {
    await world.sandbox.faults([{ kind: 'latency', path: '/project/', ms: 20_000 }]);
    const third = await startServer(world.env);
    const settled = named('killed', clientOf(third.origin, world.backend.key)).catch(() => {});
    await until(WRITTEN_MS, 'not seen', async () => (await list('correlation_id=killed')).data.length === 1);
    await third.stop('SIGKILL');
    await settled;
    const [record] = (await list('correlation_id=killed')).data;
    expect(record.state).toBe('running');
    // Half a minute later, without waiting for it.
    const store = await openStore({
      url: world.env.CORBEL_STORE ?? '',
      clock: systemClock,
      random: systemRandom,
      allowVolatile: true,
    });
    const key = { partition: project, kind: 'request', id: record.id };
    const value = (await store.get(key))?.value ?? '';
    const aged = value.replace(record.updated_at, new Date(Date.now() - 31_000).toISOString());
    expect(aged).not.toBe(value);
    await store.putAll([{ key, value: aged, ttlMs: 60_000 }]);
    await store.close();
    for (const client of [world.operator, elsewhere]) {
      expect((await get(record.id, client)).state).toBe('lost');
      expect(idsOf(await list('state=lost', client))).toEqual([record.id]);
      expect(idsOf(await list('state=running', client))).toEqual([]);
    }
  });

  it('shows backends the calls of their own key only', async () => {
    const own = await makeKey(world.operator, { role: 'backend' });
    const backend = clientOf(world.server.origin, own.token);
    const mine = await backend.act('list_hubs', world.account);
    const theirs = await hubs();
    expect(idsOf(await list('', backend))).toEqual([mine.json.request_id]);
    expect((await get(mine.json.request_id, backend)).key).toBe(own.id);
    expectProblem(await backend.get(`/requests/${theirs.json.request_id}`), 'not_found');
    const { key } = await get(theirs.json.request_id);
    expect(await list(`key=${key}`, backend)).toMatchObject({ data: [], next: null });
    expect(idsOf(await list(`key=${own.id}`, backend))).toEqual([mine.json.request_id]);
    // Whose account it was, as long as the key may use it.
    const { owner_id, owner_name } = bodyOf(await world.operator.get(`/accounts/${world.account}`));
    expect((await list('', backend)).data[0]).toMatchObject({ account: world.account, owner_id, owner_name });
    expect(owner_id).toEqual(expect.any(String));
    bodyOf(await world.operator.call('PATCH', `/api_keys/${own.id}`, { body: { accounts: [] } }));
    await expect.poll(async () => (await list('', backend)).data[0]?.owner_id).toBe(null);
    for (const id of ['req_none', `req_${'0'.repeat(22)}`, '..%2F..', world.account])
      expectProblem(await world.operator.get(`/requests/${id}`), 'not_found');
  });

  it('never holds a secret, wherever callers and the provider put them', async () => {
    const secrets = {
      client_secret: world.sandbox.clientSecret,
      operator_key: world.operator.key ?? '',
      backend_key: world.backend.key ?? '',
    };
    const { client_secret, backend_key } = secrets;
    await world.backend.call('POST', `/actions/${backend_key}`, {
      headers: { 'x-account-id': client_secret, 'x-correlation-id': backend_key },
      body: { [client_secret]: client_secret },
    });
    await world.backend.call('POST', '/actions/rpc', {
      headers: { 'x-account-id': backend_key },
      body: { action: backend_key, query: { a: client_secret } },
    });
    await world.sandbox.faults([
      {
        kind: 'status',
        path: '/project/',
        status: 400,
        body: { detail: client_secret },
        headers: { 'X-Request-Id': client_secret },
      },
    ]);
    const last = await world.backend.act('list_hubs', world.account, { filter_name: client_secret });
    await until(
      WRITTEN_MS,
      'not written',
      async () => (await elsewhere.get(`/requests/${last.json.request_id}`)).status === 200,
    );
    const page = await elsewhere.get('/requests?limit=100');
    expect(secretsIn(page.text, secrets)).toEqual([]);
    const bytes = await world.store.files();
    expect(bytes.includes(last.json.request_id)).toBe(true);
    expect(secretsIn(bytes, secrets)).toEqual([]);
    expect(page.json.dropped).toBe(0);
  });

  it('can be switched off', async () => {
    const off = await startServer({ ...world.env, CORBEL_REQUEST_LOG_DAYS: '0' });
    const operator = clientOf(off.origin, world.operator.key);
    const reply = await operator.act('list_hubs', world.account);
    expectData(reply);
    expect((await operator.get('/requests')).json).toEqual({ data: [], next: null, dropped: 0 });
    expectProblem(await operator.get(`/requests/${reply.json.request_id}`), 'not_found');
    await off.stop();
    expectProblem(await world.operator.get(`/requests/${reply.json.request_id}`), 'not_found');
  });
});

/** The answer itself, when it is a success. */
function bodyOf(reply: AnyJson): AnyJson {
  expect(reply.status, reply.text.slice(0, 800)).toBe(200);
  return reply.json;
}
