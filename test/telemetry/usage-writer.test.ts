import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { lastCallAt } from '../../src/domain/account-use.ts';
import { Problem } from '../../src/problems.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import type { CallFigures } from '../../src/telemetry/call-figures.ts';
import { beginOf, HOURS, MINUTES, readUsage } from '../../src/telemetry/usage-records.ts';
import { createUsageWriter, type UsageWriter } from '../../src/telemetry/usage-writer.ts';
import { type TemporarySqlite, temporarySqlite } from '../support/sqlite.ts';

const PROJECT = 'prj_p';
const START = beginOf(HOURS, Date.now());

describe('what is counted', () => {
  let sqlite: TemporarySqlite;
  let store: Store;
  let writers: UsageWriter[];
  let now: number;
  let lines: string[];
  beforeEach(async () => {
    sqlite = await temporarySqlite();
    store = await openStore({ url: sqlite.url, clock: systemClock, random: systemRandom, allowVolatile: false });
    [writers, now, lines] = [[], START, []];
  });
  afterEach(async () => {
    await Promise.all(writers.map((writer) => writer.close()));
    await store.close();
    await sqlite.remove();
  });

  function writer(putAll: Store['putAll'] = (entries) => store.putAll(entries)): UsageWriter {
    const made = createUsageWriter({
      store: { putAll },
      clock: { ...systemClock, now: () => now },
      random: systemRandom,
      logger: pino({}, { write: (line: string) => void lines.push(line) }),
    });
    writers.push(made);
    return made;
  }
  const figures = (more: Partial<CallFigures> = {}): CallFigures => ({
    ...{ project: PROJECT, account: 'acc_a', profile: 'prf_p', action: 'x_list', connector: 'x', code: null },
    ...{ corbelMs: 1, providerMs: 100, waitsMs: {}, limits: new Map([['x.api.all', 'prf_p']]) },
    ...more,
  });
  const read = (grain = MINUTES, since = START) => readUsage(store, grain, PROJECT, since);
  const callsBy = async (grain = MINUTES) => [...(await read(grain))].map(([at, { calls }]) => [at - START, calls]);

  it('is added up over processes, minutes and hours', async () => {
    const [one, other] = [writer(), writer()];
    for (let round = 0; round < 3; round += 1) {
      one.add(figures());
      other.add(figures({ code: 'provider_timeout', corbelMs: null, providerMs: null }));
      await one.flush();
      now += MINUTES.ms;
    }
    await other.flush();
    expect(await callsBy()).toEqual([
      [0, 2],
      [MINUTES.ms, 2],
      [2 * MINUTES.ms, 2],
    ]);
    const hour = (await read(HOURS)).get(START);
    expect(hour).toMatchObject({ calls: 6, errors: 3 });
    expect([...(hour?.actions ?? [])]).toEqual([['x_list', { calls: 6, errors: 3 }]]);
    expect([...(hour?.codes ?? [])]).toEqual([['provider_timeout', 3]]);
    expect([...(hour?.limits ?? [])]).toEqual(['x.api.all prf_p']);
    expect([hour?.corbelMs.total, hour?.providerMs.total]).toEqual([3, 3]);
    expect((await readUsage(store, HOURS, 'prj_other', START)).size).toBe(0);
    expect((await read(MINUTES, START + MINUTES.ms)).size).toBe(2);
  });

  it('is neither lost nor counted twice when the store fails, also after it wrote', async () => {
    let broken = true;
    const flaky = writer(async (entries) => {
      await store.putAll(entries);
      if (broken) throw new Problem('store_unavailable', 'The answer was lost.');
    });
    flaky.add(figures());
    await expect(flaky.flush()).rejects.toMatchObject({ code: 'store_unavailable' });
    flaky.add(figures());
    await expect(flaky.flush()).rejects.toMatchObject({ code: 'store_unavailable' });
    broken = false;
    await flaky.flush();
    await flaky.flush();
    expect(await callsBy()).toEqual([[0, 2]]);
    expect(await callsBy(HOURS)).toEqual([[0, 2]]);
  });

  it('counts what comes while it writes', async () => {
    const slow = writer(async (entries) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await store.putAll(entries);
    });
    slow.add(figures());
    const flushing = slow.flush();
    for (let index = 0; index < 5; index += 1) slow.add(figures());
    await flushing;
    await slow.close();
    expect(await callsBy()).toEqual([[0, 6]]);
  });

  it('notes when an account was called, once a minute', async () => {
    let written = 0;
    const counting = writer(async (entries) => {
      written += entries.filter(({ key }) => key.kind === 'account_use').length;
      await store.putAll(entries);
    });
    expect(await lastCallAt(store, PROJECT, 'acc_a')).toBeNull();
    for (let second = 0; second < 120; second += 1) {
      counting.add(figures());
      now += 1_000;
      if (second % 5 === 0) await counting.flush();
    }
    await counting.flush();
    expect(written).toBe(2);
    const at = Date.parse((await lastCallAt(store, PROJECT, 'acc_a')) ?? '');
    expect(now - at).toBeLessThanOrEqual(61_000);
    counting.add(figures({ account: null }));
    await counting.flush();
    expect(written).toBe(2);
  });
});
