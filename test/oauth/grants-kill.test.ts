import { describe, expect, it } from 'vitest';
import { rounds, seededFractions } from '../long/rounds.ts';
import { newKey } from '../vault/support/fixture.ts';
import { openSqlite } from './support/grant-processes.ts';
import { killRounds } from './support/kill-rounds.ts';

const ROUNDS = 20;

describe('one of three processes killed in the midst of refreshing', () => {
  it(`${ROUNDS} times: every account works, or is dead with its reason`, { timeout: 120_000 }, async () => {
    const files = await openSqlite();
    try {
      const fraction = seededFractions('grants and kill -9');
      const outcome = await killRounds({ rounds: rounds(ROUNDS), ring: newKey('k1'), files, fraction });
      process.stdout.write(`${outcome.refreshes} refreshes, ${outcome.lost} grants lost with their answer\n`);
      expect(outcome.faults).toEqual([]);
    } finally {
      await files.remove();
    }
  });
});
