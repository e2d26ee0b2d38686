import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AnyJson, type Client, clientOf, expectData, expectProblem } from '../support/client.ts';
import { secretsIn } from '../support/planted-secrets.ts';
import { until } from '../support/redis.ts';
import { makeKey, onBothStores, startWorld, type World } from '../support/server.ts';

const PROMISED_MS = 1_000;

onBothStores('API keys, over two processes of one store', (open) => {
  let world: World;
  let second: string;
  beforeAll(async () => {
    world = await startWorld(open, { servers: 2 });
    second = world.servers[1]?.origin ?? '';
  });
  afterAll(() => world?.stop());

  const both = (key: string): Client[] => [clientOf(world.server.origin, key), clientOf(second, key)];

  it('are shown once and kept as a digest only', async () => {
    const reply = await world.operator.post('/api_keys', { name: 'Shown once', role: 'backend' });
    const { id, token } = reply.json;
    expect(token).toMatch(/^ck_[0-9A-Za-z]{22}_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}$/);
    expect(reply.headers['cache-control']).toBe('no-store');
    const secret = token.split('_').at(-1);
    for (const path of [`/api_keys/${id}`, '/api_keys?limit=100']) {
      const { text } = await world.operator.get(path);
      expect(text).toContain(id);
      expect(text).not.toContain(secret);
      expect(text).not.toContain('digest');
    }
    expectData(await clientOf(second, token).act('list_hubs', world.account));
    const files = await world.store.files();
    expect(files.includes(id)).toBe(true);
    expect(secretsIn(files, { secret, operator: world.operator.key?.split('_').at(-1) ?? '' })).toEqual([]);
  });

  it('work on every process at once', async () => {
    const { token } = await makeKey(world.operator, { role: 'backend' });
    for (const caller of both(token)) expectData(await caller.act('list_hubs', world.account));
  });

  it('stop on every process within a second of their revocation, for good', async () => {
    const { id, token } = await makeKey(world.operator, { role: 'backend' });
    const callers = both(token);
    for (const caller of callers) expectData(await caller.get('/actions/autodesk_list_hubs').then(asData));
    const revoked = await world.operator.delete(`/api_keys/${id}`);
    expect(revoked.json.revoked_at).toEqual(expect.any(String));
    const since = Date.now();
    await Promise.all(
      callers.map(async (caller) => {
        let lastGood = since;
        await until(5_000, 'the key still works', async () => {
          const asked = Date.now();
          const { status, json } = await caller.get('/connectors');
          if (status === 200) lastGood = asked;
          return json.code === 'key_revoked';
        });
        expect(lastGood - since).toBeLessThanOrEqual(PROMISED_MS);
        for (let again = 0; again < 20; again += 1) expectProblem(await caller.get('/connectors'), 'key_revoked');
      }),
    );
    expect((await world.operator.delete(`/api_keys/${id}`)).json.revoked_at).toBe(revoked.json.revoked_at);
  });

  it('lose rights on every process within a second of their narrowing, and their names change with it', async () => {
    const { id, token } = await makeKey(world.operator, { role: 'backend' });
    const callers = both(token);
    for (const caller of callers) expectData(await caller.act('list_hubs', world.account));
    const narrowed = await world.operator.patch(`/api_keys/${id}`, { name: 'Less', actions: ['autodesk_get_hub'] });
    const since = Date.now();
    expect(narrowed.status).toBe(200);
    expect(narrowed.json).toMatchObject({ id, name: 'Less', actions: ['autodesk_get_hub'], accounts: null });
    expect(narrowed.text).not.toMatch(/digest|token/);
    await Promise.all(
      callers.map(async (caller) => {
        let lastGood = since;
        await until(5_000, 'the key still may', async () => {
          const asked = Date.now();
          const { status, json } = await caller.act('list_hubs', world.account);
          if (status === 200) lastGood = asked;
          return json.code === 'key_not_allowed';
        });
        expect(lastGood - since).toBeLessThanOrEqual(PROMISED_MS);
        expectData(await caller.act('get_hub', world.account, { hub_id: world.hub }));
      }),
    );
    const { data } = (await clientOf(second, world.operator.key).get(`/audit?target=${id}&action=api_key.updated`))
      .json;
    expect(data).toMatchObject([{ outcome: 'done', changes: ['name', 'actions'], target: { name: 'Test' } }]);
  });

  it('never get more than they had, and nothing once they are revoked', async () => {
    const [a, b, c] = ['autodesk_get_hub', 'autodesk_list_hubs', 'autodesk_list_projects'];
    const limits = { actions: [a, b], accounts: [world.account], expires_at: '2090-01-01T00:00:00.000Z' };
    const { id } = await makeKey(world.operator, { role: 'backend', ...limits });
    const { id: operator } = await makeKey(world.operator, { role: 'operator' });
    const read = async (key: string) => (await world.operator.get(`/api_keys/${key}`)).json;
    const before = await read(id);
    const refused: [string, Record<string, unknown>, string | undefined][] = [
      [id, { actions: null }, '/actions'],
      [id, { actions: [a, c] }, '/actions'],
      [id, { accounts: null, name: 'x' }, '/accounts'],
      [id, { accounts: [world.account, 'acc_x'] }, '/accounts'],
      [id, { expires_at: null }, '/expires_at'],
      [id, { expires_at: '2090-01-01T00:00:01Z' }, '/expires_at'],
      [id, { expires_at: '2020-01-01T00:00:00Z' }, '/expires_at'],
      [id, { expires_at: '2080-01-01T00:00:00' }, '/expires_at'],
      [id, { expires_at: '2080-02-30T00:00:00Z' }, '/expires_at'],
      [id, { expires_at: '2080-01-01T24:00:00Z' }, '/expires_at'],
      [id, { role: 'operator' }, undefined],
      [id, { revoked_at: null }, undefined],
      [id, {}, undefined],
      [operator, { actions: [a] }, '/actions'],
      [operator, { accounts: [] }, '/accounts'],
    ];
    for (const [key, change, path] of refused) {
      const { errors } = expectProblem(await world.operator.patch(`/api_keys/${key}`, change), 'request_invalid');
      if (path !== undefined) expect([change, errors.map((fault: AnyJson) => fault.path)]).toEqual([change, [path]]);
    }
    expect(await read(id)).toEqual(before);
    // As it is, in another order, and fewer of them.
    const same = { ...limits, actions: [b, a], expires_at: '2090-01-01T01:00:00+01:00' };
    expect((await world.operator.patch(`/api_keys/${id}`, same)).json).toEqual({ ...before, actions: [b, a] });
    const less = await world.operator.patch(`/api_keys/${id}`, { actions: [], expires_at: '2080-01-01T00:00:00Z' });
    expect(less.json).toMatchObject({ actions: [], expires_at: '2080-01-01T00:00:00.000Z', name: 'Test' });
    const renamed = { name: 'Second', expires_at: '2080-01-01T00:00:00Z', actions: null, accounts: null };
    expect((await world.operator.patch(`/api_keys/${operator}`, renamed)).json).toMatchObject({ name: 'Second' });
    expectProblem(await world.operator.patch(`/api_keys/key_${'0'.repeat(22)}`, { name: 'x' }), 'not_found');
    await world.operator.delete(`/api_keys/${id}`);
    expectProblem(await world.operator.patch(`/api_keys/${id}`, { name: 'x' }), 'request_invalid');
  });

  it('are never given back by one change what another took', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `autodesk_${index}`);
    const { id } = await makeKey(world.operator, { role: 'backend', actions: names });
    const operators = both(world.operator.key ?? '');
    // Each takes another one away, so that after any of them no other is a narrowing.
    const replies = await Promise.all(
      names.map((taken, index) =>
        operators[index % 2]?.patch(`/api_keys/${id}`, { actions: names.filter((name) => name !== taken) }),
      ),
    );
    const good = replies.filter((reply) => reply?.status === 200);
    expect(good).toHaveLength(1);
    expect((await world.operator.get(`/api_keys/${id}`)).json.actions).toEqual(good[0]?.json.actions);
    for (const reply of replies)
      if (reply !== good[0]) expect(reply?.json.code).toMatch(/^(version_conflict|request_invalid)$/);
  });

  it.each([
    ['a suspended account', () => world.operator.post(`/accounts/${world.account}/suspend`), 'account_inactive'],
    ['a resumed account', () => world.operator.post(`/accounts/${world.account}/resume`), undefined],
    ['scopes taken away', () => patchProfile({ scopes: [] }), 'scopes_missing'],
    ['scopes given back', () => patchProfile({ scopes: ['data:read'] }), undefined],
    ['an action taken away', () => patchProfile({ actions: [] }), 'action_disabled'],
    ['actions given back', () => patchProfile({ actions: null }), undefined],
    ['a disabled profile', () => patchProfile({ enabled: false }), 'profile_disabled'],
    ['an enabled profile', () => patchProfile({ enabled: true }), undefined],
  ] as [string, () => Promise<AnyJson>, string | undefined][])(
    '%s counts on the other process within a second',
    async (_title, change, code) => {
      const elsewhere = clientOf(second, world.backend.key);
      expect((await change()).status).toBe(200);
      const since = Date.now();
      let asked = since;
      await until(5_000, 'the change does not count', async () => {
        asked = Date.now();
        return (await elsewhere.act('list_hubs', world.account)).json.code === code;
      });
      expect(asked - since).toBeLessThanOrEqual(PROMISED_MS);
    },
  );

  it('end their console sessions with them, on every process', async () => {
    const { id, token } = await makeKey(world.operator, { role: 'operator' });
    const here = clientOf(world.server.origin);
    const signedIn = await here.post('/console/session', { key: token });
    expect(signedIn.status).toBe(201);
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    expect(cookie).toMatch(/^corbel_session=/);
    const headers = { cookie, 'x-csrf-token': signedIn.json.csrf_token };
    const elsewhere = clientOf(second);
    expect((await elsewhere.call('GET', '/console/session', { headers })).json).toEqual(signedIn.json);
    expect((await elsewhere.call('POST', `/accounts/${world.account}/resume`, { headers })).status).toBe(200);
    await world.operator.delete(`/api_keys/${id}`);
    const since = Date.now();
    await until(5_000, 'the session goes on', async () => {
      const { json } = await elsewhere.call('GET', '/accounts', { headers });
      return json.code === 'key_revoked';
    });
    expect(Date.now() - since).toBeLessThanOrEqual(PROMISED_MS);
    const { json: trail } = await world.operator.get(`/audit?actor=${id}`);
    expect(trail.data.map(({ action, actor }: AnyJson) => [action, actor.via])).toEqual([
      ['account.resumed', 'console'],
      ['console.signed_in', 'console'],
    ]);
  });

  it('tell when they were last used', async () => {
    const { id, token } = await makeKey(world.operator, { role: 'backend' });
    const used = async () => (await world.operator.get(`/api_keys/${id}`)).json.last_used_at;
    expect(await used()).toBeNull();
    const before = Date.now();
    await clientOf(second, token).get('/connectors');
    await until(2_000, 'no use is noted', async () => (await used()) !== null);
    expect(Date.parse(await used())).toBeGreaterThanOrEqual(before - 1);
    expect((await world.operator.delete(`/api_keys/${id}`)).json.last_used_at).toBe(await used());
  });

  it('are listed page by page, each once', async () => {
    await Promise.all(Array.from({ length: 12 }, () => makeKey(world.operator, { role: 'backend' })));
    const ids: string[] = [];
    let next = '';
    do {
      const { json } = await world.operator.get(`/api_keys?limit=5${next && `&next=${next}`}`);
      ids.push(...json.data.map(({ id }: AnyJson) => id));
      next = json.next ?? '';
    } while (next !== '');
    expect(ids.length).toBeGreaterThanOrEqual(14);
    expect(new Set(ids).size).toBe(ids.length);
  });

  const patchProfile = (change: Record<string, unknown>) =>
    world.operator.patch(`/connector_profiles/${world.profile}`, change);
});

function asData(reply: AnyJson): AnyJson {
  return { ...reply, json: { data: reply.json } };
}
