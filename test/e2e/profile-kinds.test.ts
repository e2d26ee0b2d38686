import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../support/client.ts';
import { onBothStores, startWorld, type World } from '../support/server.ts';

const pem = (kind: 'pkcs1' | 'pkcs8', bits = 2_048) =>
  generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ type: kind, format: 'pem' }).toString();
const RSA_KEY = pem('pkcs8');
const EC_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const SECRET = randomBytes(24).toString('hex');
const ASSERTION = { service_account_id: 'robot', key_id: 'key-1', private_key: RSA_KEY };

/** Members beside the name, the connector, the client id and the scopes. */
const METHODS = {
  two_legged: { client_secret: SECRET },
  three_legged: { client_secret: SECRET },
  service_account: { client_secret: SECRET, ...ASSERTION },
  token: { client_secret: SECRET },
} as const;
type Method = keyof typeof METHODS;

onBothStores('connector profiles', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(open);
  });
  afterAll(() => world?.stop());

  const create = (authentication: Method, members: Record<string, unknown> = METHODS[authentication]) =>
    world.operator.post('/connector_profiles', {
      name: 'Kind',
      connector: 'autodesk',
      authentication,
      client_id: 'client',
      scopes: ['data:read'],
      ...members,
    });
  const pathsOf = (reply: Awaited<ReturnType<typeof create>>) =>
    expectProblem(reply, 'request_invalid').errors.map(({ path }: { path: string }) => path);

  it.each(Object.keys(METHODS) as Method[])(
    'of the method %s tell which secrets there are, never the values',
    async (method) => {
      const made = await create(method);
      expect(made.status, made.text).toBe(201);
      const shown = await world.operator.get(`/connector_profiles/${made.json.id}`);
      const listed = await world.operator.get('/connector_profiles?limit=100');
      for (const { text } of [made, shown, listed]) {
        expect(text).not.toContain(SECRET);
        expect(text).not.toContain('PRIVATE KEY');
      }
      expect(shown.json).toMatchObject({
        authentication: method,
        has_client_secret: true,
        has_private_key: method === 'service_account',
        service_account_id: method === 'service_account' ? 'robot' : null,
      });
      expect(shown.json).not.toHaveProperty('client_secret');
      expect(shown.json).not.toHaveProperty('private_key');
    },
  );

  it.each(['three_legged', 'token'] as const)('of the method %s may do without a client secret', async (method) => {
    for (const members of [{}, { client_secret: null }]) {
      const made = await create(method, members);
      expect([made.status, made.json.has_client_secret]).toEqual([201, false]);
      const path = `/connector_profiles/${made.json.id}`;
      expect((await world.operator.patch(path, { client_secret: SECRET })).json.has_client_secret).toBe(true);
      expect((await world.operator.patch(path, { client_secret: null })).json.has_client_secret).toBe(false);
    }
  });

  it.each(['two_legged', 'service_account'] as const)('of the method %s need a client secret', async (method) => {
    const { client_secret: _, ...without } = METHODS[method];
    expect(pathsOf(await create(method, without))).toEqual(['/client_secret']);
    expect(pathsOf(await create(method, { ...without, client_secret: null }))).toEqual(['/client_secret']);
    const made = await create(method);
    const path = `/connector_profiles/${made.json.id}`;
    expect(pathsOf(await world.operator.patch(path, { client_secret: null }))).toEqual(['/client_secret']);
  });

  it('of a service account need all that signs its assertions', async () => {
    for (const name of ['service_account_id', 'key_id', 'private_key']) {
      const members = Object.fromEntries(Object.entries(METHODS.service_account).filter(([key]) => key !== name));
      expect(pathsOf(await create('service_account', members))).toEqual([`/${name}`]);
    }
  });

  it.each(['two_legged', 'three_legged', 'token'] as const)('of the method %s take none of it', async (method) => {
    expect(pathsOf(await create(method, { ...METHODS[method], ...ASSERTION })).sort()).toEqual([
      '/key_id',
      '/private_key',
      '/service_account_id',
    ]);
    const made = await create(method);
    const change = await world.operator.patch(`/connector_profiles/${made.json.id}`, { private_key: RSA_KEY });
    expect(pathsOf(change)).toEqual(['/private_key']);
  });

  it.each([
    ['no PEM at all', 'hello'],
    ['a certificate’s frame', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['a cut off key', RSA_KEY.slice(0, 500)],
    ['a key for another algorithm', EC_KEY],
    ['a key that is too short', pem('pkcs8', 1_024)],
  ])('refuse %s as private key, and say nothing of it', async (_title, private_key) => {
    const reply = await create('service_account', { ...METHODS.service_account, private_key });
    expect(pathsOf(reply)).toEqual(['/private_key']);
    for (const line of private_key.split('\n').filter((part) => part.length > 20 && !part.startsWith('-----')))
      expect(reply.text).not.toContain(line);
  });

  it('take a private key in the older form that providers hand out', async () => {
    const reply = await create('service_account', { ...METHODS.service_account, private_key: pem('pkcs1') });
    expect(reply.status, reply.text).toBe(201);
  });

  it('never change their authentication', async () => {
    const made = await create('three_legged');
    const reply = await world.operator.patch(`/connector_profiles/${made.json.id}`, { authentication: 'token' });
    expect(pathsOf(reply)).toEqual(['/authentication']);
  });

  it('keep what a change does not name', async () => {
    const made = await create('service_account');
    const path = `/connector_profiles/${made.json.id}`;
    await world.operator.patch(path, { key_id: 'key-2' });
    expect((await world.operator.get(path)).json).toMatchObject({
      key_id: 'key-2',
      service_account_id: 'robot',
      has_client_secret: true,
      has_private_key: true,
    });
  });

  describe('in the store', () => {
    it('have their secrets sealed', async () => {
      const bytes = await world.store.files();
      expect(bytes.includes(SECRET)).toBe(false);
      expect(bytes.includes('PRIVATE KEY')).toBe(false);
      expect(bytes.includes(RSA_KEY.split('\n')[3] ?? '')).toBe(false);
    });
  });
});
