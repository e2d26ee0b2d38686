import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIAGNOSED_ACTIONS, DIAGNOSED_CONNECTOR } from '../engine/support/diagnosed-connector.ts';
import { startUpstream, type Upstream } from '../engine/support/upstream.ts';
import { type Client, clientOf, expectProblem } from '../support/client.ts';
import { makeKey, openSqlite, type Server, type StoreOfTest, startServer } from '../support/server.ts';

describe('POST /accounts/:id/diagnose', () => {
  let directory: string;
  let upstream: Upstream;
  let store: StoreOfTest;
  let server: Server;
  let operator: Client;
  let account: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'corbel-diagnosis-'));
    await mkdir(join(directory, 'example', 'actions'), { recursive: true });
    await writeFile(join(directory, 'example', 'connector.yaml'), DIAGNOSED_CONNECTOR);
    await writeFile(join(directory, 'example', 'actions', 'all.yaml'), DIAGNOSED_ACTIONS);
    upstream = await startUpstream();
    store = await openSqlite();
    server = await startServer({
      ...store.env,
      CORBEL_CONNECTORS_DIR: directory,
      CORBEL_ORIGIN_OVERRIDES: `https://api.example=${upstream.origin}`,
      CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
    });
    operator = clientOf(server.origin, server.operatorKey);
    const profile = await operator.post('/connector_profiles', {
      name: 'Test',
      connector: 'example',
      authentication: 'app',
      client_id: 'client',
      client_secret: 'client-secret-of-the-test',
      scopes: ['a:read', 'b:read'],
    });
    const made = await operator.post('/accounts', {
      connector_profile_id: profile.json.id,
      owner_id: 'customer',
      settings: { tenant: 't1' },
    });
    account = made.json.id;
  });
  afterAll(async () => {
    await server?.stop();
    await upstream?.close();
    await store?.remove();
    await rm(directory, { recursive: true, force: true });
  });

  it('goes through the checklist, also of a suspended account', async () => {
    upstream.answer = () => ({ body: { results: [1] } });
    expect((await operator.post(`/accounts/${account}/suspend`)).status).toBe(200);
    const { status, json } = await operator.post(`/accounts/${account}/diagnose`);
    expect(status).toBe(200);
    expect(json.data).toMatchObject({ account, passed: true });
    expect(json.data.checks.map(({ id, outcome }: { id: string; outcome: string }) => [id, outcome])).toEqual([
      ['credentials', 'passed'],
      ['tenant', 'passed'],
      ['projects', 'passed'],
      ['people', 'not_checked'],
    ]);
    await operator.post(`/accounts/${account}/resume`);
  });

  it('tells what failed and what to do, without a secret', async () => {
    upstream.answer = ({ headers }) => ({
      status: 403,
      body: { reason: 'not provisioned', message: `refused ${headers.authorization}` },
    });
    const { json, text } = await operator.post(`/accounts/${account}/diagnose`);
    expect(json.data.passed).toBe(false);
    expect(json.data.checks[1]).toMatchObject({
      outcome: 'failed',
      code: 'integration_not_provisioned',
      remedy: 'Add the app to the tenant.',
      provider: { status: 403 },
    });
    expect(text).not.toMatch(/token-number|client-secret-of-the-test/);
  });

  it('is for operators, and for accounts that are there', async () => {
    const { token } = await makeKey(operator, { role: 'backend' });
    expectProblem(await clientOf(server.origin, token).post(`/accounts/${account}/diagnose`), 'role_forbidden');
    expectProblem(await operator.post('/accounts/acc_0000000000000000000000/diagnose'), 'account_not_found');
  });
});
