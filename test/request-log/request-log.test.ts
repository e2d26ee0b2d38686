import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { newRequestId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/random.ts';
import type { RecordedCall } from '../../src/request-log/recorded-call.ts';
import { createRequestLog, type RequestLog, type RequestLogOptions } from '../../src/request-log/request-log.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { startRedis, until } from '../support/redis.ts';
import { temporarySqlite } from '../support/sqlite.ts';

const PROJECT = `prj_${'p'.repeat(22)}`;
const DAY_MS = 86_400_000;
const cleanUps: (() => Promise<unknown>)[] = [];
const canStartRedis = inject('redis').canStartServers;

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function opened(url: string): Promise<Store> {
  const store = await openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: true });
  cleanUps.push(() => store.close());
  return store;
}

async function sqlite(): Promise<{ url: string; path: string }> {
  const file = await temporarySqlite();
  cleanUps.push(file.remove);
  return file;
}

/** A log on a store, and the lines that it writes. */
function logOn(store: Store, options: Partial<RequestLogOptions> = {}): { log: RequestLog; lines: string[] } {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const log = createRequestLog({ store, clock: systemClock, logger, retentionMs: DAY_MS, ...options });
  cleanUps.push(() => log.close());
  return { log, lines };
}

function begin(log: RequestLog, action = 'example_list', startedAt = Date.now()): RecordedCall {
  const id = newRequestId(systemRandom, startedAt);
  const key = `key_${'k'.repeat(22)}`;
  return log.begin({ id, project: PROJECT, key, role: 'backend', correlationId: null, action, dryRun: false });
}

function finish(log: RequestLog, action?: string, startedAt?: number): RecordedCall {
  const call = begin(log, action, startedAt);
  call.end({ status: 200, problem: null, durationMs: 5 });
  return call;
}

const list = async (log: RequestLog, limit = 100) => (await log.list(PROJECT, {}, { limit })).data;

describe('the request log', () => {
  it('shows a call at once in its own process and soon in every other, each call once', async () => {
    const file = await sqlite();
    const { log } = logOn(await opened(file.url));
    const { log: other } = logOn(await opened(file.url));
    const calls = Array.from({ length: 30 }, (_, index) => finish(log, `example_${index}`));
    expect(await list(log)).toHaveLength(30);
    await until(30_000, 'not written', async () => (await list(other)).length === 30);
    const ids = calls.map(({ about }) => about.id).sort();
    expect((await list(other)).map(({ id }) => id)).toEqual([...ids].reverse());
    expect(await list(log)).toEqual(await list(other));
    for (const id of ids) expect(await other.get(PROJECT, id)).toMatchObject({ id, state: 'succeeded', status: 200 });
    expect(await other.get(`prj_${'q'.repeat(22)}`, ids[0] ?? '')).toBeUndefined();
    expect((await other.list(`prj_${'q'.repeat(22)}`, {}, { limit: 5 })).data).toEqual([]);
  });

  it('shows other processes a call that takes long while it runs, with the bytes of its upload, and its end', async () => {
    const file = await sqlite();
    const { log } = logOn(await opened(file.url));
    const { log: other } = logOn(await opened(file.url));
    const call = begin(log);
    const { id } = call.about;
    const progress = (bytes: number) =>
      call.observe({ type: 'progress', step: 'send', bytes, parts: bytes / 5, totalBytes: 100 });
    progress(5);
    expect(await log.get(PROJECT, id)).toMatchObject({ state: 'running', upload: { bytes: 5, parts: 1 } });
    await until(30_000, 'not seen', async () => (await other.get(PROJECT, id)) !== undefined);
    progress(50);
    await until(30_000, 'no progress seen', async () => (await other.get(PROJECT, id))?.upload?.bytes === 50);
    expect(await other.get(PROJECT, id)).toMatchObject({
      state: 'running',
      finished_at: null,
      duration_ms: null,
      upload: { step: 'send', bytes: 50, parts: 10, total_bytes: 100 },
    });
    call.end({ status: 502, problem: { code: 'upload_refused', fault: 'provider' }, durationMs: 2_000 });
    const ended = { state: 'failed', code: 'upload_refused', fault: 'provider', status: 502, duration_ms: 2_000 };
    expect(await log.get(PROJECT, id)).toMatchObject(ended);
    await until(30_000, 'no end seen', async () => (await other.get(PROJECT, id))?.state === 'failed');
    await delay(1_500);
    // No snapshot comes after the end.
    expect(await other.get(PROJECT, id)).toMatchObject({ ...ended, upload: { bytes: 50 } });
    expect(await list(log)).toEqual(await list(other));
  });

  it('keeps nothing when it is off, but shows what runs', async () => {
    const file = await sqlite();
    const { log } = logOn(await opened(file.url), { retentionMs: 0 });
    finish(log);
    const call = begin(log);
    expect((await list(log)).map(({ id }) => id)).toEqual([call.about.id]);
    expect(await log.get(PROJECT, call.about.id)).toMatchObject({ state: 'running' });
    call.end({ status: 200, problem: null, durationMs: 1 });
    await log.close();
    expect(await list(log)).toEqual([]);
    expect(await log.dropped(PROJECT)).toBe(0);
    expect((await (await opened(file.url)).list(PROJECT, 'request', { limit: 5 })).records).toEqual([]);
  });

  it('writes what is there when it is closed', async () => {
    const file = await sqlite();
    const store = await opened(file.url);
    const { log } = logOn(store);
    for (let index = 0; index < 1_000; index += 1) finish(log);
    await log.close();
    expect((await store.list(PROJECT, 'request', { limit: 2_000 })).records).toHaveLength(1_000);
    expect(await log.dropped(PROJECT)).toBe(0);
  });

  it('gives every record an end (SQLite)', async () => {
    const file = await sqlite();
    const { log } = logOn(await opened(file.url), { retentionMs: 3 * DAY_MS });
    finish(log);
    const before = Date.now();
    await log.close();
    const raw = new DatabaseSync(file.path);
    const rows = raw.prepare("SELECT expires_at FROM records WHERE kind = 'request'").all();
    raw.close();
    expect(rows).toHaveLength(1);
    expect(Number(rows[0]?.expires_at) - 3 * DAY_MS).toBeGreaterThanOrEqual(before - 1_000);
    expect(Number(rows[0]?.expires_at) - 3 * DAY_MS).toBeLessThanOrEqual(Date.now());
  });

  it.skipIf(!canStartRedis)('gives every record an end (Redis)', async () => {
    const server = await startRedis();
    cleanUps.push(() => server.stop({ kill: true }));
    const { log } = logOn(await opened(server.url), { retentionMs: 3 * DAY_MS });
    const { id } = finish(log).about;
    await log.close();
    const raw = new Redis(server.url);
    const left = await raw.pttl(`corbel:{${PROJECT}}:r:request:${id}`);
    raw.disconnect();
    expect(left).toBeGreaterThan(3 * DAY_MS - 20_000);
    expect(left).toBeLessThanOrEqual(3 * DAY_MS);
  });

  it('looks through 2,000 records for a page, and goes on from there', async () => {
    const file = await sqlite();
    const { log } = logOn(await opened(file.url));
    const now = Date.now();
    for (let index = 0; index < 4_500; index += 1) {
      finish(log, index === 10 || index === 3_000 ? 'example_rare' : 'example_often', now - index);
    }
    await log.close();
    const filters = { action: 'example_rare' };
    const found: number[] = [];
    let next: string | undefined;
    do {
      const page = await log.list(PROJECT, filters, { limit: 25, next });
      found.push(page.data.length);
      next = page.next ?? undefined;
    } while (next !== undefined);
    expect(found).toEqual([1, 1, 0]);
    const since = { ...filters, since: now - 10, until: now - 10 };
    expect(await log.list(PROJECT, since, { limit: 25 })).toMatchObject({
      data: [{ action: 'example_rare' }],
      next: null,
    });
    expect((await log.list(PROJECT, { since: now - 9 }, { limit: 100 })).data).toHaveLength(10);
    expect((await log.list(PROJECT, { until: now - 4_495 }, { limit: 100 })).data).toHaveLength(5);
  });
});

