import { request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AnyJson, type Client, clientOf, type Reply } from '../support/client.ts';
import { secretsIn } from '../support/planted-secrets.ts';
import { onBothStores, startServer, startWorld, type World } from '../support/server.ts';

const PUBLIC_URL = 'http://localhost:8080';

onBothStores('linking over several processes', (open) => {
  let world: World;
  let profile: string;
  let person: string;
  const processes = (): Client[] => world.servers.map(({ origin }) => clientOf(origin));
  beforeAll(async () => {
    world = await startWorld(open, { servers: 2, env: { CORBEL_PUBLIC_URL: PUBLIC_URL, CORBEL_LOG_LEVEL: 'trace' } });
    const made = await world.operator.post('/connector_profiles', {
      name: 'People',
      connector: 'autodesk',
      authentication: 'three_legged',
      client_id: world.sandbox.clientId,
      client_secret: world.sandbox.clientSecret,
      scopes: ['data:read', 'user-profile:read'],
    });
    profile = made.json.id;
    const { people } = await control('GET', 'people');
    person = people[0].id;
  });
  afterAll(() => world?.stop());

  async function control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<AnyJson> {
    const response = await request(`${world.sandbox.origin}/_sandbox/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return response.body.json();
  }

  /** Opens a link at one process and begins it at another; gives what the browser has then. */
  async function begin(body: Record<string, unknown> = {}) {
    const [first, second] = processes();
    if (!first || !second) throw new Error('two processes are needed');
    const invited = await world.backend.post('/connect_sessions', {
      connector_profile_id: profile,
      owner_id: 'customer-1',
      ...body,
    });
    const token = new URL(invited.json.url).hash.slice(1);
    const opened = await first.post('/hub/session', { token });
    const cookie = String(opened.headers['set-cookie']).split(';')[0] ?? '';
    const started = await second.call('POST', '/hub/start', { body: { token, settings: {} }, headers: { cookie } });
    const { redirect_url } = await control('POST', 'consent', {
      authorization_url: started.json.authorization_url,
      user: person,
    });
    expect(redirect_url.startsWith(`${PUBLIC_URL}/connect/oauth2/autodesk/callback?`)).toBe(true);
    const callback = redirect_url.slice(PUBLIC_URL.length);
    return { id: invited.json.id as string, token, cookie, callback };
  }

  const session = async (id: string) => (await world.backend.get(`/connect_sessions/${id}`)).json;
  const exchanges = async () => (await world.sandbox.log()).token_requests;

  it('redeems one code when one answer comes a hundred times at once, and the account works at once', async () => {
    const { id, token, cookie, callback } = await begin();
    const before = await exchanges();
    const clients = processes();
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const client = clients[index % clients.length] as Client;
        return client.call('GET', callback, { headers: { cookie } });
      }),
    );
    expect(await exchanges()).toBe(before + 1);
    const statuses = replies.map(({ status }: Reply) => status);
    expect(statuses.filter((status) => status === 303)).toHaveLength(1);
    expect(statuses.filter((status) => status === 400)).toHaveLength(99);
    const { state, account_id } = await session(id);
    expect(state).toBe('authenticated');
    for (const client of processes()) {
      const backend = clientOf(
        (client === clients[0] ? world.servers[0] : world.servers[1])?.origin ?? '',
        world.backend.key,
      );
      const user = await backend.act('get_current_user', account_id);
      expect([user.status, user.text.includes(person)]).toEqual([200, true]);
      expect((await backend.act('list_hubs', account_id)).status).toBe(200);
    }
    const { searchParams } = new URL(callback, PUBLIC_URL);
    const secrets = {
      code: searchParams.get('code') ?? '-',
      state: searchParams.get('state') ?? '-',
      token: token.slice(-43),
      cookie: cookie.split('=')[1] ?? '-',
    };
    const output = world.servers.map((server) => server.stdout() + server.stderr()).join('');
    expect(secretsIn(output, secrets)).toEqual([]);
    expect(secretsIn(await world.store.files(), secrets)).toEqual([]);
    for (const { text, headers } of replies) {
      expect(secretsIn(text, secrets)).toEqual([]);
      expect(secretsIn(JSON.stringify(headers), secrets)).toEqual([]);
    }
  });

  it('leaves nothing behind when the process dies in the middle of the exchange', async () => {
    const { id, cookie, callback } = await begin({ owner_id: 'unlucky' });
    const doomed = await startServer(world.env);
    await world.sandbox.faults([{ kind: 'latency', path: '/authentication/v2/token', ms: 3_000 }]);
    const answer = clientOf(doomed.origin)
      .call('GET', callback, { headers: { cookie } })
      .then(
        () => 'answered',
        () => 'cut off',
      );
    await new Promise((resolve) => setTimeout(resolve, 500));
    await doomed.stop('SIGKILL');
    expect(await answer).toBe('cut off');
    await world.sandbox.reset();
    expect(await session(id)).toMatchObject({ state: 'pending', account_id: null });
    expect((await world.backend.get('/accounts?owner_id=unlucky')).json.data).toEqual([]);
    const [client] = processes();
    expect((await client?.call('GET', callback, { headers: { cookie } }))?.status).toBe(400);
  });
});
