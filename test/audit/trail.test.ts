import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Audit, createAudit } from '../../src/audit/audit.ts';
import { auditEntry, SERVER } from '../../src/audit/entries.ts';
import { pendingBefore } from '../../src/audit/pending.ts';
import { prune } from '../../src/audit/prune.ts';
import { listAudit } from '../../src/audit/read.ts';
import { verifyAudit } from '../../src/audit/verify.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import {
  AUDIT_KIND,
  type AuditRecord,
  auditHash,
  auditPlaceId,
  canonicalJson,
  GENESIS_HASH,
} from '../../src/domain/audit-record.ts';
import { newId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/random.ts';
import { openStore } from '../../src/store/open.ts';
import { DEFAULT_PREFIX, keysOf } from '../../src/store/redis.ts';
import type { RecordKey, Store } from '../../src/store/store.ts';
import { parseKeyRing } from '../../src/vault/key-ring.ts';
import { rotate } from '../../src/vault/rotate.ts';
import { createVault } from '../../src/vault/vault.ts';
import { until } from '../support/redis.ts';
import { encryptionKey } from '../support/server.ts';
import { temporarySqlite } from '../support/sqlite.ts';

const CHILD = fileURLToPath(new URL('../support/audit-child.ts', import.meta.url));
const DAY_MS = 24 * 60 * 60_000;

/** Somebody with the store's own tools, past Corbel. */
interface Intruder {
  read(key: RecordKey): Promise<string>;
  write(key: RecordKey, value: string): Promise<void>;
  remove(key: RecordKey): Promise<void>;
  close(): Promise<void>;
}

interface Backend {
  url: string;
  intruder: Intruder;
  stop(): Promise<void>;
}

const redisUrl = inject('redis').url;
suite('SQLite', false, async () => {
  const { path, url, remove } = await temporarySqlite();
  return { url, intruder: sqliteIntruder(path), stop: remove };
});
suite('Redis', redisUrl === undefined, async () => ({
  url: redisUrl ?? '',
  intruder: redisIntruder(redisUrl ?? ''),
  stop: async () => {},
}));

function suite(name: string, skip: boolean, start: () => Promise<Backend>): void {
  describe.skipIf(skip)(`the audit trail on ${name}`, () => {
    const keys = encryptionKey('k1');
    const vault = createVault(parseKeyRing(keys), systemRandom);
    let offset = 0;
    const clock: Clock = { now: () => Date.now() + offset, sleep: systemClock.sleep };
    const environment = { clock, random: systemRandom, logger: pino({ level: 'silent' }) };
    let backend: Backend;
    let store: Store;
    let audit: Audit;
    let project: string;

    beforeAll(async () => {
      backend = await start();
      store = await openStore({ url: backend.url, ...environment, allowVolatile: true });
      audit = createAudit({ store, vault, ...environment }, { retentionMs: 0, upkeep: false });
    });
    beforeEach(() => {
      offset = 0;
      project = newId(systemRandom, 'prj');
    });
    afterAll(async () => {
      await audit?.close();
      await backend?.intruder.close();
      await store?.close();
      await backend?.stop();
    });

    const entry = (action = 'thing.changed') => auditEntry(environment, SERVER, { action, target: null });
    async function write(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1) await audit.finish(project, entry());
    }
    const verify = () => verifyAudit(store, vault, project);
    const at = (seq: number): RecordKey => ({ partition: project, kind: AUDIT_KIND, id: auditPlaceId(seq) });
    const head = (): RecordKey => ({ partition: project, kind: 'audit_head', id: 'head' });
    const record = async (seq: number): Promise<AuditRecord> => JSON.parse(await backend.intruder.read(at(seq)));
    const replace = (seq: number, value: AuditRecord) => backend.intruder.write(at(seq), JSON.stringify(value));
    const rehashed = (value: AuditRecord): AuditRecord => ({ ...value, hash: auditHash(value) });
    async function all(): Promise<AuditRecord[]> {
      const { records } = await store.list(project, AUDIT_KIND, { limit: 10_000 });
      return records.map(({ value }) => JSON.parse(value));
    }

    it('is empty at first, and a chain from its first record on', async () => {
      expect(await verify()).toEqual({ project, records: 0, first_seq: null, last_seq: null, finding: null });
      await write(3);
      expect(await verify()).toEqual({ project, records: 3, first_seq: 1, last_seq: 3, finding: null });
      const [first, second, third] = await all();
      expect([first?.previous_hash, second?.previous_hash, third?.previous_hash]).toEqual([
        GENESIS_HASH,
        first?.hash,
        second?.hash,
      ]);
    });

    it.each<[string, string, number | null, () => Promise<void>]>([
      ['a changed record', 'changed', 3, async () => replace(3, { ...(await record(3)), action: 'thing.looked_at' })],
      ['a record without sense', 'changed', 3, () => backend.intruder.write(at(3), 'nonsense')],
      ['an added member', 'changed', 3, async () => replace(3, { ...(await record(3)), more: 1 } as never)],
      [
        'a changed record with a hash that fits',
        'replaced',
        4,
        async () => replace(3, rehashed({ ...(await record(3)), action: 'thing.looked_at' })),
      ],
      [
        'a changed last record with a hash that fits',
        'replaced',
        6,
        async () => replace(6, rehashed({ ...(await record(6)), action: 'thing.looked_at' })),
      ],
      ['a removed record', 'removed', 3, () => backend.intruder.remove(at(3))],
      ['a removed beginning', 'removed', 1, () => backend.intruder.remove(at(1))],
      [
        'a removed record, the others moved up',
        'reordered',
        3,
        async () => {
          for (const seq of [3, 4, 5]) await replace(seq, await record(seq + 1));
          await backend.intruder.remove(at(6));
        },
      ],
      [
        'records that changed places',
        'reordered',
        2,
        async () => {
          const [one, other] = [await record(2), await record(4)];
          await replace(2, other);
          await replace(4, one);
        },
      ],
      [
        'an inserted record at a place of its own',
        'inserted',
        4,
        async () => backend.intruder.write({ ...at(3), id: `${at(3).id}a` }, JSON.stringify(await record(3))),
      ],
      [
        'an inserted record, the others moved down',
        'replaced',
        4,
        async () => {
          for (const seq of [6, 5, 4, 3]) await replace(seq + 1, rehashed({ ...(await record(seq)), seq: seq + 1 }));
          await replace(3, rehashed({ ...(await record(3)), action: 'thing.invented' }));
        },
      ],
      [
        'a record that fits behind the end',
        'inserted',
        7,
        async () => {
          const last = await record(6);
          await replace(7, rehashed({ ...last, seq: 7, previous_hash: last.hash }));
        },
      ],
      ['a cut end', 'truncated', 6, () => backend.intruder.remove(at(6))],
      [
        'nothing left but the head',
        'truncated',
        1,
        async () => {
          for (const seq of [1, 2, 3, 4, 5, 6]) await backend.intruder.remove(at(seq));
        },
      ],
      ['a removed head', 'head_missing', null, () => backend.intruder.remove(head())],
      [
        'a cut end with a head that was made to fit',
        'head_counterfeit',
        null,
        async () => {
          await backend.intruder.remove(at(6));
          const state = createVault(parseKeyRing(encryptionKey('k1')), systemRandom).seal('{"seq":5}', {
            ...head(),
            field: 'state',
            generation: 5,
          });
          await backend.intruder.write(head(), JSON.stringify({ generation: 5, state }));
        },
      ],
      [
        "another project's head",
        'head_counterfeit',
        null,
        async () => {
          const own = project;
          project = newId(systemRandom, 'prj');
          await write(2);
          const other = await backend.intruder.read(head());
          project = own;
          await backend.intruder.write(head(), other);
        },
      ],
    ])('shows %s', async (_title, fault, seq, tamper) => {
      await write(6);
      expect((await verify()).finding).toBeNull();
      await tamper();
      const { finding } = await verify();
      expect([finding?.fault, finding?.seq]).toEqual([fault, seq]);
    });

    it.each(['removed', 'counterfeit'])(
      'is written on when its head was %s, and shows the break for good',
      async (how) => {
        await write(3);
        if (how === 'removed') await backend.intruder.remove(head());
        else await backend.intruder.write(head(), JSON.stringify({ generation: 3, state: 'x' }));
        await write(2);
        expect((await all()).map(({ action }) => action)).toEqual([
          ...Array.from({ length: 3 }, () => 'thing.changed'),
          'audit.begun_anew',
          ...Array.from({ length: 2 }, () => 'thing.changed'),
        ]);
        expect((await verify()).finding).toMatchObject({ fault: 'begun_anew', seq: 4 });
      },
    );

    it('gives 8 writers in 2 processes places without a gap, each entry once', async () => {
      const children = [child(8, 12), child(8, 12)];
      const codes = await Promise.all(children.map(({ ended }) => ended));
      expect(codes).toEqual([0, 0]);
      const done = children.flatMap(({ lines }) => lines.filter((line) => line.startsWith('done ')));
      expect(done).toHaveLength(192);
      const records = await all();
      expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 192 }, (_, index) => index + 1));
      expect(records.map(({ id }) => `done ${id}`).sort()).toEqual(done.sort());
      expect(await verify()).toMatchObject({ records: 192, finding: null });
    });

    it('is whole after kill -9, and what was begun comes into it', async () => {
      const children = [child(4, 0), child(4, 0)];
      const linesOf = (word: string) =>
        children.flatMap(({ lines }) =>
          lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : [])),
        );
      await until(15_000, 'nothing written', () => linesOf('done').length > 40);
      expect((await verify()).finding).toBeNull();
      for (const { process } of children) process.kill('SIGKILL');
      await Promise.all(children.map(({ ended }) => ended));
      expect((await verify()).finding).toBeNull();
      const written = new Set((await all()).map(({ id }) => id));
      expect(linesOf('done').filter((id) => !written.has(id))).toEqual([]);

      offset = 10 * 60_000;
      const keeper = createAudit({ store, vault, ...environment }, { retentionMs: 0, upkeep: false });
      await keeper.settle();
      await keeper.settle();
      await keeper.close();
      const after = await all();
      expect(linesOf('begun').filter((id) => !after.some((found) => found.id === id))).toEqual([]);
      expect(new Set(after.map(({ id }) => id)).size).toBe(after.length);
      expect((await verify()).finding).toBeNull();
      for await (const pending of pendingBefore({ store, vault, logger: environment.logger }, clock.now()))
        expect(pending.project).not.toBe(project);
    });

    it('takes nothing from what somebody without the keys left as begun', async () => {
      const forged = { ...entry('api_key.revoked'), at: new Date(clock.now()).toISOString() };
      const key = { partition: 'global', kind: 'audit_pending', id: forged.id };
      await store.put(key, JSON.stringify({ project, entry: forged }));
      const true_ = entry('api_key.created');
      await audit.begin(project, true_);
      offset = 10 * 60_000;
      await audit.settle();
      expect((await all()).map(({ id, outcome }) => [id, outcome])).toEqual([[true_.id, 'unknown']]);
      await store.delete(key);
    });

    it('is listed, written and verified though somebody left what is no record', async () => {
      await write(3);
      for (const wreck of ['no JSON', '{}', 'null', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`]) {
        await backend.intruder.write(at(2), wreck);
        const { data } = await listAudit(store, project, { action: 'thing' }, { limit: 10, next: undefined });
        expect(data.map(({ seq }) => seq)).toEqual([3, 1]);
        const until = clock.now() - 20 * 60_000;
        expect((await listAudit(store, project, { until }, { limit: 10, next: undefined })).data).toEqual([]);
        expect((await verify()).finding).toMatchObject({ fault: 'changed', seq: 2 });
      }
      await backend.intruder.write(at(3), 'no JSON');
      const begun = entry();
      await audit.begin(project, begun);
      offset = 10 * 60_000;
      await audit.settle();
      expect(JSON.parse((await store.get(at(4)))?.value ?? '{}').id).toBe(begun.id);
    });

    it('stays a chain when what is old is removed', async () => {
      await write(5);
      offset = 2 * DAY_MS;
      await write(4);
      const deps = { store, vault, ...environment };
      expect(await prune(deps, project, clock.now() - DAY_MS)).toBe(5);
      expect(await prune(deps, project, clock.now() - DAY_MS)).toBe(0);
      expect(await verify()).toMatchObject({ records: 5, first_seq: 6, last_seq: 10, finding: null });
      expect((await record(10)).details).toEqual({ first: '1', last: '5' });
      // All of it, but for the record that tells of it.
      offset = 9 * DAY_MS;
      await prune(deps, project, clock.now() - DAY_MS);
      await write(1);
      expect((await verify()).finding).toBeNull();
      await backend.intruder.remove(at((await verify()).first_seq ?? 0));
      expect((await verify()).finding?.fault).toBe('removed');
    });

    it('keeps what is old when it does not fit', async () => {
      await write(5);
      await replace(3, { ...(await record(3)), at: '2020-01-01T00:00:00.000Z' });
      offset = 2 * DAY_MS;
      expect(await prune({ store, vault, ...environment }, project, clock.now() - DAY_MS)).toBe(2);
      expect((await verify()).finding).toMatchObject({ fault: 'changed', seq: 3 });
      expect(await prune({ store, vault, ...environment }, project, clock.now() - DAY_MS)).toBe(0);
    });

    it('is verified with another encryption key after a rotation', async () => {
      await write(3);
      const ring = parseKeyRing(`${encryptionKey('k2')},${keys}`);
      const after = createVault(ring, systemRandom);
      const partitions = (async function* () {
        yield project;
      })();
      expect((await rotate(store, after, { partitions })).resealed).toBeGreaterThan(0);
      expect((await verifyAudit(store, after, project)).finding).toBeNull();
      expect((await verify()).finding?.fault).toBe('head_counterfeit');
    });

    it('is listed newest first, by filters and by pages', async () => {
      const times: number[] = [];
      for (let index = 0; index < 30; index += 1) {
        offset = index * 60 * 60_000;
        times.push(clock.now());
        await audit.finish(project, entry(index % 3 === 0 ? 'account.updated' : 'profile.updated'));
      }
      const page = async (filters: object, next?: string) => listAudit(store, project, filters, { limit: 4, next });
      const first = await page({});
      expect(first.data.map(({ seq }) => seq)).toEqual([30, 29, 28, 27]);
      const second = await page({}, first.next ?? '');
      expect(second.data.map(({ seq }) => seq)).toEqual([26, 25, 24, 23]);
      const seqsOf = async (filters: object) => {
        const found: number[] = [];
        let next: string | undefined;
        do {
          const got = await page(filters, next);
          found.push(...got.data.map(({ seq }) => seq));
          next = got.next ?? undefined;
        } while (next !== undefined);
        return found;
      };
      expect(await seqsOf({ action: 'account' })).toEqual([28, 25, 22, 19, 16, 13, 10, 7, 4, 1]);
      expect(await seqsOf({ since: times[10], until: times[12] })).toEqual([13, 12, 11]);
      expect(await seqsOf({ until: times[0] })).toEqual([1]);
      expect(await seqsOf({ until: (times[0] ?? 0) - 1 })).toEqual([]);
      expect(await seqsOf({ actor: 'server', since: times[29] })).toEqual([30]);
      expect(await seqsOf({ actor: 'cli' })).toEqual([]);
      expect((await seqsOf({})).length).toBe(30);
    });

    function child(writers: number, each: number) {
      const args = [CHILD, backend.url, keys, project, String(writers), String(each)];
      const started: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines: string[] = [];
      if (started.stdout) createInterface({ input: started.stdout }).on('line', (line) => lines.push(line));
      // 'close' and not 'exit': only then everything it said has been read.
      return { process: started, lines, ended: once(started, 'close').then(([code]) => code as number | null) };
    }
  });
}

describe('canonical JSON', () => {
  it('does not depend on the order of members, and tells everything else apart', () => {
    const seed = randomBytes(4).toString('hex');
    const one = { b: [1, { z: 'ü\u2028"', a: null }], a: true, [seed]: { y: 1, x: 2 } };
    const other = { [seed]: { x: 2, y: 1 }, a: true, b: [1, { a: null, z: 'ü\u2028"' }] };
    expect(canonicalJson(one)).toBe(canonicalJson(other));
    expect(JSON.parse(canonicalJson(one))).toEqual(one);
    expect(canonicalJson({ a: ['1'] })).not.toBe(canonicalJson({ a: [1] }));
    expect(canonicalJson({ b: 1, a: 2 })).toBe('{"a":2,"b":1}');
  });
});

function sqliteIntruder(path: string): Intruder {
  const open = <T>(work: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(path, { timeout: 5_000 });
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  const named = 'WHERE partition = ? AND kind = ? AND id = ?';
  return {
    read: async ({ partition, kind, id }) =>
      open((database) =>
        String(database.prepare(`SELECT value FROM records ${named}`).get(partition, kind, id)?.value),
      ),
    write: async ({ partition, kind, id }, value) =>
      open((database) => {
        database
          .prepare(
            `INSERT INTO records (partition, kind, id, value, version) VALUES (?, ?, ?, ?, 1)
             ON CONFLICT (partition, kind, id) DO UPDATE SET value = excluded.value`,
          )
          .run(partition, kind, id, value);
      }),
    remove: async ({ partition, kind, id }) =>
      open((database) => {
        database.prepare(`DELETE FROM records ${named}`).run(partition, kind, id);
      }),
    close: async () => {},
  };
}

function redisIntruder(url: string): Intruder {
  const redis = new Redis(url, { lazyConnect: true });
  const names = (key: RecordKey) => {
    const { records, index, member } = keysOf(DEFAULT_PREFIX, key);
    return { record: records + member, index };
  };
  return {
    read: async (key) => String(await redis.hget(names(key).record, 'v')),
    write: async (key, value) => {
      await redis.hset(names(key).record, 'v', value);
      if (!(await redis.hexists(names(key).record, 'n'))) await redis.hset(names(key).record, 'n', '1');
      await redis.zadd(names(key).index, 0, key.id);
    },
    remove: async (key) => {
      await redis.del(names(key).record);
      await redis.zrem(names(key).index, key.id);
    },
    close: async () => redis.disconnect(),
  };
}
