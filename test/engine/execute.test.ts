import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../src/engine/call.ts';
import { Problem } from '../../src/problems.ts';
import type { RateBudgets } from '../../src/upstream/rate-budgets.ts';
import { generousBudgets } from './fixture.ts';
import { exampleConnector } from './support/example-connector.ts';
import { CLIENT_SECRET, incomingFile, openStage } from './support/stage.ts';

const ACTIONS = `
- id: get_thing
  label: Get Thing
  description: One thing.
  api: limited
  effect: read
  scopes: ["a:read"]
  provider_scopes: ["b:read"]
  token: any
  inputs:
    thing_id: { type: string, required: true }
    person: { type: string }
  requires:
    - { that: '$not(inputs.person = "nobody")', input: person, message: "A real person must be named." }
    - { that: 'account.region = "US"', message: "Only US accounts have things." }
    - { that: 'false', token: user, message: "Never asked." }
  request:
    method: GET
    path: /things/{thing_id}
    headers: { x-person: "\${inputs.person}" }
    accept_status: [404]
    refused_when: body.ok = false
  output: { object: '{ "status": status, "body": body, "person": inputs.person }' }
- id: make_thing
  label: Make Thing
  description: A new thing.
  effect: create
  scopes: ["a:write"]
  token: app
  inputs: { name: { type: string, required: true } }
  request: { method: POST, path: /things, body: { name: "\${inputs.name}" } }
  output: { object: body }
- id: list_things
  label: List Things
  description: Things.
  effect: read
  scopes: ["a:read"]
  token: any
  request: { method: GET, path: /things }
  pagination:
    { style: offset, offset: offset, size: limit, default_size: 2, max_size: 100, count: $count(body.results), total: body.total }
  output: { list: body.results }
`;

const stageWith = (more: Partial<Parameters<typeof openStage>[0]> = {}) =>
  openStage({ connector: exampleConnector(), actions: ACTIONS, ...more });
const ofType = <T extends CallEvent['type']>(events: CallEvent[], type: T) =>
  events.filter((event): event is Extract<CallEvent, { type: T }> => event.type === type);

