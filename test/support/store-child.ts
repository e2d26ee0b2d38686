import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import type { RecordKey, Store } from '../../src/store/store.ts';

/**
 * A process of its own at a store, for the tests: `node store-child.ts <mode> <url> <partition> [number]`.
 * What it has to say goes to the standard output, one line each.
 */
const [mode = '', url = '', partition = '', number = '1'] = process.argv.slice(2);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** `number` concurrent writers, each adding one by compare-and-set until it succeeds. */
async function increment(store: Store): Promise<void> {
  const key: RecordKey = { partition, kind: 'sum', id: 'one' };
  const writer = async () => {
    for (;;) {
      const current = await store.get(key);
      const value = String(Number(current?.value ?? 0) + 1);
      const { ok } = await store.put(key, value, { expectedVersion: current?.version ?? 0 });
      if (ok) return;
      await delay(systemRandom.fraction() * 5);
    }
  };
  await Promise.all(Array.from({ length: Number(number) }, writer));
}

/** Writes records one after the other, naming each as soon as it is acknowledged, until it is killed. */
async function writeForever(store: Store): Promise<void> {
  const lane = async (name: number) => {
    for (let index = 0; ; index++) {
      const id = `${name}-${index}`;
      const { ok } = await store.put({ partition, kind: 'durable', id }, `value of ${id}`);
      if (ok) say(id);
    }
  };
  await Promise.all(Array.from({ length: Number(number) }, (_, name) => lane(name)));
}

/** Names the id of every change, `*` when some may have been missed, until its input ends. */
async function watch(store: Store): Promise<void> {
  const watching = await store.watch((key) => say(key === undefined ? '*' : key.id));
  say('watching');
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  await watching.close();
}

async function put(store: Store): Promise<void> {
  await store.put({ partition, kind: 'watched', id: number }, 'from another process');
}

const store = await openStore({ url, clock: systemClock, random: systemRandom, allowVolatile: true });
const modes: Record<string, (store: Store) => Promise<void>> = { increment, write: writeForever, watch, put };
await modes[mode]?.(store);
await store.close();
