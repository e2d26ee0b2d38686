import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { createRecordCache, type RecordCache } from '../../src/store/record-cache.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { type RecordKey, type Store, type StoredRecord, WATCH_DELAY_MS } from '../../src/store/store.ts';
import { type TemporarySqlite, temporarySqlite } from '../support/sqlite.ts';

const key: RecordKey = { partition: 'prj_a', kind: 'k', id: 'x' };
const parse = ({ value }: StoredRecord) => ({ value });

describe('the record cache', () => {
  let file: TemporarySqlite;
  let store: Store;
  let elsewhere: Store;
  let cache: RecordCache;

  beforeEach(async () => {
    file = await temporarySqlite();
    const open = () => openSqliteStore({ path: file.path, clock: systemClock, random: systemRandom });
    store = await open();
    elsewhere = await open();
    cache = await createRecordCache(store);
  });
  afterEach(async () => {
    await cache.close();
    await store.close();
    await elsewhere.close();
    await file.remove();
  });

  it('gives the same value again without parsing it again', async () => {
    await store.put(key, 'a');
    await vi.waitFor(async () => expect(await cache.get(key, parse)).toBe(await cache.get(key, parse)));
    expect(await cache.get(key, parse)).toEqual({ value: 'a' });
  });

  it('sees a change by another process within the delay that the watch promises', async () => {
    await store.put(key, 'a');
    await cache.get(key, parse);
    await elsewhere.put(key, 'b');
    const before = Date.now();
    await vi.waitFor(async () => expect(await cache.get(key, parse)).toEqual({ value: 'b' }), {
      timeout: 5_000,
      interval: 10,
    });
    expect(Date.now() - before).toBeLessThan(WATCH_DELAY_MS + 250);
  });

  it('forgets what was deleted, and does not remember what is absent', async () => {
    expect(await cache.get(key, parse)).toBeUndefined();
    await store.put(key, 'a');
    expect(await cache.get(key, parse)).toEqual({ value: 'a' });
    await elsewhere.delete(key);
    await vi.waitFor(async () => expect(await cache.get(key, parse)).toBeUndefined(), { timeout: 5_000 });
  });

  it('does not remember a value that was overtaken by a change while it was read', async () => {
    await store.put(key, 'old');
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let slow = true;
    const slowStore: Store = Object.create(store, {
      get: {
        value: async (wanted: RecordKey) => {
          const record = await store.get(wanted);
          if (slow) await held;
          return record;
        },
      },
      watch: { value: (onChange: Parameters<Store['watch']>[0]) => store.watch(onChange) },
    });
    const slowCache = await createRecordCache(slowStore);
    const reading = slowCache.get(key, parse);
    await store.put(key, 'new');
    // The notice of the change arrives while the read still holds the old value.
    await systemClock.sleep(WATCH_DELAY_MS);
    slow = false;
    release();
    expect(await reading).toEqual({ value: 'old' });
    expect(await slowCache.get(key, parse)).toEqual({ value: 'new' });
    await slowCache.close();
  });
});
