import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newKey } from '../vault/support/fixture.ts';
import { CLIENT_SECRET } from './support/fixture.ts';
import { type GrantNode, offsetClock, PROJECT, startGrantNode, userRequest } from './support/grant-node.ts';
import type { CrashPoint, GrantProcessOptions } from './support/grant-process.ts';
import {
  type GrantProcess,
  onBothGrantStores,
  type StoreOfGrants,
  startGrantProcess,
} from './support/grant-processes.ts';
import { type GrantServer, startGrantServer } from './support/grant-server.ts';

const RING = newKey('k1');
const PROCESSES = 4;
const TWO_HOURS_MS = 2 * 3_600_000;
const SHORT_LEASE_MS = 900;

onBothGrantStores('grants in several processes', (open) => {
  let server: GrantServer;
  let files: StoreOfGrants;
  let started: GrantProcess[];
  let nodes: GrantNode[];

  async function setUp(): Promise<void> {
    [server, files] = await Promise.all([startGrantServer(), open()]);
    started = [];
    nodes = [];
  }
  async function tearDown(): Promise<void> {
    await Promise.all(started.map((one) => one.kill()));
    await Promise.all(nodes.map((node) => node.close()));
    await server.close();
    await files.remove();
  }

  async function linked(accounts: string[], offsetMs = 0): Promise<GrantNode> {
    const clock = offsetClock(offsetMs);
    const node = await startGrantNode({ ...files, ring: RING, clock });
    nodes.push(node);
    const client = server.client();
    await Promise.all(
      accounts.map((account) => node.grants.install(PROJECT, account, client, server.consent(account))),
    );
    return node;
  }

  async function startProcess(changes: Partial<GrantProcessOptions> = {}): Promise<GrantProcess> {
    const options = { ...files, ring: RING, server: server.url.href, offsetMs: TWO_HOURS_MS };
    const one = await startGrantProcess({ ...options, ...changes });
    started.push(one);
    return one;
  }

  describe('that live', () => {
    beforeAll(async () => {
      await setUp();
      await Promise.all(Array.from({ length: PROCESSES }, () => startProcess()));
    });
    afterAll(tearDown);

    it('1,000 callers of one expired account over 4 processes make one request, and no secret is kept in clear', async () => {
      const node = await linked(['acc_1']);
      const first = server.families.get('acc_1')?.current ?? '';
      server.twist = () => ({ delayMs: 200 });
      const reports = await Promise.all(started.map((one) => one.call({ accounts: ['acc_1'], calls: 250 })));
      expect(server.requests).toHaveLength(1);
      const tokens = new Set(reports.flatMap((report) => report?.tallies[0]?.tokens));
      expect(tokens.size).toBe(1);
      for (const report of reports) expect(report?.tallies[0]).toMatchObject({ ok: 250, codes: [] });
      const bytes = Buffer.concat([await bytesBelow(files.dataDirectory), await dumpOf(node)]);
      expect(bytes.includes('refresh_token')).toBe(true);
      const secrets = [CLIENT_SECRET, first, server.families.get('acc_1')?.current ?? '', ...tokens];
      for (const secret of secrets) {
        if (secret === undefined || secret === '') throw new Error('a secret is missing');
        const plain = Buffer.from(secret);
        for (const form of [secret, plain.toString('base64'), plain.toString('hex'), encodeURIComponent(secret)])
          expect(bytes.includes(form.slice(0, -4)), form).toBe(false);
      }
    });

    it('200 accounts with 20 callers each make exactly 200 requests', async () => {
      const accounts = Array.from({ length: 200 }, (_, index) => `acc_of_many_${index}`);
      await linked(accounts);
      server.twist = () => undefined;
      const before = server.requests.length;
      const reports = await Promise.all(started.map((one) => one.call({ accounts, calls: 5 })));
      expect(server.requests.length - before).toBe(200);
      const tallies = reports.flatMap((report) => report?.tallies);
      expect(tallies).toHaveLength(800);
      for (const tally of tallies) expect(tally).toMatchObject({ ok: 5, codes: [] });
      for (const family of server.families.values()) expect(family).toMatchObject({ rotations: 1, reuses: 0 });
    });
  });

  describe('that die or sleep', () => {
    beforeEach(setUp);
    afterEach(tearDown);

    const points: [CrashPoint, 'works' | 'refresh_uncertain', string][] = [
      ['before_send', 'works', 'nothing was sent, and the next one refreshes'],
      ['after_send', 'refresh_uncertain', 'the answer is lost with the process, which is told'],
      ['after_receive', 'refresh_uncertain', 'between the socket and the disk, which is told'],
      ['after_journal', 'works', 'the journal is replayed by the process that comes after'],
      ['after_save', 'works', 'the store has it'],
    ];
    it.each(points)('a process that dies %s: the account %s (%s)', async (crash, outcome) => {
      await linked(['acc_1']);
      server.twist = () => (crash === 'after_send' ? { delayMs: 300 } : undefined);
      const victim = await startProcess({ crash, leaseTtlMs: SHORT_LEASE_MS });
      expect(await victim.call({ accounts: ['acc_1'], calls: 3 })).toBeUndefined();
      server.twist = () => undefined;
      const next = await startProcess({ leaseTtlMs: SHORT_LEASE_MS });
      const report = await next.call({ accounts: ['acc_1'], calls: 3 });
      if (outcome === 'works') {
        expect(report?.tallies[0]).toMatchObject({ ok: 3, codes: [] });
        expect(report?.deaths).toEqual([]);
        expect(server.families.get('acc_1')).toMatchObject({ rotations: 1, reuses: 0 });
      } else {
        expect(report?.tallies[0]).toMatchObject({ ok: 0, codes: ['account_reauth_required'] });
        expect(report?.deaths).toEqual([{ account: 'acc_1', death: outcome }]);
      }
    });

    it('a holder that sleeps through its lease loses no token and overwrites no newer grant', async () => {
      await linked(['acc_1']);
      server.reuseKills = false;
      let toldOfRequest = () => {};
      const requestArrived = new Promise<void>((resolve) => {
        toldOfRequest = resolve;
      });
      server.twist = () => {
        toldOfRequest();
        return undefined;
      };
      const sleeper = await startProcess({ leaseTtlMs: SHORT_LEASE_MS });
      const answered = sleeper.call({ accounts: ['acc_1'], calls: 3 });
      await requestArrived;
      sleeper.child.kill('SIGSTOP');
      await delay(SHORT_LEASE_MS + 200);
      // Its answer waits in the socket. The one that takes over knows only the old token, which is used up.
      const node = await linked([], TWO_HOURS_MS);
      const client = server.client();
      const taken = await node.grants.userToken(userRequest(client, 'acc_1', offsetClock(TWO_HOURS_MS))).then(
        ({ token }) => token.reveal(),
        (error: unknown) => String((error as { code?: string }).code),
      );
      sleeper.child.kill('SIGCONT');
      const report = await answered;
      // Either it was just quick enough before the stop, or it saved its answer when it woke; nobody's token was lost.
      const after = await linked([], TWO_HOURS_MS);
      const now = await after.grants.userToken(userRequest(client, 'acc_1', offsetClock(TWO_HOURS_MS)));
      expect(report?.tallies[0]).toMatchObject({ ok: 3, tokens: [now.token.reveal()] });
      expect(['account_reauth_required', now.token.reveal()]).toContain(taken);
      expect((await after.grants.inspect(PROJECT, 'acc_1'))?.dead).toBeUndefined();
      const next = await after.grants.refreshNow(userRequest(client, 'acc_1', offsetClock(TWO_HOURS_MS)));
      expect(next.generation).toBeGreaterThan(now.generation);
    });

    it('a holder that sleeps before it sends takes what the others have obtained meanwhile', async () => {
      const clock = offsetClock(TWO_HOURS_MS);
      await linked(['acc_1']);
      // The clock leaps while the holder is between its marking and its sending, as after a stop.
      const slow = offsetClock(TWO_HOURS_MS);
      let leapt = false;
      const holder = await startGrantNode({
        ...files,
        ring: RING,
        clock: slow,
        leaseTtlMs: SHORT_LEASE_MS,
        wrapStore: (store) => {
          const put = store.put.bind(store);
          const renewLease = store.renewLease.bind(store);
          return Object.assign(store, {
            // What is stopped sends no heartbeats.
            renewLease: async (...args: Parameters<typeof renewLease>) => !leapt && renewLease(...args),
            put: async (...args: Parameters<typeof put>) => {
              const written = await put(...args);
              if (args[0].kind === 'grant' && !leapt) {
                leapt = true;
                slow.setOffset(TWO_HOURS_MS + 20_000);
                const other = await startProcess({ leaseTtlMs: SHORT_LEASE_MS });
                await other.call({ accounts: ['acc_1'], calls: 1 });
              }
              return written;
            },
          });
        },
      });
      nodes.push(holder);
      const given = await holder.grants.userToken(userRequest(server.client(), 'acc_1', clock));
      expect(given.generation).toBe(2);
      expect(server.families.get('acc_1')).toMatchObject({ rotations: 1, reuses: 0 });
    });
  });
});

async function bytesBelow(directory: string): Promise<Buffer> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))));
}

async function dumpOf({ store }: GrantNode): Promise<Buffer> {
  const { records } = await store.list(PROJECT, 'grant', { limit: 100 });
  return Buffer.from(JSON.stringify(records));
}
