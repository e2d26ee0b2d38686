import { setTimeout as delay } from 'node:timers/promises';
import { offsetClock, PROJECT, startGrantNode } from './grant-node.ts';
import { type GrantProcess, type GrantReport, type StoreOfGrants, startGrantProcess } from './grant-processes.ts';
import { startGrantServer } from './grant-server.ts';

const PROCESSES = 3;
const ACCOUNTS = 4;
const CALLERS = 5;
const TWO_HOURS_MS = 2 * 3_600_000;
// A dead process's lease must end within a round.
const LEASE_TTL_MS = 1_500;
const MAX_ANSWER_MS = 30;

export interface KillOutcome {
  rounds: number;
  refreshes: number;
  /** Grants whose answer died with the process, each told as such. */
  lost: number;
  /** What must not be, in words. */
  faults: string[];
}

/**
 * Kills one of three processes in the midst of refreshing, again and again: afterwards every account works, or is dead with a
 * reason and a cut answer to show for it. A dead one is linked again.
 */
export async function killRounds(options: {
  rounds: number;
  ring: string;
  files: StoreOfGrants;
  fraction: () => number;
}): Promise<KillOutcome> {
  const { rounds, ring, files, fraction } = options;
  const server = await startGrantServer();
  const clock = offsetClock();
  const operator = await startGrantNode({ ...files, ring, clock });
  const client = server.client();
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `acc_${index}`);
  const relink = (account: string) => operator.grants.install(PROJECT, account, client, server.consent(account));
  const start = (offsetMs: number) =>
    startGrantProcess({ ...files, ring, server: server.url.href, offsetMs, leaseTtlMs: LEASE_TTL_MS });
  const outcome: KillOutcome = { rounds, refreshes: 0, lost: 0, faults: [] };
  await Promise.all(accounts.map(relink));
  const processes = await Promise.all(Array.from({ length: PROCESSES }, () => start(0)));
  server.twist = () => ({ delayMs: fraction() * MAX_ANSWER_MS });

  try {
    for (let round = 1; round <= rounds; round++) {
      const offsetMs = round * TWO_HOURS_MS;
      clock.setOffset(offsetMs);
      const calls = { accounts, calls: CALLERS, offsetMs };
      const reports = processes.map((one) => one.call(calls));
      await delay(fraction() * 2 * MAX_ANSWER_MS);
      const at = Math.floor(fraction() * PROCESSES);
      await processes[at]?.kill();
      const fresh = await start(offsetMs);
      processes[at] = fresh;
      check(await Promise.all([...reports, fresh.call(calls)]), round);
      await mend(round);
    }
  } finally {
    await Promise.all(processes.map((one: GrantProcess) => one.kill()));
    outcome.refreshes = server.requests.length;
    await operator.close();
    await server.close();
  }
  return outcome;

  function check(reports: (GrantReport | undefined)[], round: number): void {
    for (const report of reports) {
      for (const [index, { ok, codes }] of (report?.tallies ?? []).entries()) {
        const odd = codes.filter((code) => code !== 'account_reauth_required');
        if (odd.length > 0) outcome.faults.push(`round ${round}, ${accounts[index]}: ${odd.join(' ')}`);
        if (ok < CALLERS && codes.length === 0) outcome.faults.push(`round ${round}, ${accounts[index]}: no answer`);
      }
    }
    if (reports.filter((report) => report !== undefined).length < PROCESSES)
      outcome.faults.push(`round ${round}: a process that was not killed gave no report`);
  }

  async function mend(round: number): Promise<void> {
    for (const account of accounts) {
      const view = await operator.grants.inspect(PROJECT, account);
      const family = server.families.get(account);
      if (view?.dead === undefined) {
        if (family?.reuses !== 0) outcome.faults.push(`round ${round}, ${account}: a token was used twice, unnoticed`);
        if (view && (view.access_expires_in_s ?? 0) <= 0)
          outcome.faults.push(`round ${round}, ${account}: not refreshed`);
        continue;
      }
      outcome.lost++;
      if (view.dead !== 'refresh_uncertain') outcome.faults.push(`round ${round}, ${account}: dead for ${view.dead}`);
      await relink(account);
    }
  }
}
