import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/secret.ts';
import type { Store } from '../../src/store/store.ts';
import { checkCanary, WrongKeyError } from '../../src/vault/canary.ts';
import { rotate } from '../../src/vault/rotate.ts';
import { openRecord, parseSealedRecord, sealRecord } from '../../src/vault/sealed-records.ts';
import { newKey, type StoreFile, storeFile, vaultOf } from './support/fixture.ts';

const OLD = newKey('old');
const NEW = newKey('new');
const BOTH = `${NEW},${OLD}`;
const PARTITION = 'prj_1';

describe('a rotation of the keys', () => {
  let file: StoreFile;
  let store: Store;
  beforeEach(async () => {
    file = storeFile();
    store = await file.open();
    await checkCanary(store, vaultOf(OLD));
  });
  afterEach(() => file.remove());

  it('moves every secret under the new key, its generation kept, and lets the old key go', async () => {
    await fill(store, 450);
    await writeToken(store);
    await checkCanary(store, vaultOf(BOTH));
    const seen: number[] = [];
    const result = await rotate(store, vaultOf(BOTH), {
      partitions: partitions(),
      onProgress: ({ examined }) => seen.push(examined),
    });
    expect(result).toMatchObject({ resealed: 450, deleted: 1, failed: 0, remaining: 0 });
    expect(seen).toHaveLength(result.examined);
    await checkCanary(store, vaultOf(NEW));
    await expectAllReadable(store, NEW, 450);
    expect(await store.get(TOKEN_KEY)).toBeUndefined();
    await expect(checkCanary(store, vaultOf(OLD))).rejects.toBeInstanceOf(WrongKeyError);
  });

  it('changes nothing when everything is under the primary key', async () => {
    await fill(store, 5);
    const before = await store.get(profileKey(0));
    expect(await rotate(store, vaultOf(OLD), { partitions: partitions() })).toMatchObject({
      resealed: 0,
      remaining: 0,
    });
    expect(await store.get(profileKey(0))).toEqual(before);
  });

  it('keeps the old key needed while a record cannot be moved', async () => {
    await fill(store, 3);
    const record = await store.get(profileKey(1));
    const damaged = { ...parseSealedRecord(record?.value ?? ''), generation: 99 };
    await store.put(profileKey(1), JSON.stringify(damaged));
    await checkCanary(store, vaultOf(BOTH));
    const result = await rotate(store, vaultOf(BOTH), { partitions: partitions() });
    expect(result).toMatchObject({ resealed: 2, failed: 1, remaining: 1 });
    await expect(checkCanary(store, vaultOf(NEW))).rejects.toBeInstanceOf(WrongKeyError);
  });

  it('loses no write of three other processes that change the same records meanwhile', async () => {
    const count = 150;
    await fill(store, count);
    await checkCanary(store, vaultOf(BOTH));
    const writers = await Promise.all([1, 2, 3].map(() => start('writer-process', BOTH, PARTITION, String(count))));
    await delay(100);
    const result = await rotate(store, vaultOf(BOTH), { partitions: partitions() });
    const totals = new Array<number>(count).fill(0);
    for (const writer of writers) {
      writer.send('stop');
      const [acknowledged]: number[][] = await once(writer, 'message');
      acknowledged?.forEach((writes, index) => {
        totals[index] = (totals[index] ?? 0) + writes;
      });
    }
    expect(result).toMatchObject({ failed: 0, remaining: 0 });
    expect(totals.reduce((sum, writes) => sum + writes, 0)).toBeGreaterThan(0);
    await expectAllReadable(store, NEW, count, (index) => 1 + (totals[index] ?? 0));
  });

  it('may be killed at any point and run again', async () => {
    const count = 900;
    await fill(store, count);
    await checkCanary(store, vaultOf(BOTH));
    for (let round = 0; round < 4; round++) {
      const child = await start('rotate-process', BOTH, PARTITION);
      const ended = once(child, 'exit');
      await delay(round * 2);
      child.kill('SIGKILL');
      await ended;
      await expectAllReadable(store, BOTH, count);
    }
    const result = await rotate(store, vaultOf(BOTH), { partitions: partitions() });
    expect(result).toMatchObject({ failed: 0, remaining: 0 });
    expect(result.resealed).toBeLessThan(count);
    await checkCanary(store, vaultOf(NEW));
    await expectAllReadable(store, NEW, count);
  });

  it('leaves no secret in clear in the files of the store', async () => {
    await fill(store, 20);
    await checkCanary(store, vaultOf(BOTH));
    await rotate(store, vaultOf(BOTH), { partitions: partitions() });
    const bytes = Buffer.concat(['', '-wal'].map((suffix) => readIfThere(file.path + suffix)));
    expect(bytes.length).toBeGreaterThan(1000);
    for (const form of ['latin1', 'base64', 'hex'] as const) {
      expect(bytes.includes(Buffer.from('secret-7-1').toString(form))).toBe(false);
    }
  });

  function start(program: string, ...args: string[]): Promise<ChildProcess> {
    const child = fork(new URL(`./support/${program}.ts`, import.meta.url), [file.path, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new Promise((resolve, reject) => {
      child.once('message', () => resolve(child));
      child.once('exit', (code) => reject(new Error(`exit ${code}`)));
    });
  }
});

const TOKEN_KEY = { partition: PARTITION, kind: 'app_token', id: 't' };

async function fill(store: Store, count: number): Promise<void> {
  const vault = vaultOf(OLD);
  const indexes = Array.from({ length: count }, (_, index) => index);
  await Promise.all(
    indexes.map((index) => {
      const record = { generation: 1, name: `profile ${index}`, client_secret: new Secret(`secret-${index}-1`) };
      return store.put(profileKey(index), sealRecord(vault, profileKey(index), record));
    }),
  );
}

async function writeToken(store: Store): Promise<void> {
  const record = { generation: 1, access_token: new Secret('token') };
  await store.put(TOKEN_KEY, sealRecord(vaultOf(OLD), TOKEN_KEY, record), { ttlMs: 60_000 });
}

async function expectAllReadable(
  store: Store,
  ring: string,
  count: number,
  generationOf: (index: number) => number = () => 1,
): Promise<void> {
  const vault = vaultOf(ring);
  const wrong: number[] = [];
  for (let index = 0; index < count; index++) {
    const record = await store.get(profileKey(index));
    const { generation, client_secret } = openRecord(vault, profileKey(index), record?.value ?? '');
    const text = client_secret instanceof Secret ? client_secret.reveal() : undefined;
    if (generation !== generationOf(index) || text !== `secret-${index}-${generation}`) wrong.push(index);
  }
  expect(wrong).toEqual([]);
}

function profileKey(index: number) {
  return { partition: PARTITION, kind: 'connector_profile', id: `p${index}` };
}

async function* partitions() {
  yield PARTITION;
}

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
