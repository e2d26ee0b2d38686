import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { offsetClock, PROJECT, startGrantNode, userRequest } from '../oauth/support/grant-node.ts';
import { onBothGrantStores, startGrantProcess } from '../oauth/support/grant-processes.ts';
import { startGrantServer } from '../oauth/support/grant-server.ts';
import { killRounds } from '../oauth/support/kill-rounds.ts';
import { newKey } from '../vault/support/fixture.ts';
import { rounds, seededFractions } from './rounds.ts';

const ROUNDS = 200;
const TWO_HOURS_MS = 2 * 3_600_000;
// Past the 8 s that a token request has, and past the lease.
const STOP_MS = 32_000;

onBothGrantStores('grants of three processes, one of which is killed again and again', (open) => {
  it('work, or are dead with their reason', async () => {
    const files = await open();
    try {
      const fraction = seededFractions('grants');
      const outcome = await killRounds({ rounds: rounds(ROUNDS), ring: newKey('k1'), files, fraction });
      process.stdout.write(
        `${outcome.rounds} rounds, ${outcome.refreshes} refreshes, ${outcome.lost} grants lost with their answer\n`,
      );
      expect(outcome.faults).toEqual([]);
    } finally {
      await files.remove();
    }
  });
});

onBothGrantStores('a process that was stopped with an answer in its socket', (open) => {
  it('saves it when it wakes, although its deadline and its lease are long over', async () => {
    const [files, server] = await Promise.all([open(), startGrantServer()]);
    const ring = newKey('k1');
    const clock = offsetClock(TWO_HOURS_MS);
    const node = await startGrantNode({ ...files, ring, clock });
    const client = server.client();
    await node.grants.install(PROJECT, 'acc_1', client, server.consent('acc_1'));
    let toldOfRequest = () => {};
    const requestArrived = new Promise<void>((resolve) => {
      toldOfRequest = resolve;
    });
    server.twist = () => {
      toldOfRequest();
      return { delayMs: 500 };
    };
    const sleeper = await startGrantProcess({ ...files, ring, server: server.url.href, offsetMs: TWO_HOURS_MS });
    const answered = sleeper.call({ accounts: ['acc_1'], calls: 3, deadlineMs: 120_000 });
    await requestArrived;
    sleeper.child.kill('SIGSTOP');
    await delay(STOP_MS);
    sleeper.child.kill('SIGCONT');
    expect((await answered)?.tallies[0]).toMatchObject({ ok: 3, codes: [] });
    expect(server.families.get('acc_1')).toMatchObject({ rotations: 1, reuses: 0 });
    await node.grants.userToken(userRequest(client, 'acc_1', clock));
    expect(server.requests).toHaveLength(1);
    await sleeper.kill();
    await node.close();
    await server.close();
    await files.remove();
  });
});
