import { Redis } from 'ioredis';

const SCAN_COUNT = 500;

/** Removes every key with the demo's prefix from a single Redis; other kinds are left to their owner. */
export async function forgetPrefix(url: string, prefix: string): Promise<void> {
  if (!/^rediss?:/.test(url)) return;
  const redis = new Redis(url, { maxRetriesPerRequest: 1, lazyConnect: true });
  try {
    await redis.connect();
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: SCAN_COUNT }) as AsyncIterable<string[]>) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
  } catch {
    process.stderr.write(`The demo's records under ${prefix}: could not be removed.\n`);
  } finally {
    redis.disconnect();
  }
}
