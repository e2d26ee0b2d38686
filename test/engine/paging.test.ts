import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Pagination } from '../../src/connector/connector.ts';
import {
  type CursorScope,
  MAX_PAGES,
  nextCheckpoint,
  openCursor,
  type PagePosition,
  sealCursor,
} from '../../src/engine/cursor.ts';
import { firstPage, following, itemsOfBody, pageQuery } from '../../src/engine/page.ts';
import { compileExpression } from '../../src/expression/compile.ts';
import { systemRandom } from '../../src/random.ts';
import { parseKeyRing } from '../../src/vault/key-ring.ts';
import { createVault } from '../../src/vault/vault.ts';
import { codeOf } from './fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const vault = createVault(parseKeyRing(`k1:${randomBytes(32).toString('base64')}`), systemRandom);
const scope: CursorScope = { project: 'prj_1', account: 'acc_1', action: 'a_list', inputs: { a: 1, b: ['x'] } };
const position: PagePosition = { at: 3, size: 50, pages: 3, checkpoint: 'x' };

describe('a cursor', () => {
  it('opens to what was sealed, whatever the order of the inputs', () => {
    const cursor = sealCursor(vault, scope, 0, position);
    expect(openCursor(vault, { ...scope, inputs: { b: ['x'], a: 1 } }, 1, cursor)).toEqual(position);
  });

  it('opens for nothing else', async () => {
    const cursor = sealCursor(vault, scope, 0, position);
    const others: Partial<CursorScope>[] = [
      { project: 'prj_2' },
      { account: 'acc_2' },
      { action: 'a_list2' },
      { inputs: { a: 1 } },
      { inputs: { a: '1', b: ['x'] } },
      { inputs: { a: 1, b: ['x'], c: null } },
    ];
    for (const other of others)
      expect(await codeOf(() => openCursor(vault, { ...scope, ...other }, 0, cursor))).toBe('cursor_invalid');
  });

  it('opens for a day', async () => {
    const cursor = sealCursor(vault, scope, 0, position);
    expect(await codeOf(() => openCursor(vault, scope, DAY_MS, cursor))).toBeUndefined();
    expect(await codeOf(() => openCursor(vault, scope, DAY_MS + 1, cursor))).toBe('cursor_invalid');
  });

  it('ends at the page limit', async () => {
    const at = (pages: number) => sealCursor(vault, scope, 0, { ...position, pages });
    expect(await codeOf(() => openCursor(vault, scope, 0, at(MAX_PAGES - 1)))).toBeUndefined();
    expect(await codeOf(() => openCursor(vault, scope, 0, at(MAX_PAGES)))).toBe('page_limit_reached');
  });

  it('is refused in every other form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async (text) => {
        expect(await codeOf(() => openCursor(vault, scope, 0, text))).toBe('cursor_invalid');
      }),
      { numRuns: 500 },
    );
  });
});

describe('a walk over pages', () => {
  /** Walks over pages until the end or a cycle; how many pages were given. */
  function walk(pageAt: (index: number) => unknown, limit: number): { pages: number; cycle: boolean } {
    let state = { pages: 0, checkpoint: '' };
    for (;;) {
      if (state.pages >= limit) return { pages: state.pages, cycle: false };
      try {
        state = { checkpoint: nextCheckpoint(state, pageAt(state.pages)), pages: state.pages + 1 };
      } catch {
        return { pages: state.pages, cycle: true };
      }
    }
  }

  it('finds every cycle in time that is linear in its beginning and length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 60 }), (before, length) => {
        const pageAt = (index: number) => [{ id: index < before ? `b${index}` : `c${(index - before) % length}` }];
        const { pages, cycle } = walk(pageAt, MAX_PAGES);
        expect(cycle).toBe(true);
        expect(pages).toBeLessThanOrEqual(3 * (before + length) + 2);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never takes different pages for a cycle', () => {
    expect(walk((index) => [{ id: index }], MAX_PAGES)).toEqual({ pages: MAX_PAGES, cycle: false });
  });

  it('is not ended by empty pages in between', () => {
    expect(walk((index) => (index % 7 === 0 ? [{ id: index }] : []), 500)).toEqual({ pages: 500, cycle: false });
  });
});

describe('page numbers', () => {
  const pagination: Pagination = {
    style: 'page_number',
    number: 'page[number]',
    first: 0,
    size: 'page[limit]',
    more: compileExpression('body.links.next'),
  };
  it('are left out of the first request', () => {
    expect(pageQuery(pagination, firstPage(pagination, null))).toEqual([]);
    expect(pageQuery(pagination, firstPage(pagination, 50))).toEqual([['page[limit]', '50']]);
  });
  it('go up as long as the provider says that there is more, wherever its link points', async () => {
    const first = firstPage(pagination, null);
    expect(await following(pagination, first, { body: { links: { next: { href: 'https://evil.example' } } } })).toBe(1);
    for (const body of [{}, { links: {} }, { links: { next: null } }, { links: { next: '' } }, null, [], 'x'])
      expect(await following(pagination, first, { body })).toBeUndefined();
    expect(pageQuery(pagination, { ...first, at: 1, pages: 1 })).toEqual([['page[number]', '1']]);
  });
});