describe('a request log whose store does not answer', () => {
  it.skipIf(!canStartRedis)('keeps the newest, counts what it drops, and says so in one line', async () => {
    let server = await startRedis();
    cleanUps.push(() => server.stop({ kill: true }));
    const store = await opened(server.url);
    const { log, lines } = logOn(store, { bufferRecords: 10 });
    finish(log, 'example_before');
    await until(
      5_000,
      'not written',
      async () => (await store.list(PROJECT, 'request', { limit: 5 })).records.length === 1,
    );

    await server.stop({ kill: true, keepData: true });
    for (let index = 0; index < 25; index += 1) {
      finish(log, `example_${index}`);
      await delay(20);
    }
    await expect(list(log)).rejects.toMatchObject({ code: 'store_unavailable' });
    server = await startRedis({ port: server.port, dir: server.dir });

    const kept = Array.from({ length: 10 }, (_, index) => `example_${24 - index}`);
    const { log: other } = logOn(await opened(server.url));
    await until(30_000, 'not written', async () => (await list(other)).length === 11);
    expect((await list(other)).map(({ action }) => action)).toEqual([...kept, 'example_before']);
    await until(30_000, 'not counted', async () => (await other.dropped(PROJECT)) === 15);
    expect(await log.dropped(PROJECT)).toBe(15);
    await log.close();
    const warnings = lines.map((line) => JSON.parse(line)).filter(({ dropped }) => dropped !== undefined);
    expect(warnings.length).toBeLessThanOrEqual(2);
    expect(warnings.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(15);
  });

  it('gives up after five seconds when it is closed, and says how many are lost', async () => {
    const file = await sqlite();
    const store = await openStore({ url: file.url, clock: systemClock, random: systemRandom, allowVolatile: true });
    const { log, lines } = logOn(store);
    await store.close();
    for (let index = 0; index < 7; index += 1) finish(log);
    const since = performance.now();
    await log.close();
    expect(performance.now() - since).toBeLessThan(6_000);
    expect(lines.map((line) => JSON.parse(line).dropped)).toEqual([7]);
  });
});
