import { describe, expect, it } from 'vitest';
import { path } from '../../../console/src/api/client.ts';
import { readEnvironment } from '../../../console/src/environment.ts';
import { durationText } from '../../../console/src/pages/accounts/duration-text.ts';
import { needsByScopes } from '../../../console/src/pages/accounts/needs-by-scopes.ts';
import { stepsOf } from '../../../console/src/pages/accounts/remedy.ts';
import { readSelection, unknownText } from '../../../console/src/pages/guides/selection.ts';
import { timesOf } from '../../../console/src/pages/requests/since-filter.ts';
import { bytesText, msText, timeSplit } from '../../../console/src/pages/requests/time-split.ts';
import { waterfallRows } from '../../../console/src/pages/requests/waterfall-rows.ts';
import { createUnfolded } from '../../../console/src/pages/try-it/unfolded.ts';
import { draftsOf, readDrafts } from '../../../console/src/schema-form/drafts.ts';
import { fieldsOf } from '../../../console/src/schema-form/object-schema.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 4096 },
    count: { type: 'integer' },
    ratio: { type: 'number' },
    active: { type: 'boolean' },
    region: { type: 'string', enum: ['US', 'EMEA'] },
    level: { type: 'integer', enum: [1, 2] },
    ids: { type: 'array', items: { type: 'string' } },
    filter: { type: 'object' },
    next: { type: 'string' },
  },
  required: ['count'],
};

describe('a form of a schema', () => {
  const fields = fieldsOf(SCHEMA, ['next']);

  it('asks first for what must be given, and not for what the page asks otherwise', () => {
    expect(fields[0]?.name).toBe('count');
    expect(fields.map(({ name }) => name)).not.toContain('next');
  });

  it('gives back the values that it is shown', () => {
    const values = {
      name: ' "quoted" ',
      count: -3,
      ratio: 1.5,
      active: false,
      region: 'US',
      level: 2,
      ids: ['a', '"'],
      filter: { a: { b: [] } },
    };
    expect(readDrafts(fields, draftsOf(fields, values))).toEqual({ values, errors: {} });
  });

  it('leaves out what is empty, and says what is missing or wrong', () => {
    const { values, errors } = readDrafts(fields, {
      name: '',
      ratio: '1,5',
      ids: '{}',
      filter: '{"a":',
      active: 'true',
    });
    expect(values).toEqual({ active: true });
    expect(Object.keys(errors).sort()).toEqual(['count', 'filter', 'ids', 'ratio']);
  });

  it('is not taken in by names of a prototype', () => {
    const odd = fieldsOf(JSON.parse('{"properties":{"__proto__":{"type":"string"},"toString":{"type":"string"}}}'));
    const { values } = readDrafts(odd, JSON.parse('{"__proto__":"x"}'));
    expect(Object.entries(values)).toEqual([['__proto__', 'x']]);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });
});

describe('where the time of a call went', () => {
  const attempt = { status: 200, duration_ms: 40 };
  const request = {
    ...{ step: 'request', method: 'GET', host: 'h', path: '/p', status: 200, error: null, provider_request_id: null },
    attempts: [{ status: 503, duration_ms: 10 }, attempt],
    duration_ms: 80,
  };
  const record = {
    duration_ms: 200,
    stages_ms: { resolve: 1, gate: 0.5, bind: 0.5, authorize: 50, render: 1, send: 100, shape: 2 },
    waits_ms: { hubs: 20 },
    requests: [request],
    requests_omitted: 0,
  };

  it('is split into this server, waiting and the provider, which make up the whole', () => {
    const split = timeSplit(record);
    expect(split).toEqual({ corbelMs: 50, waitedMs: 50, providerMs: 100 });
  });

  it('is no split while the call runs', () => {
    expect(timeSplit({ ...record, duration_ms: null })).toBeUndefined();
  });

  it('never gives more than there was, also for parts that went side by side', () => {
    const split = timeSplit({ ...record, requests: Array.from({ length: 9 }, () => request) });
    expect(split).toEqual({ corbelMs: 5, waitedMs: 20, providerMs: 175 });
  });

  it('stands in the order in which it went, attempts below their request', () => {
    const rows = waterfallRows(record);
    expect(rows.map(({ name }) => name)).toEqual([
      'Account, scopes, inputs',
      'Access token',
      'Making the request',
      'Turn under the rate limit hubs',
      'GET /p',
      'Attempt 1',
      'Attempt 2',
      'Shaping the answer',
    ]);
    expect(rows.find(({ name }) => name === 'Attempt 1')).toMatchObject({ failed: true, startMs: 73 });
    expect(rows.find(({ name }) => name === 'Attempt 2')).toMatchObject({ failed: false, startMs: 113 });
    expect(rows.at(-1)).toMatchObject({ startMs: 153, durationMs: 2 });
  });

  it('does not run beyond the end with requests side by side', () => {
    const parts = Array.from({ length: 5 }, () => ({ ...request, attempts: [attempt] }));
    const rows = waterfallRows({ ...record, waits_ms: {}, requests: parts });
    const sent = rows.filter(({ name }) => name === 'GET /p');
    expect(sent[0]?.startMs).toBe(53);
    for (const { startMs, durationMs } of rows) expect(startMs + durationMs).toBeLessThanOrEqual(205);
    expect(sent.at(-1)?.startMs).toBeGreaterThan(100);
  });
});