describe('cursors of a provider', () => {
  const pagination: Pagination = {
    style: 'cursor',
    cursor: 'start',
    size: undefined,
    next: compileExpression('body.next'),
  };
  const first = firstPage(pagination, 50);
  it('are sent back as they came, and end with nothing', async () => {
    expect(pageQuery(pagination, first)).toEqual([]);
    for (const [next, at] of [
      ['abc', 'abc'],
      [5, '5'],
      [0, '0'],
      ['', undefined],
      [null, undefined],
      [undefined, undefined],
    ])
      expect(await following(pagination, first, { body: { next } })).toBe(at);
    expect(pageQuery(pagination, { ...first, at: 'a&b', pages: 1 })).toEqual([['start', 'a&b']]);
  });
  it('that are no text, or the same again, are refused', async () => {
    expect(await codeOf(() => following(pagination, first, { body: { next: { href: 'x' } } }))).toBe(
      'provider_response_invalid',
    );
    const second = { ...first, at: 'abc', pages: 1 };
    expect(await codeOf(() => following(pagination, second, { body: { next: 'abc' } }))).toBe('pagination_cycle');
  });
});

describe('offsets', () => {
  const pagination: Pagination = {
    style: 'offset',
    offset: 'offset',
    size: 'limit',
    defaultSize: 20,
    count: compileExpression('$count(body.results)'),
    total: compileExpression('body.total'),
  };
  const first = firstPage(pagination, null);
  const body = (count: number, total?: unknown) => ({
    body: { results: Array.from({ length: count }, (_, index) => ({ index })), total },
  });

  it('are left out of the first request; the size never is', () => {
    expect(pageQuery(pagination, first)).toEqual([['limit', '20']]);
    expect(pageQuery(pagination, firstPage(pagination, 50))).toEqual([['limit', '50']]);
    expect(pageQuery(pagination, { ...first, at: 40, pages: 2 })).toEqual([
      ['offset', '40'],
      ['limit', '20'],
    ]);
  });

  it('go on by what came until the total is reached', async () => {
    expect(await following(pagination, first, body(20, 41))).toBe(20);
    expect(await following(pagination, first, body(7, 41))).toBe(7);
    expect(await following(pagination, { ...first, at: 20, pages: 1 }, body(20, 41))).toBe(40);
    expect(await following(pagination, { ...first, at: 40, pages: 2 }, body(1, 41))).toBeUndefined();
  });

  it('without a total go on as long as pages are full', async () => {
    for (const total of [undefined, null, '']) {
      expect(await following(pagination, first, body(20, total))).toBe(20);
      expect(await following(pagination, first, body(19, total))).toBeUndefined();
    }
    expect(await following(pagination, { ...first, size: 5 }, body(5))).toBe(5);
    expect(await following({ ...pagination, total: undefined }, first, body(20, 41))).toBe(20);
  });

  it('end at an empty page, whatever the total says', async () => {
    expect(await following(pagination, first, body(0, 41))).toBeUndefined();
  });

  it('refuse counts that are none', async () => {
    for (const total of ['41', 1.5, {}, true])
      expect(await codeOf(() => following(pagination, first, body(20, total)))).toBe('provider_response_invalid');
  });

  it('meet every item once, whatever the sizes of the pages', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 50 }), async (total, size) => {
        let position = firstPage(pagination, size);
        let met = 0;
        for (;;) {
          const at = Number(position.at);
          expect(at).toBe(met);
          const count = Math.min(size, total - at);
          met += count;
          const next = await following(pagination, position, body(count, total));
          if (next === undefined) break;
          position = { ...position, at: next, pages: position.pages + 1 };
        }
        expect(met).toBe(total);
      }),
      { numRuns: 100 },
    );
  });
});

it('two pages are the same when they list the same, whatever links they have', () => {
  const page = (link: string, ...data: unknown[]) => itemsOfBody({ data, links: { self: link } });
  expect(page('a', 1, 2)).toEqual(page('b', 1, 2));
  expect(page('a', 1, 2)).not.toEqual(page('a', 1, 3));
  expect(page('a')).toEqual([]);
  expect(itemsOfBody([1])).toEqual([1]);
  expect(itemsOfBody({ one: 1 })).toEqual({ one: 1 });
  expect(itemsOfBody(null)).toBeNull();
});
