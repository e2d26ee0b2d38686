import { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { StoreRefused } from '../../src/store/refused.ts';
import { startRedis } from '../support/redis.ts';

const { canStartServers } = inject('redis');

describe.skipIf(!canStartServers)('the Redis policy at start', () => {
  const open = (url: string, allowVolatile = false) =>
    openStore({ url, clock: systemClock, random: systemRandom, allowVolatile });

  it('takes a Redis that persists and never evicts', async () => {
    await withRedis([], async ({ url }) => {
      const store = await open(url);
      await expect(store.check()).resolves.toBeUndefined();
      await store.close();
    });
  });

  it.each([
    ['appends nothing to disk', ['--appendonly', 'no'], /appendonly yes/],
    ['only writes snapshots', ['--appendonly', 'no', '--save', '60 1'], /appendonly yes/],
    ['evicts', ['--maxmemory-policy', 'allkeys-lru'], /noeviction/],
    [
      'tells nothing',
      ['--rename-command', 'CONFIG', '', '--user', ...'default on nopass ~* &* +@all -info'.split(' ')],
      /CONFIG GET/,
    ],
  ])('refuses one that %s, unless told otherwise', async (_what, args, remedy) => {
    await withRedis(args, async ({ url }) => {
      await expect(open(url)).rejects.toThrow(StoreRefused);
      await expect(open(url)).rejects.toThrow(remedy);
      const store = await open(url, true);
      await expect(store.check()).resolves.toBeUndefined();
      await store.close();
    });
  });

  it('reads INFO where CONFIG is closed, as managed services have it', async () => {
    await withRedis(['--rename-command', 'CONFIG', ''], async ({ url }) => {
      await (await open(url)).close();
    });
    await withRedis(['--rename-command', 'CONFIG', '', '--appendonly', 'no'], async ({ url }) => {
      await expect(open(url)).rejects.toThrow(/appendonly yes/);
    });
  });

  it('refuses wrong credentials at once, and names neither them nor the address', async () => {
    await withRedis([], async ({ url, port }) => {
      const admin = new Redis(url);
      await admin.call('ACL', 'SETUSER', 'corbel', 'on', '>right-password', '~*', '&*', '+@all');
      admin.disconnect();
      await (await open(`redis://corbel:right-password@127.0.0.1:${port}`)).close();
      const failure = await open(`redis://corbel:wrong-password@127.0.0.1:${port}`).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StoreRefused);
      expect(JSON.stringify([failure, String(failure), (failure as Error).stack])).not.toMatch(
        /wrong-password|redis:\/\//,
      );
    });
  });
});

async function withRedis(
  args: string[],
  test: (server: { url: string; port: number }) => Promise<void>,
): Promise<void> {
  const server = await startRedis({ args });
  try {
    await test(server);
  } finally {
    await server.stop({ kill: true });
  }
}
