import { setTimeout as delay } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AnyJson, clientOf, expectProblem } from '../support/client.ts';
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts';
import { onBothStores, seedAccount, startServer, startWorld, type World } from '../support/server.ts';

/** Of 200 changes that are made: most are under way when the process is killed. */
const ACKNOWLEDGED = 30;
// The lease of a killed process, one look at the queue, and some for a busy machine.
const AFTER_A_KILL_MS = 25_000;

onBothStores('events', (open) => {
  let world: World;
  let receiver: Receiver;
  const secrets: string[] = [];
  beforeAll(async () => {
    world = await startWorld(open, { servers: 2 });
  });
  afterAll(() => world?.stop());
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    const { json } = await world.operator.get('/webhook_endpoints?limit=100');
    for (const { id } of json.data) await world.operator.delete(`/webhook_endpoints/${id}`);
    await receiver.close();
  });

  async function endpoint(further: Record<string, unknown> = {}): Promise<AnyJson> {
    const made = await world.operator.post('/webhook_endpoints', { url: `${receiver.origin}/hook`, ...further });
    expect(made.status, made.text).toBe(201);
    secrets.push(made.json.secret);
    return made.json;
  }

  const create = (operator = world.operator) =>
    operator.post('/accounts', { connector_profile_id: world.profile, owner_id: 'customer' });
  const eventsOf = (received: readonly Received[]) => received.map(({ body }) => JSON.parse(body));
  const arrived = (count: number, timeout = 15_000) =>
    expect.poll(() => receiver.received.length, { timeout }).toBe(count);

  it('of the whole life of an account arrive signed, in the words of the API, and nothing secret in them', async () => {
    const { secret } = await endpoint();
    const account = (await create()).json;
    await arrived(1);
    await world.operator.patch(`/accounts/${account.id}`, { owner_name: 'New' });
    await arrived(2);
    await world.operator.post(`/accounts/${account.id}/suspend`);
    await arrived(3);
    await world.operator.delete(`/accounts/${account.id}`);
    await arrived(4);
    const verified = receiver.received.map(({ body, headers }) =>
      new Webhook(secret).verify(body, headers as Record<string, string>),
    ) as AnyJson[];
    expect(
      verified.map(({ type, data }) => [type, data.account.id, data.account.status, data.account.owner_name]),
    ).toEqual([
      ['account.created', account.id, 'active', null],
      ['account.updated', account.id, 'active', 'New'],
      ['account.updated', account.id, 'inactive', 'New'],
      ['account.deleted', account.id, 'inactive', 'New'],
    ]);
    for (const { data, timestamp } of verified) {
      expect(data.project).toMatch(/^prj_/);
      expect(data.account).not.toHaveProperty('profile_id');
      expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(60_000);
    }
    for (const { body } of receiver.received) expect(body).not.toMatch(/whsec_|ck_|token|secret/i);
  });

  it('show their secret when it is made and never again', async () => {
    const { id, secret } = await endpoint();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const rotated = await world.operator.post(`/webhook_endpoints/${id}/rotate_secret`);
    secrets.push(rotated.json.secret);
    expect(rotated.json.secret).not.toBe(secret);
    for (const path of ['/webhook_endpoints', `/webhook_endpoints/${id}`, `/webhook_endpoints/${id}/deliveries`]) {
      const { text } = await world.operator.get(path);
      for (const known of secrets) expect(text).not.toContain(known);
    }
    const patched = await world.operator.patch(`/webhook_endpoints/${id}`, { description: 'Main' });
    expect(patched.text).not.toContain('whsec_');
    await create();
    await arrived(1);
    const [{ body = '', headers = {} } = {}] = receiver.received;
    for (const known of [secret, rotated.json.secret])
      expect(new Webhook(known).verify(body, headers as Record<string, string>)).toBeTruthy();
  });

  it.each([
    'ftp://hooks.example/',
    'http://hooks.example/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::ffff:10.0.0.1]/',
    'http://2130706434/',
    'https://0x7f000002/',
    'https://user:pass@hooks.example/',
    'https://hooks.example/#x',
    'hooks.example',
    'javascript:alert(1)',
  ])('do not go to %s', async (url) => {
    const reply = await world.operator.post('/webhook_endpoints', { url });
    expect(expectProblem(reply, 'request_invalid').errors[0].path).toBe('/url');
    const { id } = await endpoint({ enabled: false });
    expectProblem(await world.operator.patch(`/webhook_endpoints/${id}`, { url }), 'request_invalid');
  });

  it('are shown with what became of them, and are delivered again when asked for', async () => {
    const { id } = await endpoint({ events: ['account.created'] });
    receiver.answer = { status: 500, body: 'words of the receiver' };
    const account = (await create()).json;
    await world.operator.patch(`/accounts/${account.id}`, { owner_name: 'not wanted' });
    await arrived(1);
    const list = `/webhook_endpoints/${id}/deliveries`;
    await expect.poll(async () => (await world.operator.get(list)).json.data[0]?.attempts.length).toBe(1);
    const shown = await world.operator.get(list);
    expect(shown.text).not.toContain('words of the receiver');
    const [delivery] = shown.json.data;
    expect(shown.json.data).toHaveLength(1);
    expect(delivery).toMatchObject({
      type: 'account.created',
      state: 'pending',
      attempts: [{ status: 500, error: 'refused', at: expect.any(String), duration_ms: expect.any(Number) }],
    });
    expect(Date.parse(delivery.next_attempt_at)).toBeGreaterThan(Date.now() - 2_000);

    receiver.answer = { status: 200 };
    const again = `/webhook_endpoints/${id}/redeliver`;
    expect((await world.operator.post(again, { event_id: delivery.event_id })).status).toBe(202);
    await arrived(2);
    expect(receiver.received[1]?.headers['webhook-id']).toBe(receiver.received[0]?.headers['webhook-id']);
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
    await expect.poll(async () => (await world.operator.get(list)).json.data[0].state).toBe('delivered');
    await world.operator.patch(`/webhook_endpoints/${id}`, { enabled: false });
    expectProblem(await world.operator.post(again, { event_id: delivery.event_id }), 'webhook_endpoint_disabled');
    expectProblem(await world.operator.post(again, { event_id: `evt_${'0'.repeat(22)}` }), 'not_found');
    // Nothing is tried again behind a delivery.
    await delay(500);
    expect(receiver.received).toHaveLength(2);
  });

  it('are not followed to where a redirect leads, and end for good with 410', async () => {
    const { id } = await endpoint();
    receiver.answer = { status: 307, headers: { location: `${world.sandbox.origin}/authentication/v2/token` } };
    await create();
    await arrived(1);
    const path = `/webhook_endpoints/${id}`;
    await expect
      .poll(async () => (await world.operator.get(`${path}/deliveries`)).json.data[0]?.attempts[0]?.error)
      .toBe('provider_redirect_refused');
    receiver.answer = { status: 410 };
    await create();
    await expect
      .poll(async () => (await world.operator.get(path)).json, { timeout: 5_000 })
      .toMatchObject({ enabled: false, disabled_reason: 'gone' });
    const on = await world.operator.patch(path, { enabled: true });
    expect(on.json).toMatchObject({ enabled: true, disabled_reason: null });
  });

  it('of many changes at once, made through two processes, arrive once each', async () => {
    await endpoint();
    const [one, other] = world.servers.map(({ origin }) => clientOf(origin, world.operator.key));
    const replies = await Promise.all(Array.from({ length: 60 }, (_, index) => create(index % 2 === 0 ? one : other)));
    await arrived(60);
    await delay(1_000);
    const told = eventsOf(receiver.received).map(({ data }) => data.account.id);
    expect(told.toSorted()).toEqual(replies.map(({ json }) => json.id).toSorted());
  });

  it('of acknowledged changes are not lost when the process is killed', { timeout: 90_000 }, async () => {
    const own = await startServer(world.env);
    const operator = clientOf(own.origin, world.operator.key);
    await endpoint();
    receiver.answer = { status: 200, delayMs: 30 };
    const acknowledged: string[] = [];
    const changes = Array.from({ length: 200 }, async (_, index) => {
      await delay(index * 3);
      const reply = await create(operator);
      if (reply.status === 201) acknowledged.push(reply.json.id);
    }).map((change) => change.catch(() => {}));
    await expect.poll(() => acknowledged.length, { timeout: 20_000, interval: 5 }).toBeGreaterThanOrEqual(ACKNOWLEDGED);
    own.signal('SIGKILL');
    await Promise.all(changes);
    await own.ended;
    const untold = () => {
      const told = new Set(eventsOf(receiver.received).map(({ data }) => data.account.id));
      return acknowledged.filter((id) => !told.has(id));
    };
    await expect.poll(untold, { timeout: AFTER_A_KILL_MS, interval: 200 }).toEqual([]);
  });

  it('are a project’s own', async () => {
    await endpoint();
    const made = await world.operator.post('/projects', { name: 'Other' });
    const stranger = clientOf(world.server.origin, made.json.operator_key.token);
    await seedAccount(stranger, world.sandbox);
    await create();
    await arrived(1);
    await delay(300);
    expect(receiver.received).toHaveLength(1);
  });

  it('leave no secret in the store or in the log', async () => {
    const bytes = await world.store.files();
    const said = world.servers.map((server) => server.stdout() + server.stderr()).join('');
    for (const secret of secrets) {
      expect(bytes.includes(secret)).toBe(false);
      expect(said.includes(secret)).toBe(false);
    }
    expect(said).toContain('event delivery');
  });
});
