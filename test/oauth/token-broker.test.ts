import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppTokenRequest } from '../../src/oauth/token-broker.ts';
import { Problem, type ProblemCode } from '../../src/problems.ts';
import { newKey, type StoreFile, storeFile } from '../vault/support/fixture.ts';
import { callMany, type Node, startNode, type TestClock, testClock, tokenRequest } from './support/fixture.ts';
import { goodAnswer, startTokenServer, type TokenServer, tokenText } from './support/token-server.ts';

const RING = newKey('k1');
const MINUTE_MS = 60_000;

let server: TokenServer;
let file: StoreFile;
let clock: TestClock;
let nodes: Node[];
let warnings: object[];

beforeEach(async () => {
  server = await startTokenServer();
  file = storeFile();
  clock = testClock();
  nodes = [];
  warnings = [];
});
afterEach(async () => {
  await server.close();
  await Promise.all(nodes.map((node) => node.close()));
  await file.remove();
});

describe('a token that is at hand', () => {
  it('is given again without asking anyone, in whatever order the scopes are named', async () => {
    const { broker } = await node();
    const first = await broker.appToken(request());
    const again = await broker.appToken(request({ scopes: ['b:write', 'a:read', 'b:write'] }));
    expect(again).toBe(first);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.form.get('scope')).toBe('a:read b:write');
  });

  it('is another one for other scopes, another profile, another project and changed credentials', async () => {
    const { broker } = await node();
    const { profile } = request();
    for (const changes of [
      {},
      { scopes: ['a:read'] },
      { scopes: [] },
      { profile: { ...profile, id: 'cp_2' } },
      { profile: { ...profile, generation: 2 } },
      { project: 'prj_2' },
    ]) {
      await broker.appToken(request(changes));
      await broker.appToken(request(changes));
    }
    expect(server.requests).toHaveLength(6);
    expect(server.requests[2]?.form.has('scope')).toBe(false);
  });

  it('comes from the store after a restart, and in another process', async () => {
    const first = await (await node()).broker.appToken(request());
    const second = await (await node()).broker.appToken(request());
    expect(second.token.reveal()).toBe(first.token.reveal());
    expect(second).toMatchObject({ generation: first.generation, expiresAt: first.expiresAt, scopes: first.scopes });
    expect(server.requests).toHaveLength(1);
  });

  it('comes from the store when memory is full', async () => {
    const { broker } = await node({ maxCachedTokens: 2 });
    for (let round = 0; round < 3; round++) {
      for (const scope of ['a', 'b', 'c', 'd']) await broker.appToken(request({ scopes: [scope] }));
    }
    expect(server.requests).toHaveLength(4);
  });

  it('is given when the store is away', async () => {
    const { broker, store } = await node();
    const first = await broker.appToken(request());
    await store.close();
    expect(await broker.appToken(request())).toBe(first);
  });
});

