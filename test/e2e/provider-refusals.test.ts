import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../sandbox/aps/faults.ts';
import type { ProblemCode } from '../../src/problems.ts';
import { type AnyJson, clientOf, expectData, expectProblem } from '../support/client.ts';
import { type ConnectorsCopy, copyConnectors, FEW_ACTIONS, withoutRateLimit } from '../support/connectors.ts';
import { openSqlite, seedAccount, startServer, startWorld, type World } from '../support/server.ts';

const TIMEOUT_S = 3;
const API = '/project/';

let world: World;
let connectors: ConnectorsCopy;

beforeAll(async () => {
  connectors = await copyConnectors(FEW_ACTIONS);
  await connectors.edit('autodesk/connector.yaml', (text) =>
    // A 429 of one test would make all later ones wait for the budget, as it should.
    withoutRateLimit(text, 'hubs').replace('timeout_s: 30', `timeout_s: ${TIMEOUT_S}`),
  );
  world = await startWorld(openSqlite, { env: { CORBEL_CONNECTORS_DIR: connectors.directory } });
});
afterAll(async () => {
  await world?.stop();
  await connectors?.remove();
});
beforeEach(() => world.sandbox.reset());

const hubs = () => world.backend.act('list_hubs', world.account);
const status = (code: number, more: Partial<Extract<Fault, { kind: 'status' }>> = {}): Fault => ({
  kind: 'status',
  path: API,
  status: code,
  ...more,
});

async function refusedAfter(fault: Fault, code: ProblemCode): Promise<AnyJson> {
  await world.sandbox.faults([fault]);
  const document = expectProblem(await hubs(), code);
  expect(JSON.stringify(document)).not.toMatch(/<[a-z!/]/i);
  return document;
}

describe("a provider's refusals reach the caller", () => {
  const cases: [title: string, fault: Fault, code: ProblemCode][] = [
    ['400', status(400), 'provider_rejected_request'],
    ['403', status(403), 'provider_forbidden'],
    ['403 for a scope', status(403, { body: { errorCode: 'AUTH-010' } }), 'provider_scope_insufficient'],
    ['403 for an API that is not enabled', status(403, { body: { errorCode: 'AUTH-001' } }), 'app_api_not_enabled'],
    ['404', status(404), 'provider_not_found'],
    ['410', status(410), 'provider_not_found'],
    ['409', status(409), 'provider_conflict'],
    ['418', status(418), 'provider_rejected_request'],
    ['500', status(500), 'provider_unavailable'],
    ['503', status(503), 'provider_unavailable'],
    ['an error page', { kind: 'not_json', path: API, status: 500 }, 'provider_unavailable'],
  ];
  it.each(cases)('%s, with what it said and its request id', async (_title, fault, code) => {
    const document = await refusedAfter(fault, code);
    const answered = 'status' in fault ? fault.status : 0;
    expect(document.provider).toMatchObject({ status: answered });
    if (fault.kind === 'status' && fault.body === undefined)
      expect(document.provider.message).toEqual(expect.stringMatching(/\S/));
  });

  it('429, and its Retry-After in seconds is passed on', async () => {
    await world.sandbox.faults([status(429, { retry_after: { seconds: 3_600 } })]);
    const reply = await hubs();
    expect(expectProblem(reply, 'provider_rate_limited').retryable).toBe(true);
    expect(reply.headers['retry-after']).toBe('3600');
  });

  it('429, and its Retry-After as a date becomes seconds', async () => {
    await world.sandbox.faults([status(429, { retry_after: { date_in_seconds: 600 } })]);
    const reply = await hubs();
    expectProblem(reply, 'provider_rate_limited');
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(590);
    expect(Number(reply.headers['retry-after'])).toBeLessThanOrEqual(600);
  });

  it('429 without a time, or with nonsense for one', async () => {
    for (const value of [undefined, 'soon', '-5', '1e9']) {
      await world.sandbox.faults([status(429, value === undefined ? {} : { headers: { 'Retry-After': value } })]);
      const reply = await hubs();
      expectProblem(reply, 'provider_rate_limited');
      expect(reply.headers['retry-after']).toBeUndefined();
    }
  });

  it('401 on every token: one renewal, one more attempt, then the fault is the operator’s and no 401', async () => {
    const { account } = await seedAccount(world.operator, world.sandbox);
    await world.sandbox.faults([status(401)]);
    await world.sandbox.clearLog();
    const document = expectProblem(await world.backend.act('list_hubs', account), 'credential_rejected');
    expect(document).toMatchObject({ status: 502, fault: 'operator' });
    const { requests, token_requests } = await world.sandbox.log();
    expect(requests.filter(({ path }) => path.startsWith(API))).toHaveLength(2);
    expect(token_requests).toBe(2);
  });
});

