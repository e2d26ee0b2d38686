import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import {
  type FoundPage,
  type RecordKey,
  type Store,
  type StoredRecord,
  type TermPlace,
  type TermQuery,
  WATCH_DELAY_MS,
} from '../../src/store/store.ts';
import { startRedisCluster, until } from '../support/redis.ts';
import { temporarySqlite } from '../support/sqlite.ts';
import { startStoreChild } from '../support/store-child-process.ts';

interface Backend {
  url: string;
  stop(): Promise<unknown>;
}

const redis = inject('redis');

// A time to live that is over soon, and how long to wait until it surely is.
const SHORT_TTL_MS = 150;
const AFTER_SHORT_TTL_MS = 220;

storeContract('SQLite', false, async () => {
  const { url, remove } = await temporarySqlite();
  return { url, stop: remove };
});

storeContract('a single Redis', redis.url === undefined, async () => ({ url: redis.url ?? '', stop: async () => {} }));

storeContract('a Redis Cluster of three masters', !redis.canStartServers, startRedisCluster);

function storeContract(name: string, skip: boolean, start: () => Promise<Backend>): void {
  describe.skipIf(skip)(`the store contract on ${name}`, () => {
    let backend: Backend;
    let store: Store;
    let other: Store;
    const open = () => openStore({ url: backend.url, clock: systemClock, random: systemRandom, allowVolatile: true });
    // A partition per test: they share the store, and on a cluster they lie on all of its nodes.
    const fresh = () => `prj_${randomBytes(8).toString('hex')}`;
    const keyIn = (partition: string, id = 'one', kind = 'thing'): RecordKey => ({ partition, kind, id });

    beforeAll(async () => {
      backend = await start();
      store = await open();
      other = await open();
    });

    afterAll(async () => {
      await store?.close();
      await other?.close();
      await backend?.stop();
    });

    describe('records', () => {
      it('gives back what was put, through any connection, until it is deleted', async () => {
        const key = keyIn(fresh());
        expect(await store.get(key)).toBeUndefined();
        const written = await store.put(key, 'first');
        expect(written).toEqual({ ok: true, version: expect.any(Number) });
        expect(await other.get(key)).toEqual({ key, value: 'first', version: written.version });
        expect(await other.delete(key)).toMatchObject({ ok: true });
        expect(await store.get(key)).toBeUndefined();
      });

      it('calls removing what is not there ok, with version 0', async () => {
        const key = keyIn(fresh());
        expect(await store.delete(key)).toEqual({ ok: true, version: 0 });
        expect(await store.delete(key, { expectedVersion: 0 })).toEqual({ ok: true, version: 0 });
        expect(await store.delete(key, { expectedVersion: 3 })).toEqual({ ok: false, reason: 'version', version: 0 });
      });

      it('writes with an expected version only when it is the current one', async () => {
        const key = keyIn(fresh());
        expect(await store.put(key, 'a', { expectedVersion: 7 })).toEqual({ ok: false, reason: 'version', version: 0 });
        const { version } = await store.put(key, 'a', { expectedVersion: 0 });
        expect(await store.put(key, 'b', { expectedVersion: 0 })).toEqual({ ok: false, reason: 'version', version });
        const second = await store.put(key, 'b', { expectedVersion: version });
        expect(second.ok).toBe(true);
        expect(await store.delete(key, { expectedVersion: version })).toEqual({
          ok: false,
          reason: 'version',
          version: second.version,
        });
        expect((await store.get(key))?.value).toBe('b');
        expect(await store.delete(key, { expectedVersion: second.version })).toMatchObject({ ok: true });
      });

      it('never uses a version twice, also when a record is created again', async () => {
        const key = keyIn(fresh());
        const versions: number[] = [];
        for (let round = 0; round < 5; round++) {
          versions.push((await store.put(key, 'x', { expectedVersion: 0 })).version);
          versions.push((await other.put(key, 'y')).version);
          await store.delete(key);
        }
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(new Set(versions).size).toBe(versions.length);
      });

      it('lets exactly one of many concurrent creators win', async () => {
        const key = keyIn(fresh());
        const stores = [store, other];
        const results = await Promise.all(
          Array.from({ length: 40 }, (_, index) =>
            (stores[index % 2] ?? store).put(key, String(index), { expectedVersion: 0 }),
          ),
        );
        expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      });

      it('forgets a record when its time to live is over, and takes it as not existing', async () => {
        const key = keyIn(fresh());
        const { version } = await store.put(key, 'short', { ttlMs: SHORT_TTL_MS });
        expect((await store.get(key))?.value).toBe('short');
        await delay(AFTER_SHORT_TTL_MS);
        expect(await other.get(key)).toBeUndefined();
        expect(await store.put(key, 'x', { expectedVersion: version })).toMatchObject({ ok: false, version: 0 });
        const again = await store.put(key, 'again', { expectedVersion: 0 });
        expect(again.ok).toBe(true);
        expect(again.version).toBeGreaterThan(version);
      });

      it('removes a time to live by a write without one, and counts a new one from the new write', async () => {
        const partition = fresh();
        const kept = keyIn(partition, 'kept');
        const prolonged = keyIn(partition, 'prolonged');
        await store.put(kept, 'a', { ttlMs: SHORT_TTL_MS });
        await store.put(prolonged, 'a', { ttlMs: SHORT_TTL_MS });
        await store.put(kept, 'b');
        await store.put(prolonged, 'b', { ttlMs: 60_000 });
        await delay(AFTER_SHORT_TTL_MS);
        expect((await store.get(kept))?.value).toBe('b');
        expect((await store.get(prolonged))?.value).toBe('b');
        expect((await store.list(partition, 'thing', { limit: 10 })).records).toHaveLength(2);
      });

      it('refuses a write under a lower fence than the last one', async () => {
        const key = keyIn(fresh());
        const first = await store.put(key, 'five', { fence: 5 });
        expect(await store.put(key, 'four', { fence: 4 })).toEqual({
          ok: false,
          reason: 'fence',
          version: first.version,
        });
        expect(await store.put(key, 'five again', { fence: 5 })).toMatchObject({ ok: true });
        expect(await store.put(key, 'operator')).toMatchObject({ ok: true });
        expect(await store.put(key, 'late', { fence: 4 })).toMatchObject({ ok: false, reason: 'fence' });
        expect((await store.get(key))?.value).toBe('operator');
      });

      it('keeps values as they are: Unicode, NUL, line ends, 1 MB', async () => {
        const partition = fresh();
        const values = [
          '',
          'ü€😀 \u0000 \r\n "quoted" \u2028',
          'x'.repeat(1_000_000),
          JSON.stringify({ a: ['\ud800'] }),
        ];
        for (const [index, value] of values.entries()) {
          const key = keyIn(partition, String(index));
          await store.put(key, value);
          expect((await other.get(key))?.value === value).toBe(true);
        }
      });

      it('keeps names apart that differ only in odd characters', async () => {
        const partition = fresh();
        const names = [
          'a',
          'a:b',
          'a%3Ab',
          '{a}',
          '}',
          '{',
          'ü',
          'a b',
          'a\u0000b',
          '*',
          '-',
          '+',
          '(a',
          "'",
          '%',
          '\\',
          '',
        ];
        const keys = names.flatMap((name) => [
          keyIn(partition, name),
          keyIn(partition, 'id', `kind${name}`),
          keyIn(`${name}${partition}p`, 'x'),
        ]);
        await Promise.all(keys.map((key) => store.put(key, JSON.stringify(key))));
        for (const key of keys) expect(await other.get(key)).toMatchObject({ key, value: JSON.stringify(key) });
        const listed = await store.list(partition, 'thing', { limit: 100 });
        expect(listed.records.map((record) => record.key.id)).toEqual([...names].sort(bytewise));
        for (const key of keys) expect(await store.delete(key)).toMatchObject({ ok: true });
        expect((await store.list(partition, 'thing', { limit: 100 })).records).toEqual([]);
      });

      it('refuses ids that are not well-formed Unicode, which would become other ids', async () => {
        await expect(store.get(keyIn(fresh(), 'a\ud800'))).rejects.toMatchObject({ code: 'request_invalid' });
        await expect(store.put(keyIn(fresh()), '\udc00')).rejects.toMatchObject({ code: 'request_invalid' });
      });
    });

    describe('writing records together with one under conditions', () => {
      const row = (partition: string, id: string) => ({ key: keyIn(partition, id, 'row:{x}'), value: `row ${id}` });

      it('writes all of them or none', async () => {
        const partition = fresh();
        const head = keyIn(partition, 'head');
        const first = await store.put(head, 'first', { expectedVersion: 0, together: [row(partition, 'a')] });
        expect(first.ok).toBe(true);
        const stale = { expectedVersion: 0, together: [row(partition, 'a'), row(partition, 'b')] };
        expect(await other.put(head, 'second', stale)).toMatchObject({ ok: false, version: first.version });
        expect(idsOf((await other.list(partition, 'row:{x}', { limit: 9 })).records)).toEqual(['a']);
        expect(await store.get(head)).toMatchObject({ value: 'first', version: first.version });
        const together = Array.from({ length: 100 }, (_, index) => row(partition, String(index).padStart(3, '0')));
        expect(await other.put(head, 'third', { expectedVersion: first.version, together })).toMatchObject({
          ok: true,
        });
        expect((await store.list(partition, 'row:{x}', { limit: 200 })).records).toHaveLength(101);
      });

      it('lets many processes and callers append to one list without a gap and without a loss', async () => {
        const partition = fresh();
        const head = keyIn(partition, 'head');
        const append = async (via: Store) => {
          for (;;) {
            const current = await via.get(head);
            const next = Number(current?.value ?? 0) + 1;
            const options = { expectedVersion: current?.version ?? 0, together: [row(partition, String(next))] };
            if ((await via.put(head, String(next), options)).ok) return;
            await delay(Math.random() * 5);
          }
        };
        await Promise.all(Array.from({ length: 20 }, (_, index) => append(index % 2 ? store : other)));
        expect((await store.get(head))?.value).toBe('20');
        expect((await store.list(partition, 'row:{x}', { limit: 30 })).records).toHaveLength(20);
      });

      it('forgets those with a time to live when it is over', async () => {
        const partition = fresh();
        await store.put(keyIn(partition), 'x', { together: [{ ...row(partition, 'a'), ttlMs: SHORT_TTL_MS }] });
        expect((await other.get(row(partition, 'a').key))?.value).toBe('row a');
        await delay(AFTER_SHORT_TTL_MS);
        expect(await other.get(row(partition, 'a').key)).toBeUndefined();
      });

      it('takes no more than a hundred, and none of another partition', async () => {
        const partition = fresh();
        const many = Array.from({ length: 101 }, (_, index) => row(partition, String(index)));
        await expect(store.put(keyIn(partition), 'x', { together: many })).rejects.toThrow('together');
        await expect(store.put(keyIn(partition), 'x', { together: [row(fresh(), 'a')] })).rejects.toThrow('partitions');
      });
    });

    describe('writing many records at once', () => {
      it('writes thousands over several partitions, readable and listed through any connection', async () => {
        const partitions = Array.from({ length: 5 }, fresh);
        const entries = partitions.flatMap((partition) =>
          Array.from({ length: 700 }, (_, index) => ({
            key: keyIn(partition, String(index).padStart(4, '0'), index % 2 ? 'odd' : 'even:{kind}'),
            value: `ü ${index}`,
          })),
        );
        await store.putAll(entries);
        for (const partition of partitions) {
          const odd = await other.list(partition, 'odd', { limit: 1_000 });
          const even = await other.list(partition, 'even:{kind}', { limit: 1_000 });
          expect([odd.records.length, even.records.length]).toEqual([350, 350]);
          expect(idsOf(odd.records)).toEqual(idsOf(odd.records).sort(bytewise));
          const versions = [...odd.records, ...even.records].map(({ version }) => version);
          expect(new Set(versions).size).toBe(700);
        }
        const last = entries.at(-1);
        if (!last) throw new Error('no entries');
        expect(await other.get(last.key)).toMatchObject({ key: last.key, value: last.value });
        await store.putAll([]);
      });

      it('overwrites whatever is there, with a newer version; of several with one key the last one holds', async () => {
        const key = keyIn(fresh());
        const before = await store.put(key, 'before', { fence: 9 });
        await other.putAll([
          { key, value: 'first' },
          { key, value: 'last' },
        ]);
        const after = await store.get(key);
        expect(after?.value).toBe('last');
        expect(after?.version).toBeGreaterThan(before.version);
        expect(await store.put(key, 'x', { expectedVersion: before.version })).toMatchObject({ reason: 'version' });
        expect(await store.put(key, 'y', { expectedVersion: after?.version ?? 0 })).toMatchObject({ ok: true });
        expect(await store.put(key, 'late', { fence: 8 })).toMatchObject({ reason: 'fence' });
      });

      it('ends each record at its own time; a write without a time to live removes an earlier one', async () => {
        const partition = fresh();
        const kept = keyIn(partition, 'kept');
        await store.put(kept, 'a', { ttlMs: SHORT_TTL_MS });
        await store.putAll([
          { key: keyIn(partition, 'short'), value: 'x', ttlMs: SHORT_TTL_MS },
          { key: keyIn(partition, 'long'), value: 'x', ttlMs: 60_000.5 },
          { key: kept, value: 'b' },
        ]);
        expect((await other.list(partition, 'thing', { limit: 10 })).records).toHaveLength(3);
        await delay(AFTER_SHORT_TTL_MS);
        expect(idsOf((await other.list(partition, 'thing', { limit: 10 })).records)).toEqual(['kept', 'long']);
        // The second write also clears away what is left of the expired one.
        await store.putAll([{ key: keyIn(partition, 'short'), value: 'again', ttlMs: 60_000 }]);
        expect((await other.get(keyIn(partition, 'short')))?.value).toBe('again');
      });

      it('tells no watcher', async () => {
        const partition = fresh();
        const seen: string[] = [];
        const watching = await other.watch((key) => {
          if (key?.partition === partition) seen.push(key.id);
        });
        await until(WATCH_DELAY_MS, 'not live', () => watching.live());
        await store.putAll([{ key: keyIn(partition, 'silent'), value: 'x' }]);
        await store.put(keyIn(partition, 'told'), 'x');
        await until(WATCH_DELAY_MS, 'not told in time', () => seen.includes('told'));
        expect(seen).not.toContain('silent');
        await watching.close();
      });

      it('refuses ids that are not well-formed Unicode, and writes nothing then', async () => {
        const partition = fresh();
        const entries = [
          { key: keyIn(partition, 'a'), value: 'x' },
          { key: keyIn(partition, 'b\ud800'), value: 'x' },
        ];
        await expect(store.putAll(entries)).rejects.toMatchObject({ code: 'request_invalid' });
        expect(await store.get(keyIn(partition, 'a'))).toBeUndefined();
      });
    });

    describe('listing', () => {
      it('orders by id, bytewise, in both directions, and keeps kinds and partitions apart', async () => {
        const partition = fresh();
        const ids = ['b', 'a', 'Z', 'ä', 'a1', 'a10', 'a2', '😀', '\uffff'];
        await Promise.all(ids.map((id) => store.put(keyIn(partition, id), id)));
        await store.put(keyIn(partition, 'c', 'other'), 'x');
        await store.put(keyIn(fresh(), 'c'), 'x');
        const sorted = [...ids].sort(bytewise);
        expect(idsOf(await walk(other, partition, 2, 'ascending'))).toEqual(sorted);
        expect(idsOf(await walk(other, partition, 2, 'descending'))).toEqual(sorted.reverse());
        expect((await store.list(partition, 'nothing', { limit: 5 })).records).toEqual([]);
      });

      it('names no next page after the last record', async () => {
        const partition = fresh();
        for (const id of ['1', '2', '3', '4']) await store.put(keyIn(partition, id), id);
        const first = await store.list(partition, 'thing', { limit: 2 });
        expect(first.next).toBe('2');
        const second = await store.list(partition, 'thing', { limit: 2, after: '2' });
        expect(idsOf(second.records)).toEqual(['3', '4']);
        expect(second).not.toHaveProperty('next');
      });

      it('goes on from a cursor whose record is gone', async () => {
        const partition = fresh();
        for (const id of ['1', '2', '3']) await store.put(keyIn(partition, id), id);
        await store.delete(keyIn(partition, '2'));
        expect(idsOf((await store.list(partition, 'thing', { limit: 5, after: '2' })).records)).toEqual(['3']);
        const back = await store.list(partition, 'thing', { limit: 5, after: '2', order: 'descending' });
        expect(idsOf(back.records)).toEqual(['1']);
      });

      it('does not end a page early because records on it have expired', async () => {
        const partition = fresh();
        await Promise.all(
          Array.from({ length: 1_300 }, (_, index) =>
            store.put(keyIn(partition, `b${index}`), 'gone', { ttlMs: SHORT_TTL_MS }),
          ),
        );
        for (const id of ['a', 'c', 'd']) await store.put(keyIn(partition, id), id);
        await delay(AFTER_SHORT_TTL_MS);
        const page = await store.list(partition, 'thing', { limit: 2 });
        expect(idsOf(page.records)).toEqual(['a', 'c']);
        expect(page.next).toBe('c');
        expect(idsOf(await walk(store, partition, 2, 'descending'))).toEqual(['d', 'c', 'a']);
      });

      it.each(['ascending', 'descending'] as const)(
        'gives every lasting record exactly once while others come and go (%s)',
        async (order) => {
          const partition = fresh();
          const lasting = Array.from({ length: 120 }, (_, index) => `r${String(index * 3).padStart(4, '0')}`);
          await Promise.all(lasting.map((id) => store.put(keyIn(partition, id), id)));
          let walking = true;
          const disturb = async (store: Store, offset: number) => {
            for (let round = 0; walking; round++) {
              const key = keyIn(partition, `r${String(((round * 7) % 120) * 3 + offset).padStart(4, '0')}`);
              await store.put(key, 'passing');
              if (round % 3 === 0) await store.put(keyIn(partition, lasting[round % 120]), 'changed');
              await store.delete(key);
            }
          };
          const disturbing = Promise.all([disturb(store, 1), disturb(other, 2)]);
          for (let round = 0; round < 3; round++) {
            const seen = idsOf(await walk(store, partition, 7, order)).filter((id) => lasting.includes(id));
            expect(seen).toEqual(order === 'ascending' ? lasting : [...lasting].reverse());
          }
          walking = false;
          await disturbing;
        },
      );
    });

    describe('finding by terms', () => {
      const ids = ({ found }: FoundPage) => found.map(({ term, record }) => `${term}:${record.key.id}`);
      const everything = async (partition: string, query: TermQuery, limit = 100) => {
        const seen: string[] = [];
        let after: TermPlace | undefined;
        do {
          const page = await store.find(partition, 'thing', { ...query, limit, ...(after && { after }) });
          seen.push(...ids(page));
          after = page.next;
        } while (after);
        return seen;
      };

      it('finds exactly the records of a term, or of all terms with a prefix, page by page', async () => {
        const partition = fresh();
        const put = (id: string, terms: string[]) => store.put(keyIn(partition, id), `value of ${id}`, { terms });
        await put('a', ['colour red', 'word anna', 'word annabel']);
        await put('b', ['colour red', 'word ann', 'wordy']);
        await put('c', ['colour redder', 'word ännchen']);
        await store.put(keyIn(partition, 'd', 'other'), 'x', { terms: ['colour red'] });
        for (const limit of [1, 2, 100]) {
          expect(await everything(partition, { term: 'colour red' }, limit)).toEqual(['colour red:a', 'colour red:b']);
          expect(await everything(partition, { prefix: 'colour red' }, limit)).toEqual([
            'colour red:a',
            'colour red:b',
            'colour redder:c',
          ]);
          expect(await everything(partition, { prefix: 'word ann' }, limit)).toEqual([
            'word ann:b',
            'word anna:a',
            'word annabel:a',
          ]);
        }
        expect(await everything(partition, { term: 'word an' })).toEqual([]);
        expect(await everything(partition, { prefix: 'word ä' })).toEqual(['word ännchen:c']);
        const counted = [{ term: 'colour red' }, { prefix: 'colour red' }, { prefix: 'word' }, { term: 'none' }];
        expect(await Promise.all(counted.map((query) => other.count(partition, 'thing', query)))).toEqual([2, 3, 5, 0]);
        const [first] = (await other.find(partition, 'thing', { term: 'colour redder', limit: 1 })).found;
        expect(first?.record).toEqual(await store.get(keyIn(partition, 'c')));
      });

      it('a write replaces the terms, keeps them where it gives none, and a refused one changes nothing', async () => {
        const partition = fresh();
        const key = keyIn(partition);
        await store.put(key, '1', { terms: ['x', 'y'] });
        await store.put(key, '2');
        await store.putAll([{ key, value: '3' }]);
        expect(await everything(partition, { prefix: 'x' })).toEqual(['x:one']);
        expect(await store.put(key, '4', { terms: ['z'], expectedVersion: 1 })).toMatchObject({ ok: false });
        expect([await everything(partition, { term: 'y' }), await everything(partition, { term: 'z' })]).toEqual([
          ['y:one'],
          [],
        ]);
        await other.put(key, '5', { terms: ['y', 'z', 'z'] });
        expect(await store.count(partition, 'thing', { term: 'x' })).toBe(0);
        expect(await everything(partition, { prefix: 'y' })).toEqual(['y:one']);
        await store.put(key, '6', { terms: [] });
        expect(await everything(partition, { prefix: 'z' })).toEqual([]);
      });

      it('forgets the terms with the record, and when the record gets a time to live', async () => {
        const partition = fresh();
        await store.put(keyIn(partition, 'a'), '1', { terms: ['x'] });
        await store.put(keyIn(partition, 'b'), '1', { terms: ['x'] });
        await store.put(keyIn(partition, 'c'), '1', { terms: ['x'] });
        await store.delete(keyIn(partition, 'a'));
        await store.put(keyIn(partition, 'b'), '2', { ttlMs: SHORT_TTL_MS });
        expect(await everything(partition, { term: 'x' })).toEqual(['x:c']);
        expect(await other.count(partition, 'thing', { term: 'x' })).toBe(1);
        await store.put(keyIn(partition, 'a'), 'again');
        expect(await everything(partition, { term: 'x' })).toEqual(['x:c']);
      });

      it('never disagrees with the records, whatever is written at once', async () => {
        const partition = fresh();
        const stores = [store, other];
        await Promise.all(
          Array.from({ length: 200 }, async (_, index) => {
            const key = keyIn(partition, `id${index % 10}`);
            const chosen = stores[index % 2] ?? store;
            if (index % 7 === 0) await chosen.delete(key);
            else await chosen.put(key, `state ${index % 3}`, { terms: [`state ${index % 3}`, `even ${index % 2}`] });
          }),
        );
        const records = (await store.list(partition, 'thing', { limit: 100 })).records;
        for (const state of ['state 0', 'state 1', 'state 2']) {
          const held = records.filter(({ value }) => value === state).map(({ key }) => `${state}:${key.id}`);
          expect(await everything(partition, { term: state })).toEqual(held);
          expect(await store.count(partition, 'thing', { term: state })).toBe(held.length);
        }
        expect(await store.count(partition, 'thing', { prefix: 'even' })).toBe(records.length);
      });

      it('takes no terms that it could not tell apart', async () => {
        const key = keyIn(fresh());
        for (const terms of [[''], ['a\nb'], ['a\0b'], ['x'.repeat(201)], Array.from({ length: 41 }, String)])
          await expect(store.put(key, 'x', { terms })).rejects.toThrow();
        await expect(store.put(key, 'x', { terms: ['a'], ttlMs: 1_000 })).rejects.toThrow();
        await expect(store.put(key, 'x', { terms: ['\ud800'] })).rejects.toMatchObject({ code: 'request_invalid' });
        expect(await store.get(key)).toBeUndefined();
      });
    });

    describe('leases', () => {
      it('gives a lease to one owner at a time, and again when it was given back', async () => {
        const key = keyIn(fresh());
        const lease = await store.acquireLease(key, { owner: 'a', ttlMs: 5_000 });
        expect(lease).toMatchObject({ key, owner: 'a' });
        expect(await other.acquireLease(key, { owner: 'b', ttlMs: 5_000 })).toBeUndefined();
        expect(lease && (await store.releaseLease(lease))).toBe(true);
        expect(lease && (await store.releaseLease(lease))).toBe(false);
        const next = await other.acquireLease(key, { owner: 'b', ttlMs: 5_000 });
        expect(next?.fence).toBeGreaterThan(lease?.fence ?? Number.POSITIVE_INFINITY);
      });

      it('lets exactly one of many who ask at once have it', async () => {
        const key = keyIn(fresh());
        const leases = await Promise.all(
          Array.from({ length: 30 }, (_, index) =>
            (index % 2 ? store : other).acquireLease(key, { owner: `o${index}`, ttlMs: 5_000 }),
          ),
        );
        expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
      });

      it('keeps a lease as long as it is renewed', async () => {
        const key = keyIn(fresh());
        // Longer than a busy machine may be late, and renewed beyond its first end.
        const ttlMs = 2_000;
        const lease = await store.acquireLease(key, { owner: 'a', ttlMs });
        if (lease === undefined) throw new Error('not acquired');
        for (let beat = 0; beat < 4; beat++) {
          await delay(600);
          expect(await store.renewLease(lease, ttlMs)).toBe(true);
        }
        expect(await other.acquireLease(key, { owner: 'b', ttlMs })).toBeUndefined();
      });

      it('ends an unrenewed lease; a stolen one can be neither renewed nor released by its earlier holder', async () => {
        const key = keyIn(fresh());
        const slept = await store.acquireLease(key, { owner: 'a', ttlMs: SHORT_TTL_MS });
        if (slept === undefined) throw new Error('not acquired');
        await delay(AFTER_SHORT_TTL_MS);
        expect(await store.renewLease(slept, 5_000)).toBe(false);
        const thief = await other.acquireLease(key, { owner: 'b', ttlMs: 5_000 });
        if (thief === undefined) throw new Error('not acquired');
        expect(thief.fence).toBeGreaterThan(slept.fence);
        expect(await store.renewLease(slept, 5_000)).toBe(false);
        expect(await store.releaseLease(slept)).toBe(false);
        expect(await other.renewLease(thief, 5_000)).toBe(true);
        await store.put(key, 'by the thief', { fence: thief.fence });
        expect(await store.put(key, 'overslept', { fence: slept.fence })).toMatchObject({ reason: 'fence' });
      });

      it('takes a lease that the same owner lost and took again for another one', async () => {
        const key = keyIn(fresh());
        const first = await store.acquireLease(key, { owner: 'a', ttlMs: 5_000 });
        if (first === undefined) throw new Error('not acquired');
        await store.releaseLease(first);
        await store.acquireLease(key, { owner: 'a', ttlMs: 5_000 });
        expect(await store.releaseLease(first)).toBe(false);
      });
    });

    describe('counters', () => {
      it('adds up without losing any, from several connections', async () => {
        const key = keyIn(fresh());
        const values = await Promise.all(
          Array.from({ length: 50 }, (_, index) => (index % 2 ? store : other).increment(key, 2)),
        );
        expect([...values].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => (index + 1) * 2));
        expect(await store.increment(key, -100)).toBe(0);
      });

      it('counts the time to live from the creation, not from the last addition', async () => {
        const key = keyIn(fresh());
        expect(await store.increment(key, 1, { ttlMs: 400 })).toBe(1);
        await delay(150);
        expect(await store.increment(key, 1, { ttlMs: 5_000 })).toBe(2);
        await delay(300);
        expect(await store.increment(key, 1, { ttlMs: 5_000 })).toBe(1);
      });

      it('keeps a counter and a record of the same name apart', async () => {
        const key = keyIn(fresh());
        await store.increment(key, 3);
        await store.put(key, 'record');
        expect(await store.increment(key, 1)).toBe(4);
        expect((await store.get(key))?.value).toBe('record');
      });

      it('are read without being changed or made', async () => {
        const partition = fresh();
        const keys = ['a', 'b', 'c'].map((id) => keyIn(partition, id));
        await store.increment(keyIn(partition, 'a'), 3);
        await store.increment(keyIn(partition, 'b'), 5, { ttlMs: SHORT_TTL_MS });
        expect(await other.counters(keys)).toEqual([3, 5, 0]);
        await delay(AFTER_SHORT_TTL_MS);
        expect(await store.counters(keys)).toEqual([3, 0, 0]);
        expect(await store.counters([])).toEqual([]);
      });
    });

    describe('watching', () => {
      it('tells of puts and deletes by this and by another connection in time, and of nothing refused', async () => {
        const partition = fresh();
        const seen: string[] = [];
        const watching = await other.watch((key) => {
          if (key?.partition === partition) seen.push(key.id);
        });
        await until(WATCH_DELAY_MS, 'not live', () => watching.live());
        await store.put(keyIn(partition, 'put'), 'x');
        await other.put(keyIn(partition, 'own'), 'x');
        await store.put(keyIn(partition, 'refused'), 'x', { expectedVersion: 99 });
        await store.delete(keyIn(partition, 'put'));
        await until(
          WATCH_DELAY_MS,
          'not told in time',
          () => new Set(seen).size === 2 && seen.filter(isPut).length >= 2,
        );
        expect(seen).not.toContain('refused');
        expect(watching.live()).toBe(true);
        await watching.close();
        expect(watching.live()).toBe(false);
        await store.put(keyIn(partition, 'later'), 'x');
        await delay(150);
        expect(seen).not.toContain('later');
      });

      it('tells other processes, and hears from them', async () => {
        const partitions = Array.from({ length: 6 }, fresh);
        const [first = ''] = partitions;
        const child = startStoreChild('watch', backend.url, first);
        const seen: string[] = [];
        const watching = await store.watch((key) => {
          if (key?.partition === first) seen.push(key.id);
        });
        await child.says('watching');
        // Several partitions: on a cluster they lie on different masters.
        for (const partition of partitions) await store.put(keyIn(partition, partition), 'x');
        await Promise.all(partitions.map((partition) => child.says(partition, WATCH_DELAY_MS)));
        const writer = startStoreChild('put', backend.url, first, 'theirs');
        expect(await writer.ended).toBe(0);
        await until(WATCH_DELAY_MS, 'not told in time', () => seen.includes('theirs'));
        child.process.stdin?.end();
        expect(await child.ended).toBe(0);
        await watching.close();
      });

      it('stays live while nothing happens', async () => {
        const watching = await store.watch(() => {});
        let lives = 0;
        for (let look = 0; look < 16; look++) {
          await delay(50);
          if (watching.live()) lives++;
        }
        // Not always: a machine that has no time for this process for a while makes it rightly not live.
        expect(lives).toBeGreaterThanOrEqual(12);
        await watching.close();
      });
    });

    it('loses no update of 100 concurrent writers in 4 processes', async () => {
      const partition = fresh();
      const children = Array.from({ length: 4 }, () => startStoreChild('increment', backend.url, partition, '25'));
      for (const child of children) expect(await child.ended).toBe(0);
      expect((await store.get(keyIn(partition, 'one', 'sum')))?.value).toBe('100');
    });

    it('answers a check', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });
  });
}

function isPut(id: string): boolean {
  return id === 'put';
}

function idsOf(records: StoredRecord[]): string[] {
  return records.map((record) => record.key.id);
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function walk(
  store: Store,
  partition: string,
  limit: number,
  order: 'ascending' | 'descending',
): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(partition, 'thing', { limit, order, ...(after !== undefined && { after }) });
    records.push(...page.records);
    after = page.next;
  } while (after !== undefined);
  return records;
}