describe('a call', () => {
  it('is answered by the shaped answer, and told to the log without anything from its inputs', async () => {
    const { upstream, call, account, profile } = await stageWith();
    upstream.answer = () => ({ body: { name: 'One' }, headers: { 'x-request-id': 'req-1' } });
    const { answer, events } = await call('get_thing', { thing_id: 'a b', person: 'P1' });
    expect(answer).toEqual({
      data: { status: 200, body: { name: 'One' }, person: 'P1' },
      next: null,
      warnings: [],
    });
    expect(upstream.requests).toHaveLength(1);
    expect(upstream.requests[0]).toMatchObject({
      path: '/things/a%20b',
      headers: { 'x-person': 'P1', authorization: 'Bearer token-number-1' },
    });
    const request = { step: 'request', method: 'GET', host: '127.0.0.1', path: '/things/{thing_id}' };
    expect(ofType(events, 'resolved')).toEqual([{ type: 'resolved', account, profile, connector: 'example' }]);
    expect(ofType(events, 'attempt')).toEqual([
      { type: 'attempt', request, attempt: expect.objectContaining({ number: 1, status: 200 }) },
    ]);
    expect(ofType(events, 'answered')).toEqual([{ type: 'answered', request, status: 200, requestId: 'req-1' }]);
    const stages = ofType(events, 'stage').map(({ stage }) => stage);
    expect(stages).toEqual(['resolve', 'gate', 'bind', 'render', 'authorize', 'send', 'shape']);
    expect(JSON.stringify(events)).not.toMatch(/a b|a%20b|P1|token-number/);
  });

  it('asks for a token with the action’s scopes and the granted ones of the provider’s reference', async () => {
    const { upstream, call } = await stageWith();
    await call('get_thing', { thing_id: 'x' });
    expect(upstream.tokenScopes).toEqual(['a:read b:read']);
  });

  it('is refused when a requirement does not hold, all of them told, before a token is asked for', async () => {
    const { upstream, call } = await stageWith({ settings: { region: 'EMEA' } });
    const { problem } = await call('get_thing', { thing_id: 'x', person: 'nobody' });
    expect(problem?.code).toBe('inputs_invalid');
    expect(problem?.options.errors).toEqual([
      { path: '/person', message: 'A real person must be named.' },
      { path: '', message: 'Only US accounts have things.' },
    ]);
    expect(upstream.tokenScopes).toEqual([]);
  });

  it('with a file that the action does not take is refused before a token is asked for, the file given up', async () => {
    const { upstream, call } = await stageWith();
    const file = incomingFile(1_000_000);
    const { problem } = await call('get_thing', { thing_id: 'x' }, { file });
    expect(problem?.code).toBe('file_unexpected');
    expect(file.stream.destroyed).toBe(true);
    expect(upstream.tokenScopes).toEqual([]);
  });

  it('takes a status that the action accepts as an answer, also when its body is no JSON', async () => {
    const { upstream, call } = await stageWith();
    upstream.answer = () => ({ status: 404, body: { why: 'gone' } });
    expect((await call('get_thing', { thing_id: 'x' })).answer?.data).toEqual({ status: 404, body: { why: 'gone' } });
    upstream.answer = () => ({ status: 404, body: '<html>' });
    expect((await call('get_thing', { thing_id: 'x' })).answer?.data).toEqual({ status: 404, body: null });
    upstream.answer = () => ({ status: 410, body: {} });
    expect((await call('get_thing', { thing_id: 'x' })).problem?.code).toBe('provider_not_found');
  });

  it('is refused when the answer says so although its status does not', async () => {
    const { upstream, call } = await stageWith();
    upstream.answer = () => ({ body: { ok: false, message: 'no such luck' } });
    const { problem } = await call('get_thing', { thing_id: 'x' });
    expect(problem?.code).toBe('provider_rejected_request');
    expect(problem?.options.provider).toMatchObject({ status: 200, message: 'no such luck' });
  });

  it('renews a refused token once, for a write, too', async () => {
    const { upstream, call } = await stageWith();
    upstream.answer = ({ headers }) =>
      headers.authorization === 'Bearer token-number-1' ? { status: 401 } : { body: { id: 7 } };
    expect((await call('make_thing', { name: 'N' })).answer?.data).toEqual({ id: 7 });
    expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-number-1',
      'Bearer token-number-2',
    ]);
    upstream.answer = () => ({ status: 401, body: { message: `token-number-2 and ${CLIENT_SECRET} are bad` } });
    const { problem } = await call('make_thing', { name: 'N' });
    expect(problem?.code).toBe('credential_rejected');
    expect(JSON.stringify(problem)).not.toMatch(/token-number|planted/);
  });

  it('that reads is repeated after a passing failure, one that writes is not', async () => {
    const { upstream, call } = await stageWith();
    upstream.answer = (_request, number) => (number === 1 ? { status: 503 } : { body: {} });
    expect((await call('get_thing', { thing_id: 'x' })).problem).toBeUndefined();
    expect(upstream.requests).toHaveLength(2);
    upstream.answer = () => ({ status: 503 });
    const { problem } = await call('make_thing', { name: 'N' });
    expect([problem?.code, problem?.retryable]).toEqual(['provider_unavailable', false]);
    expect(upstream.requests).toHaveLength(3);
  });

  it('that wrote is not called retryable when only the answer cannot be read', async () => {
    const { upstream, call } = await stageWith();
    upstream.answer = () => ({ status: 201, body: '<html>' });
    const { problem } = await call('make_thing', { name: 'N' });
    expect([problem?.code, problem?.retryable]).toEqual(['provider_response_invalid', false]);
  });

  it('denied access names the scopes of the provider’s reference that the profile lacks', async () => {
    const { upstream, call } = await stageWith({ scopes: ['a:read'] });
    upstream.answer = () => ({ status: 403 });
    const { problem } = await call('get_thing', { thing_id: 'x' });
    expect(upstream.tokenScopes).toEqual(['a:read']);
    expect(problem?.options.extra).toEqual({ missing_provider_scopes: ['b:read'] });
    expect(problem?.options.hint).toContain('b:read');
  });

  it('walks over offsets with the cursor of the answer before, the size sent every time', async () => {
    const { upstream, call } = await stageWith();
    const all = [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, { id: 5 }];
    upstream.answer = ({ query }) => {
      const offset = Number(query.get('offset') ?? 0);
      return { body: { results: all.slice(offset, offset + Number(query.get('limit'))), total: all.length } };
    };
    const met: unknown[] = [];
    let next: string | null | undefined;
    do {
      const { answer } = await call('list_things', typeof next === 'string' ? { next } : {});
      met.push(...((answer?.data ?? []) as unknown[]));
      next = answer?.next;
    } while (next);
    expect(met).toEqual(all);
    expect(upstream.requests.map(({ query }) => query.toString())).toEqual([
      'limit=2',
      'offset=2&limit=2',
      'offset=4&limit=2',
    ]);
  });

  it('finds a cycle also when the caller takes raw pages, whose links differ', async () => {
    const { upstream, call } = await stageWith();
    upstream.answer = (_request, number) => ({ body: { results: [{ id: 1 }, { id: 2 }], link: number } });
    let next: string | null | undefined;
    for (let page = 0; page < 10; page += 1) {
      const { answer, problem } = await call('list_things', typeof next === 'string' ? { next } : {}, { raw: true });
      if (problem) {
        expect(problem.code).toBe('pagination_cycle');
        return;
      }
      next = answer?.next;
    }
    throw new Error('no cycle found');
  });

  it('ends with its deadline, counted over everything that it does', async () => {
    const { upstream, call } = await openStage({
      connector: exampleConnector('defaults: { timeout_s: 1 }'),
      actions: ACTIONS,
    });
    upstream.answer = () => ({ hang: true });
    const started = performance.now();
    expect((await call('get_thing', { thing_id: 'x' })).problem?.code).toBe('provider_timeout');
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  it('ends when the caller goes away', async () => {
    const { upstream, call } = await stageWith();
    upstream.answer = () => ({ hang: true });
    const gone = new AbortController();
    const outcome = call('get_thing', { thing_id: 'x' }, { signal: gone.signal });
    await expect.poll(() => upstream.requests.length).toBe(1);
    gone.abort(new Problem('caller_gone', 'Gone.'));
    expect((await outcome).problem?.code).toBe('caller_gone');
  });
});

