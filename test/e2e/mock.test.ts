import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Action, Authentication, Connector, Example } from '../../src/connector/connector.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { type Client, clientOf } from '../support/client.ts';
import { type NodeProcess, startNode } from '../support/node-process.ts';
import { openSqlite, type Server, type StoreOfTest, startServer } from '../support/server.ts';

const registry = await loadRegistry('connectors');
// Of a form that the connectors' patterns let through.
const API_KEY = `rk_test_${randomBytes(12).toString('hex')}`;

const mocks = new Map<string, { process: NodeProcess; origin: string }>();
let store: StoreOfTest;
let server: Server;
let operator: Client;

beforeAll(async () => {
  store = await openSqlite();
  const overrides: string[] = [];
  for (const id of registry.connectors.keys()) {
    const process = startNode('src/cli/corbel.ts', ['mock', id, '--port', '0', '--json']);
    const ready = await process.record(({ origin }) => typeof origin === 'string');
    mocks.set(id, { process, origin: String(ready.origin) });
    const environment = ready.environment as Record<string, string>;
    overrides.push(environment.CORBEL_ORIGIN_OVERRIDES ?? '');
    expect(environment.CORBEL_ALLOW_PRIVATE_ADDRESSES).toBe('127.0.0.1/32');
  }
  server = await startServer({
    ...store.env,
    CORBEL_ORIGIN_OVERRIDES: overrides.join(','),
    CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
  });
  operator = clientOf(server.origin, server.operatorKey);
});
afterAll(async () => {
  await server?.stop();
  for (const mock of mocks.values()) expect(await mock.process.stop()).toEqual({ code: 0, signal: null });
  await store?.remove();
});

describe.each([...registry.connectors.values()])('the mock of $id', { timeout: 60_000 }, (connector) => {
  const accounts = new Map<string, string>();
  let marks = 0;
  let exactly = 0;

  const examples = [...connector.actions.values()].flatMap((action) => {
    const example = action.examples.find(({ output }) => output !== undefined);
    return example ? [{ id: action.id, action, example }] : [];
  });

  it.each(examples)('answers $id', async ({ action, example }) => {
    const account = await accountFor(connector, action, example);
    const before = await records();
    const reply = await call(action, example, account);
    expect(reply.status, reply.text).toBe(200);
    const own = (await records()).slice(before.length).filter(({ example: name }) => name !== undefined);
    // Two actions may send the same request; then either answer is right.
    const borrowed = own.some(
      ({ example: name }) => !String(name).startsWith(`${action.id.slice(connector.id.length + 1)}:`),
    );
    if (borrowed) expect(Object.keys(reply.json.data)).toEqual(Object.keys(example.output?.data ?? {}));
    else {
      expect(reply.json.data).toEqual(example.output?.data);
      // A file that comes with a name comes without its length, by which parts are planned.
      if (!action.file) expect(own.flatMap(({ differs }) => differs)).toEqual([]);
    }
    exactly += borrowed ? 0 : 1;
    if (!action.pagination) return;
    expect(reply.json.next !== null).toBe(example.output?.more);
    if (reply.json.next === null) return;
    const next = await operator.call('POST', `/actions/${action.id}`, {
      headers: { 'x-account-id': account },
      body: { ...example.inputs, next: reply.json.next },
    });
    expect(next.status, next.text).toBe(200);
    expect(next.json.next).toBeNull();
  });

  it('gives nearly every action its own example', () => {
    expect(exactly / examples.length).toBeGreaterThan(0.9);
  });

  /** What the mock said that it answered, up to now. */
  async function records() {
    marks += 1;
    const mark = `/__mark__/${marks}`;
    const mock = mocks.get(connector.id);
    if (!mock) throw new Error('no mock');
    await clientOf(mock.origin).get(mark);
    await mock.process.record(({ target }) => target === mark);
    return mock.process.records();
  }

  async function call(action: Action, { inputs, file }: Example, account: string) {
    const headers = { 'x-account-id': account };
    if (!file) return operator.call('POST', `/actions/${action.id}`, { headers, body: inputs });
    // As a form, because a raw body has no name.
    const form = new FormData();
    for (const [name, value] of Object.entries(inputs)) form.set(name, String(value));
    const type = file.contentType === undefined ? {} : { type: file.contentType };
    form.set('file', new Blob([Buffer.alloc(file.bytes)], type), file.name ?? 'file');
    const encoded = new Response(form);
    return operator.call('POST', `/actions/${action.id}`, {
      headers: { ...headers, 'content-type': encoded.headers.get('content-type') ?? '' },
      body: Buffer.from(await encoded.arrayBuffer()),
    });
  }

  async function accountFor(of: Connector, action: Action, { account: settings }: Example): Promise<string> {
    const method = methodFor(of, action);
    const name = JSON.stringify([method.id, settings]);
    const known = accounts.get(name);
    if (known !== undefined) return known;
    const profile = await operator.post('/connector_profiles', {
      name,
      connector: of.id,
      authentication: method.id,
      ...(method.grant !== 'api_key' && { client_id: 'client', client_secret: 'client-secret' }),
      ...(method.grant === 'jwt_bearer' && robot()),
      scopes: [...of.scopes.keys()],
    });
    expect(profile.status, profile.text).toBe(201);
    const account = await operator.post('/accounts', {
      connector_profile_id: profile.json.id,
      owner_id: 'owner',
      settings,
      ...(method.grant === 'api_key' && { credential: { api_key: API_KEY } }),
      ...(method.grant === 'provided_token' && { credential: { access_token: 'token-of-a-person' } }),
    });
    expect(account.status, account.text).toBe(201);
    accounts.set(name, account.json.id);
    return account.json.id;
  }
});

/** One that needs no browser. */
function methodFor({ authentication }: Connector, { token }: Action): Authentication {
  const method = [...authentication.values()].find(
    ({ grant, tokens }) => grant !== 'authorization_code' && (token === 'any' || tokens.has(token)),
  );
  if (!method) throw new Error('no method');
  return method;
}

function robot() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { service_account_id: 'robot', key_id: 'key', private_key: pem };
}
