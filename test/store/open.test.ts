import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { StoreRefused } from '../../src/store/refused.ts';
import { temporarySqlite } from '../support/sqlite.ts';

describe('opening a store by its address', () => {
  const open = (url: string) => openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: false });

  it.each(['', 'postgres://u:hunter2@h/db', 'sqlite', 'sqlite:', 'redis:h', 'redisx://h', '/var/lib/x.db'])(
    'refuses %j',
    async (url) => {
      const failure = await open(url).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StoreRefused);
      expect(String(failure)).not.toContain('hunter2');
    },
  );

  it('opens a SQLite file', async () => {
    const { url, remove } = await temporarySqlite();
    const store = await open(url);
    expect(store.kind).toBe('sqlite');
    await store.close();
    await remove();
  });
});