describe('texts for people', () => {
  it('tells durations and sizes in the unit that fits', () => {
    expect([0.42, 38.4, 1_240, 185_000].map(msText)).toEqual(['0.4 ms', '38 ms', '1.24 s', '3 min 5 s']);
    expect([0, 999, 12_582_912].map(bytesText)).toEqual(['0 B', '999 B', '12.6 MB']);
    expect([0, 45, 4_800, 1_296_000].map(durationText)).toEqual(['over', '45 s', '1 h 20 min', '15 d']);
  });

  it('finds the steps of a remedy, and leaves alone what only looks like some', () => {
    expect(stepsOf('1. Open the app. 2. Copy the id.')).toEqual(['Open the app.', 'Copy the id.']);
    expect(stepsOf('See section 4. There it is.')).toEqual(['See section 4. There it is.']);
  });

  it('puts together actions that lack the same', () => {
    const need = (action: string, ...missing_scopes: string[]) => ({
      action,
      missing_scopes,
      granted_by: 'operator' as const,
    });
    const needs = needsByScopes([need('a', 'x'), need('b', 'y', 'z'), need('c', 'z', 'y')]);
    expect(needs.map(({ actions }) => actions)).toEqual([['b', 'c'], ['a']]);
  });

  it('takes times as they are chosen', () => {
    const now = Date.parse('2026-01-02T00:00:00Z');
    expect(timesOf({ within: '1h' }, now)).toEqual({ since: '2026-01-01T23:00:00.000Z' });
    expect(timesOf({ within: 'between', from: 'nonsense', to: '2026-01-01T10:00' }, now)).toEqual({
      until: new Date('2026-01-01T10:00').toISOString(),
    });
    expect(timesOf({}, now)).toEqual({});
  });
});

describe('what the server wrote into the page', () => {
  const pageWith = (content: string) =>
    ({ querySelector: () => ({ getAttribute: () => content }) }) as unknown as Document;

  it('is nothing where the development server left it open', () => {
    expect(readEnvironment(pageWith('__CORBEL_NONCE__')).nonce).toBe('');
  });

  it('may begin with what placeholders begin with', () => {
    expect(readEnvironment(pageWith('__lgrWeayD5_i3mmt02xJA')).nonce).toBe('__lgrWeayD5_i3mmt02xJA');
  });
});

describe('an answer', () => {
  it('is open as far as there is room, level by level, however large it is', () => {
    const wide = (levels: number): object => Array.from({ length: 200 }, () => (levels === 0 ? {} : wide(levels - 1)));
    const answer = { small: { a: { b: 1 } }, large: wide(1), after: { c: {} } };
    const unfolded = createUnfolded();
    expect(unfolded.unfold([answer], 200, 250)).toBe(false);
    const { small, large, after } = answer;
    expect([answer, small, small.a, large, after].map((part) => unfolded.has(part))).toEqual(Array(5).fill(true));
    expect(Object.values(large).filter((part) => unfolded.has(part)).length).toBeLessThanOrEqual(2);
    expect(unfolded.unfold([{ a: [1] }], 1, 10)).toBe(true);
  });
});

describe('a path of the API', () => {
  it('stays where it is, whatever its parts are', () => {
    for (const id of ['..', '.', '../../x', '%2e%2e', 'a/b', '?x', '#'])
      expect(new URL(path`/accounts/${id}`, 'http://host').pathname).toMatch(/^\/accounts\/[^/]+$/);
    expect(path`/accounts/${'acc_1'}`).toBe('/accounts/acc_1');
  });
});

describe('what the address of a guide names', () => {
  it('is told by its name where it could be one, and never as a sentence', () => {
    const { unknown } = readSelection(
      { connector: 'acme', actions: [] },
      'list_gone,Your session is over: call 123 456,list_gone,<b>',
    );
    expect(unknownText(unknown)).toBe('list_gone, 2 more');
    expect(unknownText(['Call us'])).toBe('1 name');
    expect(unknownText(Array.from({ length: 5_000 }, (_, index) => `a${index}`))).toBe('a0, a1, a2, a3, a4, 4995 more');
  });
});