describe('a limited endpoint', () => {
  interface Taken {
    limit: string;
    holder: unknown;
  }

  function countingBudgets(take: (number: number) => Promise<void>) {
    const taken: Taken[] = [];
    const exhausted: { limit: string; forMs: number }[] = [];
    const budgets: RateBudgets = {
      ...generousBudgets,
      take: (limit, holder) => take(taken.push({ limit: limit.id, holder })),
      exhausted: (limit, _holder, untilMs) =>
        void exhausted.push({ limit: limit.id, forMs: Math.round((untilMs - Date.now()) / 1_000) * 1_000 }),
    };
    return { taken, exhausted, budgets };
  }

  it('is called when its budget has a turn, asked for before every attempt', async () => {
    const { taken, budgets } = countingBudgets(async () => {});
    const { upstream, call, account } = await stageWith({ budgets });
    upstream.answer = (_request, number) => (number === 1 ? { status: 503 } : { body: {} });
    await call('get_thing', { thing_id: 'x' });
    const turn = { limit: 'example.limited.all', holder: { clientId: 'client', account } };
    expect(taken).toEqual([turn, turn]);
    await call('make_thing', { name: 'N' });
    expect(taken).toHaveLength(2);
  });

  // Budgets go by client id, which is no secret: a tenant could name another one's.
  it('takes nothing from a budget when the provider refuses its credentials', async () => {
    const { taken, exhausted, budgets } = countingBudgets(async () => {});
    const { upstream, call } = await stageWith({ budgets });
    upstream.answerToken = () => ({ status: 401, body: { error: 'invalid_client' } });
    const { problem } = await call('get_thing', { thing_id: 'x' });
    expect(problem?.code).toBe('token_client_rejected');
    expect([taken, exhausted, upstream.requests]).toEqual([[], [], []]);
  });

  it('that has no turn in time is not called', async () => {
    const { budgets } = countingBudgets(async () => {
      throw new Problem('rate_budget_exhausted', 'Used up.', { retryAfterS: 9 });
    });
    const { upstream, call } = await stageWith({ budgets });
    const { problem } = await call('get_thing', { thing_id: 'x' });
    expect([problem?.code, problem?.options.retryAfterS]).toEqual(['rate_budget_exhausted', 9]);
    expect(upstream.requests).toHaveLength(0);
  });

  it('tells the log that the call waited', async () => {
    const { budgets } = countingBudgets(() => new Promise((resolve) => setTimeout(resolve, 30)));
    const { call } = await stageWith({ budgets });
    const { events } = await call('get_thing', { thing_id: 'x' });
    const [waited] = ofType(events, 'waited');
    expect(waited?.limit).toBe('example.limited.all');
    expect(waited?.durationMs).toBeGreaterThan(20);
  });

  it.each([
    ['30', 30_000],
    [undefined, 5_000],
    ['3600', 120_000],
  ])('that answers 429 with Retry-After %s is left alone by all', async (retryAfter, forMs) => {
    const { exhausted, budgets } = countingBudgets(async (number) => {
      if (number > 1) throw new Problem('rate_budget_exhausted', 'Used up.');
    });
    const { upstream, call } = await stageWith({ budgets });
    upstream.answer = () => ({
      status: 429,
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    });
    const { problem } = await call('get_thing', { thing_id: 'x' });
    // What the provider said stands, although the budget refused the retry.
    expect(problem?.code).toBe('provider_rate_limited');
    expect(exhausted).toEqual([{ limit: 'example.limited.all', forMs }]);
    expect(upstream.requests).toHaveLength(1);
  });
});
