import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../sandbox/aps/faults.ts';
import type { ProblemCode } from '../../src/problems.ts';
import { expectData, expectProblem } from '../support/client.ts';
import { openSqlite, seedAccount, startWorld, type World } from '../support/server.ts';

const API = '/project/';
const TOKEN = '/authentication/';

let world: World;
beforeAll(async () => {
  world = await startWorld(openSqlite);
});
afterAll(() => world?.stop());
beforeEach(() => world.sandbox.reset());

const status = (code: number, more: Partial<Extract<Fault, { kind: 'status' }>> = {}): Fault => ({
  kind: 'status',
  path: TOKEN,
  status: code,
  ...more,
});

describe("the token endpoint's refusals", () => {
  const cases: [title: string, fault: Fault, code: ProblemCode][] = [
    ['401', status(401), 'token_client_rejected'],
    ['invalid_client', status(400, { body: { error: 'invalid_client' } }), 'token_client_rejected'],
    ['invalid_scope', status(400, { body: { error: 'invalid_scope' } }), 'token_scope_rejected'],
    ['403', status(403), 'token_request_rejected'],
    ['500', status(500), 'token_endpoint_unavailable'],
    ['HTML', { kind: 'not_json', path: TOKEN }, 'token_response_invalid'],
    [
      'a token of a wrong type',
      status(200, { body: { access_token: 'x', token_type: 'mac' } }),
      'token_response_invalid',
    ],
    [
      'a token with a line break',
      status(200, { body: { access_token: 'x\r\nX: 1', token_type: 'Bearer' } }),
      'token_response_invalid',
    ],
    ['a redirect', { kind: 'redirect', path: TOKEN, location: '/elsewhere' }, 'token_response_invalid'],
    ['too large', { kind: 'huge_body', path: TOKEN, bytes: 1_000_000 }, 'token_response_invalid'],
  ];
  it.each(cases)('%s', async (_title, fault, code) => {
    const { account } = await seedAccount(world.operator, world.sandbox);
    await world.sandbox.faults([fault]);
    const document = expectProblem(await world.backend.act('list_hubs', account), code);
    expect(JSON.stringify(document)).not.toContain(world.sandbox.clientSecret);
    expect((await world.sandbox.log()).requests.filter(({ path }) => path.startsWith(API))).toEqual([]);
  });

  it('429 with its Retry-After, remembered: a second call does not ask again', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox);
    await world.sandbox.faults([status(429, { retry_after: { seconds: 300 } })]);
    const reply = await world.backend.act('list_hubs', account);
    expectProblem(reply, 'token_rate_limited');
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(295);
    const { token_requests } = await world.sandbox.log();
    expectProblem(await world.backend.act('list_hubs', account), 'token_rate_limited');
    expect((await world.sandbox.log()).token_requests).toBe(token_requests);
  });

  it.each(['rfc6749', 'gateway'] as const)('names wrong credentials, told in the %s shape', async (shape) => {
    await world.sandbox.switches({ token_error_shape: shape });
    const profile = { client_secret: 'wrong-secret-of-this-test' };
    const seeded = await seedAccount(world.operator, world.sandbox, { profile });
    const document = expectProblem(await world.backend.act('list_hubs', seeded.account), 'token_client_rejected');
    expect(JSON.stringify(document)).not.toContain(profile.client_secret);
    const test = await world.operator.post(`/connector_profiles/${seeded.profile}/test`);
    expect(test.json).toMatchObject({ ok: false, checks: [{ ok: false, code: 'token_client_rejected' }] });
    await world.operator.patch(`/connector_profiles/${seeded.profile}`, { client_secret: world.sandbox.clientSecret });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expectData(await world.backend.act('list_hubs', seeded.account));
  });
});