describe('a token that nears its end', () => {
  it('is renewed once in the background, and is given meanwhile', async () => {
    const { broker } = await node();
    const first = await broker.appToken(request());
    let release = () => {};
    const after = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.answer = (_request, number) => ({ ...goodAnswer(number), after });
    clock.advance(50 * MINUTE_MS);
    const meanwhile = await callMany(1000, () => broker.appToken(request()));
    expect(meanwhile).toMatchObject({ ok: 1000, tokens: [tokenText(1)] });
    release();
    await until(async () => (await broker.appToken(request())).generation > first.generation);
    expect((await broker.appToken(request())).token.reveal()).toBe(tokenText(2));
    expect(server.requests).toHaveLength(2);
  });

  it('is renewed by one process for all', async () => {
    const [a, b] = [await node(), await node()];
    for (const { broker } of [a, b]) await broker.appToken(request());
    clock.advance(50 * MINUTE_MS);
    for (const { broker } of [a, b]) await broker.appToken(request());
    await until(async () => {
      const tokens = await Promise.all([a, b].map(({ broker }) => broker.appToken(request())));
      return tokens.every(({ token }) => token.reveal() === tokenText(2));
    });
    expect(server.requests).toHaveLength(2);
  });

  it('is not asked for twice when the lease comes free between the look at the store and the taking of it', async () => {
    const quick = await node();
    const slow = await node({ leaseDelayMs: 150 });
    const waiting = slow.broker.appToken(request());
    await delay(30);
    await quick.broker.appToken(request());
    expect((await waiting).token.reveal()).toBe(tokenText(1));
    expect(server.requests).toHaveLength(1);
  });

  it('is given to its very end while the endpoint is down, asked for now and then', async () => {
    const { broker } = await node();
    await broker.appToken(request());
    server.answer = () => ({ status: 500 });
    clock.advance(50 * MINUTE_MS);
    for (let round = 0; round < 50; round++) {
      await callMany(20, () => broker.appToken(request()));
      await delay(2);
    }
    await until(async () => warnings.length > 0);
    const asked = server.requests.length;
    expect(await callMany(500, () => broker.appToken(request()))).toMatchObject({ ok: 500, tokens: [tokenText(1)] });
    await delay(50);
    expect(server.requests).toHaveLength(asked);
    expect(warnings).toEqual([{ project: 'prj_1', profile: 'cp_1', code: 'token_endpoint_unavailable' }]);
    clock.advance(15 * MINUTE_MS);
    expect(await codeOf(broker.appToken(request()))).toBe('token_endpoint_unavailable');
  });

  it('is obtained anew after its end, once for a thousand callers', async () => {
    const { broker } = await node();
    const first = await broker.appToken(request());
    clock.advance(61 * MINUTE_MS);
    const tally = await callMany(1000, () => broker.appToken(request()));
    expect(tally).toEqual({ ok: 1000, tokens: [tokenText(2)], codes: [] });
    expect(server.requests).toHaveLength(2);
    expect((await broker.appToken(request())).generation).toBeGreaterThan(first.generation);
  });
});

describe('a token that the provider refused', () => {
  it('is replaced once, however many callers report it in how many processes', async () => {
    const [a, b] = [await node(), await node()];
    const { generation } = await a.broker.appToken(request());
    await b.broker.appToken(request());
    const tallies = await Promise.all(
      [a, b].map(({ broker }) => callMany(500, () => broker.appToken(request(), { newerThan: generation }))),
    );
    for (const tally of tallies) expect(tally).toEqual({ ok: 500, tokens: [tokenText(2)], codes: [] });
    expect(server.requests).toHaveLength(2);
    // A late loser, who still holds the first one, gets what has replaced it.
    expect((await a.broker.appToken(request(), { newerThan: generation })).token.reveal()).toBe(tokenText(2));
    expect(server.requests).toHaveLength(2);
  });

  it('and whose replacement is refused too makes no storm: 10,000 calls, 2 token requests, then one per half minute', async () => {
    const [a, b] = [await node(), await node()];
    const storm = ({ broker }: Node) =>
      callMany(5000, async () => {
        const first = await broker.appToken(request());
        const second = await broker.appToken(request(), { newerThan: first.generation });
        return broker.appToken(request(), { newerThan: second.generation });
      });
    const tallies = await Promise.all([a, b].map(storm));
    for (const tally of tallies) expect(tally).toEqual({ ok: 0, tokens: [], codes: ['credential_rejected'] });
    expect(server.requests).toHaveLength(2);
    const { generation } = await b.broker.appToken(request());
    expect(await codeOf(b.broker.appToken(request(), { newerThan: generation }))).toBe('credential_rejected');
    clock.advance(31_000);
    expect((await b.broker.appToken(request(), { newerThan: generation })).generation).toBeGreaterThan(generation);
    expect(server.requests).toHaveLength(3);
  });

  it('is not replaced again within the half minute by a process that has it no longer in memory', async () => {
    const { broker } = await node({ maxCachedTokens: 1 });
    const first = await broker.appToken(request());
    const second = await broker.appToken(request(), { newerThan: first.generation });
    await broker.appToken(request({ scopes: ['other'] }));
    const third = broker.appToken(request(), { newerThan: second.generation });
    expect(await codeOf(third)).toBe('credential_rejected');
    expect(server.requests).toHaveLength(3);
  });

  it('is still given to callers who have not met the refusal, while the replacement is under way', async () => {
    const { broker } = await node();
    const { generation } = await broker.appToken(request());
    server.answer = (_request, number) => ({ ...goodAnswer(number), delayMs: 100 });
    const forced = broker.appToken(request(), { newerThan: generation });
    expect((await broker.appToken(request())).generation).toBe(generation);
    expect((await forced).generation).toBeGreaterThan(generation);
  });
});