describe("a provider's failures are told apart", () => {
  it('too slow', async () => {
    const started = Date.now();
    const { retryable } = await refusedAfter({ kind: 'latency', path: API, ms: 20_000 }, 'provider_timeout');
    expect(retryable).toBe(true);
    expect(Date.now() - started).toBeLessThan(TIMEOUT_S * 1_000 + 2_500);
  });

  it('dripping without end', async () => {
    const started = Date.now();
    await refusedAfter({ kind: 'drip', path: API, bytes_per_chunk: 1, interval_ms: 100 }, 'provider_timeout');
    expect(Date.now() - started).toBeLessThan(TIMEOUT_S * 1_000 + 2_500);
  });

  it.each(['before_processing', 'after_processing', 'after_headers'] as const)('connection reset %s', async (at) => {
    await refusedAfter({ kind: 'reset', path: API, at }, 'provider_unreachable');
  });

  it('HTML where JSON was due, whatever its media type claims', async () => {
    await refusedAfter({ kind: 'not_json', path: API }, 'provider_response_invalid');
    await refusedAfter({ kind: 'not_json', path: API, content_type: 'application/json' }, 'provider_response_invalid');
  });

  it('JSON that is nested too deeply', async () => {
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    await refusedAfter(status(200, { body }), 'provider_response_invalid');
  });

  it('too large', async () => {
    await refusedAfter({ kind: 'huge_body', path: API, bytes: 64 * 1024 * 1024 }, 'provider_response_too_large');
  });

  it('a gzip bomb', async () => {
    await refusedAfter(
      { kind: 'gzip_bomb', path: API, decoded_bytes: 512 * 1024 * 1024 },
      'provider_response_too_large',
    );
  });

  it('codings that were not asked for, stacked or broken', async () => {
    for (const encodings of [['br'], ['zstd'], ['gzip', 'gzip'], ['deflate']] as (
      | 'br'
      | 'zstd'
      | 'gzip'
      | 'deflate'
    )[][])
      await refusedAfter({ kind: 'encoding', path: API, encodings }, 'provider_response_invalid');
    await refusedAfter(
      { kind: 'encoding', path: API, encodings: ['gzip'], corrupt: true },
      'provider_response_invalid',
    );
  });

  it('ended too early', async () => {
    await refusedAfter({ kind: 'truncated', path: API }, 'provider_unreachable');
  });

  it('a redirect, which is not followed: nobody else hears of the token', async () => {
    let heard = 0;
    const canary = createServer((_request, response) => {
      heard += 1;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(canary, 'listening');
    const { port } = canary.address() as AddressInfo;
    for (const code of [301, 302, 303, 307, 308]) {
      const location = `http://127.0.0.1:${port}/steal?code=x`;
      const document = await refusedAfter(
        { kind: 'redirect', path: API, location, status: code },
        'provider_redirect_refused',
      );
      expect(JSON.stringify(document)).not.toContain('steal');
    }
    expect(heard).toBe(0);
    canary.close();
  });

  it('a provider that is not there', async () => {
    const env = { ...world.env, CORBEL_ORIGIN_OVERRIDES: 'https://developer.api.autodesk.com=http://127.0.0.1:9' };
    const server = await startServer(env);
    try {
      const backend = clientOf(server.origin, world.backend.key);
      const { account } = await seedAccount(world.operator, world.sandbox);
      expectProblem(await backend.act('list_hubs', account), 'token_endpoint_unavailable');
      // With a token at hand, from the process before.
      expectProblem(await backend.act('list_hubs', world.account), 'provider_unreachable');
    } finally {
      await server.stop();
    }
  });

  it('a private address that nobody allowed', async () => {
    const { CORBEL_ALLOW_PRIVATE_ADDRESSES: _allowed, ...env } = world.env;
    const server = await startServer(env);
    try {
      expectProblem(await clientOf(server.origin, world.backend.key).act('list_hubs', world.account), 'host_refused');
    } finally {
      await server.stop();
    }
  });
});

describe("a provider's odd answers do no harm", () => {
  it('drops keys that could reach a prototype', async () => {
    const body = '{"data":[{"id":"b.1","__proto__":{"x":1},"attributes":{"constructor":{"prototype":{"x":1}}}}]}';
    await world.sandbox.faults([status(200, { body })]);
    expect((await world.backend.act('list_hubs', world.account, {}, 'raw=true')).json.data).toEqual({
      data: [{ id: 'b.1', attributes: {} }],
    });
  });

  it.each([
    ['nothing at all', status(204)],
    ['null', status(200, { body: 'null' })],
    ['a list', status(200, { body: '[1,2]' })],
    ['a text', status(200, { body: '"x"' })],
    ['data of another kind', status(200, { body: { data: { id: 5 }, meta: { warnings: 'x' } } })],
  ] as [string, Fault][])(
    'answers %s with a success or a problem, never with a failure of its own',
    async (_title, fault) => {
      await world.sandbox.faults([fault]);
      const reply = await hubs();
      expect([200, 502]).toContain(reply.status);
      if (reply.status === 502)
        expect(['output_shaping_failed', 'provider_response_invalid']).toContain(reply.json.code);
    },
  );

  it('goes on after a failure that passed: 503, 429, a reset, a truncated answer, a 401', async () => {
    // Retries are limited to a share of the requests of the last seconds.
    await Promise.all(Array.from({ length: 60 }, hubs));
    for (const fault of [
      status(503, { times: 1 }),
      status(429, { times: 1, retry_after: { seconds: 0 } }),
      { kind: 'reset', path: API, times: 1 } as const,
      { kind: 'truncated', path: API, times: 1 } as const,
      status(401, { times: 1 }),
    ]) {
      await world.sandbox.faults([fault]);
      expect(expectData(await hubs())).toHaveLength(2);
    }
  });
});

it('is still the same process, and calls none of it a failure of its own', async () => {
  expect(world.server.running()).toBe(true);
  const failures = world.server.records().filter(({ level, problem }) => level === 'fatal' || problem === 'internal');
  expect(failures).toEqual([]);
  expect(world.server.stderr()).toBe('');
});
