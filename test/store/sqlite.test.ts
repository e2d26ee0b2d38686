import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { StoreRefused } from '../../src/store/refused.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { type RecordKey, WATCH_DELAY_MS } from '../../src/store/store.ts';
import { until } from '../support/redis.ts';
import { type TemporarySqlite, temporarySqlite } from '../support/sqlite.ts';
import { startStoreChild } from '../support/store-child-process.ts';

const KILL_ROUNDS = 3;
const key: RecordKey = { partition: 'prj_x', kind: 'thing', id: 'one' };

describe('the SQLite store', () => {
  let file: TemporarySqlite;
  const open = (clock = systemClock) => openSqliteStore({ path: file.path, clock, random: systemRandom });

  beforeEach(async () => {
    file = await temporarySqlite();
  });

  afterEach(async () => {
    await file.remove();
  });

  it('makes a file that only its owner can read, in a directory that only its owner can enter', async () => {
    const store = await open();
    await store.put(key, 'x');
    expect((await stat(dirname(file.path))).mode & 0o777).toBe(0o700);
    for (const suffix of ['', '-wal', '-shm']) {
      expect((await stat(file.path + suffix)).mode & 0o777).toBe(0o600);
    }
    await store.close();
  });

  it('closes a file that was readable by others', async () => {
    await (await open()).close();
    await chmod(file.path, 0o644);
    await (await open()).close();
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  });

  it('writes every commit through to the disk', async () => {
    const store = await open();
    const raw = new DatabaseSync(file.path);
    expect(raw.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    raw.close();
    await store.close();
  });

  it('keeps records, versions and fences over a restart', async () => {
    const first = await open();
    const { version } = await first.put(key, 'kept');
    await first.delete(key);
    const lease = await first.acquireLease(key, { owner: 'o', ttlMs: 1 });
    await first.close();
    const second = await open();
    expect((await second.put(key, 'again')).version).toBeGreaterThan(version);
    await delay(5);
    expect((await second.acquireLease(key, { owner: 'o', ttlMs: 1 }))?.fence).toBeGreaterThan(lease?.fence ?? Infinity);
    await second.close();
  });

  it('lets several processes open a new file at the same moment', async () => {
    const children = Array.from({ length: 4 }, (_, index) => startStoreChild('put', file.url, 'prj_x', `c${index}`));
    for (const child of children) expect(await child.ended).toBe(0);
    const store = await open();
    expect((await store.list('prj_x', 'watched', { limit: 10 })).records).toHaveLength(4);
    await store.close();
  });

  it('refuses a file of a newer release, and does not touch it', async () => {
    await (await open()).close();
    const raw = new DatabaseSync(file.path);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    await expect(open()).rejects.toThrow(StoreRefused);
    const again = new DatabaseSync(file.path);
    expect(again.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 99 });
    again.close();
  });

  it('is store_unavailable for what is not a database and for a path that cannot be', async () => {
    await mkdir(dirname(file.path), { recursive: true });
    await writeFile(file.path, 'this is not a database, and long enough to be looked at'.repeat(20));
    await expect(open()).rejects.toMatchObject({ code: 'store_unavailable' });
    const path = join(file.path, 'below-a-file', 'x.db');
    await expect(openSqliteStore({ path, clock: systemClock, random: systemRandom })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it('is store_unavailable after it was closed', async () => {
    const store = await open();
    await store.close();
    await expect(store.get(key)).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(store.put(key, 'x')).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(store.check()).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('finishes the writes that wait when it is closed', async () => {
    const store = await open();
    const writes = Promise.all(Array.from({ length: 50 }, (_, index) => store.put({ ...key, id: `${index}` }, 'x')));
    await store.close();
    expect((await writes).every(({ ok }) => ok)).toBe(true);
  });

  it('keeps a failing write from taking its neighbours with it', async () => {
    const store = await open();
    await store.increment(key, Number.MAX_SAFE_INTEGER);
    const raw = new DatabaseSync(file.path);
    raw.exec('UPDATE counters SET value = 9223372036854775807');
    raw.close();
    const results = await Promise.allSettled([
      store.put({ ...key, id: 'before' }, 'x'),
      store.increment(key, 1),
      store.put({ ...key, id: 'after' }, 'x'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.get({ ...key, id: 'after' }))?.value).toBe('x');
    await store.close();
  });

  it('waits for another process that is writing without keeping this one from its other work', async () => {
    const store = await open();
    const raw = new DatabaseSync(file.path);
    raw.exec('BEGIN IMMEDIATE');
    const write = store.put(key, 'x');
    let turns = 0;
    const turning = setInterval(() => turns++, 10);
    await delay(400);
    raw.exec('COMMIT');
    raw.close();
    expect(await write).toMatchObject({ ok: true });
    clearInterval(turning);
    expect(turns).toBeGreaterThan(5);
    await store.close();
  });

  it('says that changes may have been missed when it fell behind those that are kept', async () => {
    const store = await open();
    const told: unknown[] = [];
    const watching = await store.watch((changed) => told.push(changed?.id ?? '*'));
    const raw = new DatabaseSync(file.path);
    raw.exec("UPDATE sqlite_sequence SET seq = seq + 20000 WHERE name = 'changes'");
    raw.exec(
      "INSERT INTO sqlite_sequence (name, seq) SELECT 'changes', 20000 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence)",
    );
    raw.exec("INSERT INTO changes (partition, kind, id, origin) VALUES ('prj_x', 'thing', 'late', 'other')");
    raw.close();
    await until(WATCH_DELAY_MS, 'not told', () => told.length >= 2);
    expect(told).toEqual(['*', 'late']);
    await watching.close();
    await store.close();
  });

  it('keeps no more changes than it promises', async () => {
    const store = await open();
    for (let round = 0; round < 11; round++) {
      await Promise.all(Array.from({ length: 1_000 }, (_, index) => store.put({ ...key, id: `${index}` }, 'x')));
    }
    const raw = new DatabaseSync(file.path);
    expect(raw.prepare('SELECT count(*) AS count FROM changes').get()).toMatchObject({ count: 10_000 });
    raw.close();
    await store.close();
  });

  it('gives back the space of what has expired', async () => {
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const store = await open();
    await store.put(key, 'x', { ttlMs: 1 });
    await store.put({ ...key, id: 'kept' }, 'x');
    await store.acquireLease(key, { owner: 'o', ttlMs: 1 });
    await store.increment(key, 1, { ttlMs: 1 });
    await delay(5);
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    await store.close();
    const raw = new DatabaseSync(file.path);
    const count = (table: string) => raw.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count;
    expect([count('records'), count('leases'), count('counters')]).toEqual([1, 0, 0]);
    raw.close();
  });

  it('is not live when its news is old, and when the wall clock was stepped back', async () => {
    let offset = 0;
    const store = await open({ ...systemClock, now: () => Date.now() + offset });
    const watching = await store.watch(() => {});
    expect(watching.live()).toBe(true);
    offset = -3_600_000;
    expect(watching.live()).toBe(false);
    await until(WATCH_DELAY_MS, 'not live again', () => watching.live());
    const stalledUntil = performance.now() + WATCH_DELAY_MS + 50;
    while (performance.now() < stalledUntil);
    expect(watching.live()).toBe(false);
    await until(WATCH_DELAY_MS, 'not live again', () => watching.live());
    await watching.close();
    await store.close();
  });

  it(`loses no acknowledged write when its process is killed (${KILL_ROUNDS} rounds)`, async () => {
    for (let round = 0; round < KILL_ROUNDS; round++) {
      const partition = `prj_${round}`;
      const child = startStoreChild('write', file.url, partition, '8');
      await until(30_000, 'child wrote nothing', () => child.lines.length > 50);
      await delay(systemRandom.fraction() * 100);
      child.process.kill('SIGKILL');
      expect(await child.ended).toBe('SIGKILL');
      const store = await open();
      for (const id of child.lines) {
        expect((await store.get({ partition, kind: 'durable', id }))?.value).toBe(`value of ${id}`);
      }
      await store.close();
    }
  });
});