describe('callers that wait', () => {
  it('give up at their own deadline or signal, and leave the request to the others', async () => {
    const { broker } = await node();
    server.answer = (_request, number) => ({ ...goodAnswer(number), delayMs: 300 });
    const gone = new AbortController();
    const hurried = broker.appToken(request({ deadlineAt: clock.now() + 50 }));
    const aborted = broker.appToken(request({ signal: gone.signal }));
    const patient = broker.appToken(request());
    gone.abort(new Error('the caller went away'));
    await expect(aborted).rejects.toThrow('the caller went away');
    expect(await codeOf(hurried)).toBe('deadline_exceeded');
    expect((await patient).token.reveal()).toBe(tokenText(1));
    expect(server.requests).toHaveLength(1);
  });

  it('and have all gone still leave the token behind', async () => {
    const { broker } = await node();
    server.answer = (_request, number) => ({ ...goodAnswer(number), delayMs: 100 });
    expect(await codeOf(broker.appToken(request({ deadlineAt: clock.now() + 20 })))).toBe('deadline_exceeded');
    await delay(250);
    await broker.appToken(request());
    expect(server.requests).toHaveLength(1);
  });
});

describe('a refusal by the token endpoint', () => {
  it.each<[number, string, ProblemCode]>([
    [401, '{"error":"invalid_client"}', 'token_client_rejected'],
    [400, '{"error":"invalid_scope"}', 'token_scope_rejected'],
    [403, '{"errorCode":"AUTH-006"}', 'token_request_rejected'],
  ])('with %d is remembered for ten seconds', async (status, body, code) => {
    const { broker } = await node();
    server.answer = () => ({ status, body });
    for (let round = 0; round < 10; round++) {
      expect((await callMany(100, () => broker.appToken(request()))).codes).toEqual([code]);
    }
    expect(server.requests).toHaveLength(1);
    clock.advance(11_000);
    server.answer = (_request, number) => goodAnswer(number);
    await broker.appToken(request());
  });

  it('of the client holds for all its scopes, and is forgotten when the credentials change', async () => {
    const { broker } = await node();
    server.answer = () => ({ status: 401 });
    expect(await codeOf(broker.appToken(request()))).toBe('token_client_rejected');
    expect(await codeOf(broker.appToken(request({ scopes: ['c'] })))).toBe('token_client_rejected');
    expect(server.requests).toHaveLength(1);
    server.answer = (_request, number) => goodAnswer(number);
    await broker.appToken(request({ profile: { ...request().profile, generation: 2 } }));
  });

  it('of the rate is remembered until its Retry-After, which counts down', async () => {
    const { broker } = await node();
    server.answer = () => ({ status: 429, headers: { 'retry-after': '60' } });
    expect(await codeOf(broker.appToken(request()))).toBe('token_rate_limited');
    const asked = server.requests.length;
    clock.advance(40_000);
    const problem = await broker.appToken(request()).catch((error: unknown) => error);
    expect(problem).toMatchObject({ code: 'token_rate_limited' });
    expect(problem instanceof Problem && problem.options.retryAfterS).toBeLessThanOrEqual(20);
    expect(server.requests).toHaveLength(asked);
    clock.advance(21_000);
    server.answer = (_request, number) => goodAnswer(number);
    await broker.appToken(request());
  });
});

