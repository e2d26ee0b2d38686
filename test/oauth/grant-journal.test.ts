import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGrantJournal, type GrantJournal } from '../../src/oauth/grant-journal.ts';
import type { ObtainedRecord } from '../../src/oauth/grant-merge.ts';
import { Secret } from '../../src/secret.ts';
import { newKey, vaultOf } from '../vault/support/fixture.ts';

const RING = newKey('k1');

let directory: string;
let opened: GrantJournal[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'corbel-journal-'));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((journal) => journal.close()));
  await rm(directory, { recursive: true, force: true });
});

function journalOf(node: string, ring = RING): GrantJournal {
  const journal = createGrantJournal({ directory, node, vault: vaultOf(ring) });
  opened.push(journal);
  return journal;
}

function obtained(number: number): ObtainedRecord {
  return {
    project: 'prj_1',
    account: `acc_${number}`,
    by: 'refresh',
    record: {
      generation: number,
      link: 'link-1',
      client_id: 'client-1',
      access_token: new Secret(`planted-access-${number}`),
      refresh_token: new Secret(`planted-refresh-${number}`),
      candidate_refresh_token: null,
      obtained_at: 1,
      linked_at: 1,
      access_expires_at: 1,
      refresh_expires_at: null,
      scopes: ['a:read'],
      forced_at: null,
      refresh_intent: null,
      dead: null,
    },
  };
}

const accountsIn = async (journal: GrantJournal) =>
  (await journal.takeOver()).flatMap((left) => left.obtained.map(({ account }) => account));

describe('the grant journal', () => {
  it('gives back what a process left behind, and holds no token in clear', async () => {
    const dead = journalOf('dead');
    await Promise.all(Array.from({ length: 20 }, (_, index) => dead.append(obtained(index))));
    const bytes = await readFile(join(directory, 'dead.journal'), 'utf8');
    expect(bytes).not.toContain('planted');
    const [left] = await journalOf('next').takeOver();
    expect(left?.unreadable).toBe(0);
    expect(left?.obtained.map(({ record }) => record.refresh_token?.reveal())).toEqual(
      Array.from({ length: 20 }, (_, index) => `planted-refresh-${index}`),
    );
    await left?.remove();
    expect(await readdir(directory)).toEqual([]);
  });

  it('belongs to the server alone', async () => {
    await journalOf('one').append(obtained(1));
    expect((await stat(join(directory, 'one.journal'))).mode & 0o777).toBe(0o600);
  });

  it('is emptied when the store has everything, and keeps what it has not', async () => {
    const journal = journalOf('one');
    const tickets = await Promise.all([1, 2, 3].map((number) => journal.append(obtained(number))));
    for (const ticket of tickets.slice(1)) journal.settle(ticket);
    const path = join(directory, 'one.journal');
    await expect.poll(async () => (await stat(path)).size).toBeGreaterThan(0);
    const [first] = tickets;
    if (first) journal.settle(first);
    await expect.poll(async () => (await stat(path)).size).toBe(0);
    await journal.append(obtained(4));
    expect(await accountsIn(journalOf('next'))).toEqual(['acc_4']);
  });

  it('stays small while one grant waits and thousands pass', async () => {
    const journal = journalOf('one');
    await journal.append(obtained(0));
    for (let round = 0; round < 11; round++) {
      const tickets = await Promise.all(Array.from({ length: 500 }, (_, index) => journal.append(obtained(index + 1))));
      for (const ticket of tickets) journal.settle(ticket);
    }
    await journal.close();
    const lines = (await readFile(join(directory, 'one.journal'), 'utf8')).split('\n').length - 1;
    expect(lines).toBeLessThan(5_500);
    expect(await accountsIn(journalOf('next'))).toContain('acc_0');
  });

  it('cut off at any byte of its last line gives all the lines before', async () => {
    const journal = journalOf('one');
    await journal.append(obtained(1));
    const path = join(directory, 'one.journal');
    const { size: whole } = await stat(path);
    await journal.append(obtained(2));
    await journal.close();
    const bytes = await readFile(path);
    for (let size = whole; size < bytes.length; size += 7) {
      await writeFile(path, bytes);
      await truncate(path, size);
      const [left] = await journalOf(`next-${size}`).takeOver();
      expect(left?.obtained.map(({ account }) => account)).toEqual(['acc_1']);
      expect(left?.unreadable).toBe(0);
      await left?.remove();
    }
  });

  it('with a line that cannot be read keeps the file and gives the others', async () => {
    await journalOf('one').append(obtained(1));
    await journalOf('other', newKey('k2')).append(obtained(2));
    await appendFile(join(directory, 'one.journal'), 'nonsense\n{"v":1}\n');
    const left = await journalOf('next').takeOver();
    expect(left.map(({ unreadable }) => unreadable).sort()).toEqual([1, 2]);
    expect(left.flatMap((file) => file.obtained)).toHaveLength(1);
    // With the key back, also the other one's is there.
    expect(await accountsIn(journalOf('later', RING))).toEqual(['acc_1']);
  });

  it('loses nothing when it is taken over from a process that is alive and goes on writing', async () => {
    const living = journalOf('living');
    const taker = journalOf('taker');
    const found: string[] = [];
    let writing = true;
    let appended = 0;
    const takeAll = async () => {
      let appendedBefore = -1;
      while (writing) {
        // At most once while a line is written: on a starved machine the writer would give up.
        while (writing && appended === appendedBefore) await delay(1);
        appendedBefore = appended;
        for (const left of await taker.takeOver()) {
          found.push(...left.obtained.map(({ account }) => account));
          await left.remove();
        }
        await delay(2);
      }
    };
    const taking = takeAll();
    for (let number = 0; number < 300; number++) {
      await living.append(obtained(number));
      appended = number;
    }
    writing = false;
    await taking;
    found.push(...(await accountsIn(taker)));
    expect(new Set(found).size).toBe(300);
  });
});
