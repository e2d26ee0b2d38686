import type { InspectionOptions, StoreInspection } from './inspection.ts';
import { answered, keysOf } from './redis.ts';
import { connectRedis, type RedisMaster } from './redis-connection.ts';
import { policyFault } from './redis-policy.ts';
import { parseRedisUrl } from './redis-url.ts';
import type { StoredRecord } from './store.ts';

/** Connects to a Redis to look at it. The script that the store lists with tidies up on its way; this one leaves all as it is. */
export async function inspectRedis({ url, prefix, clock, withinMs }: InspectionOptions): Promise<StoreInspection> {
  const connection = await connectRedis(parseRedisUrl(url), undefined, withinMs);
  const { client } = connection;
  const commands = (master: RedisMaster) => {
    if (!master.commands) throw new Error('no connection to a master');
    return master.commands;
  };
  return {
    kind: 'redis',
    async list(partition, kind, { limit, after }) {
      const { records: base, index, member } = keysOf(prefix, { partition, kind, id: '' });
      const from = after === undefined ? '-' : `(${after}`;
      const ids = await answered(() => client.zrangebylex(index, from, '+', 'LIMIT', 0, limit + 1));
      const read = await Promise.all(
        ids.slice(0, limit).map(async (id): Promise<StoredRecord[]> => {
          const [value, version] = await answered(() => client.hmget(`${base}${member}${id}`, 'v', 'n'));
          return value == null ? [] : [{ key: { partition, kind, id }, value, version: Number(version) }];
        }),
      );
      const last = ids[limit - 1];
      return { records: read.flat(), ...(ids.length > limit && last !== undefined && { next: last }) };
    },
    async ping() {
      const started = performance.now();
      for (const master of connection.masters()) await answered(async () => commands(master).ping());
      return performance.now() - started;
    },
    async fault() {
      for (const master of connection.masters()) {
        const found = await policyFault(commands(master));
        if (found !== undefined) return found;
      }
      return undefined;
    },
    async time() {
      const [first] = connection.masters();
      if (!first) return undefined;
      const asked = clock.now();
      const [seconds, microseconds] = await answered(async () => commands(first).time());
      // It was told somewhere between asking and hearing.
      const wayMs = (clock.now() - asked) / 2;
      return Number(seconds) * 1_000 + Number(microseconds) / 1_000 + wayMs;
    },
    close: () => connection.close(),
  };
}