describe('what is in the store', () => {
  it('is as good after an odd answer as after any other', async () => {
    const odd = { expires_in: -1, refresh_token: null, id_token: 7, scope: ['a:read'], error: 'none' };
    server.answer = (_request, number) => goodAnswer(number, odd);
    const token = await (await node()).broker.appToken(request());
    const again = await (await node()).broker.appToken(request());
    expect(again).toMatchObject({ generation: token.generation, expiresAt: token.expiresAt, scopes: token.scopes });
    expect(server.requests).toHaveLength(1);
  });

  it('and cannot be read is replaced', async () => {
    const first = await node();
    await first.broker.appToken(request());
    const { records } = await first.store.list('prj_1', 'app_token', { limit: 10 });
    const [record] = records;
    expect(records).toHaveLength(1);
    for (const damage of ['', 'null', '{"generation":1}', record?.value.replace('cv1.k1', 'cv1.k9') ?? '']) {
      if (record) await first.store.put(record.key, damage);
      const token = await (await node()).broker.appToken(request());
      expect((await (await node()).broker.appToken(request())).token.reveal()).toBe(token.token.reveal());
    }
    expect(server.requests).toHaveLength(5);
  });

  it('is gone when the token has ended', async () => {
    const { broker, store } = await node();
    await broker.appToken(request());
    clock.advance(61 * MINUTE_MS);
    expect((await store.list('prj_1', 'app_token', { limit: 10 })).records).toEqual([]);
  });

  it('does not matter while the store is away: a token is obtained once per process', async () => {
    const { broker, store } = await node();
    await store.close();
    expect(await callMany(200, () => broker.appToken(request()))).toEqual({
      ok: 200,
      tokens: [tokenText(1)],
      codes: [],
    });
    expect(server.requests).toHaveLength(1);
  });

  it('may fail between the request and its answer: the token that was given is used', async () => {
    const { broker, store } = await node();
    server.answer = (_request, number) => {
      void store.close();
      return { ...goodAnswer(number), delayMs: 50 };
    };
    expect(await callMany(20, () => broker.appToken(request()))).toEqual({ ok: 20, tokens: [tokenText(1)], codes: [] });
  });
});

it('tokens of a profile are dropped on request', async () => {
  const { broker, store } = await node();
  await broker.appToken(request());
  await broker.appToken(request({ profile: { ...request().profile, id: 'cp_10' } }));
  broker.drop('prj_1', 'cp_1');
  await store.close();
  await broker.appToken(request({ profile: { ...request().profile, id: 'cp_10' } }));
  expect(server.requests).toHaveLength(2);
  await broker.appToken(request());
  expect(server.requests).toHaveLength(3);
});

it('a token that arrives after its profile was dropped is not kept', async () => {
  const { broker, store } = await node();
  await store.close();
  server.answer = (_request, number) => ({ ...goodAnswer(number), delayMs: 50 });
  const late = broker.appToken(request());
  broker.drop('prj_1', 'cp_1');
  expect((await late).token.reveal()).toBe(tokenText(1));
  expect((await broker.appToken(request())).token.reveal()).toBe(tokenText(2));
});

async function node(options: { maxCachedTokens?: number; leaseDelayMs?: number } = {}): Promise<Node> {
  const started = await startNode({ path: file.path, ring: RING, clock, warnings, ...options });
  nodes.push(started);
  return started;
}

function request(changes: Partial<AppTokenRequest> = {}): AppTokenRequest {
  return tokenRequest(server.url, clock, changes);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  return error instanceof Problem ? error.code : String(error);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let round = 0; round < 200; round++) {
    if (await condition()) return;
    await delay(20);
  }
  throw new Error('it did not happen in 4 s');
}
