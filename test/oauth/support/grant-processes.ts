import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, inject } from 'vitest';
import type { GrantDeath } from '../../../src/oauth/grant.ts';
import { COMPILE_CACHE } from '../../support/compile-cache.ts';
import { startRedis } from '../../support/redis.ts';
import type { Tally } from './fixture.ts';
import type { GrantCalls, GrantProcessOptions } from './grant-process.ts';

export interface StoreOfGrants {
  url: string;
  dataDirectory: string;
  remove(): Promise<void>;
}

export type OpenStoreOfGrants = () => Promise<StoreOfGrants>;

/** Runs a suite once on SQLite and once on a Redis of its own. */
export function onBothGrantStores(title: string, suite: (open: OpenStoreOfGrants) => void): void {
  describe(`${title} (SQLite)`, () => suite(openSqlite));
  describe.skipIf(!inject('redis').canStartServers)(`${title} (Redis)`, () => suite(openRedis));
}

export async function openSqlite(): Promise<StoreOfGrants> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'corbel-grants-'));
  const remove = () => rm(dataDirectory, { recursive: true, force: true });
  return { url: `sqlite:${join(dataDirectory, 'store.sqlite')}`, dataDirectory, remove };
}

export async function openRedis(): Promise<StoreOfGrants> {
  const [redis, dataDirectory] = await Promise.all([startRedis(), mkdtemp(join(tmpdir(), 'corbel-grants-'))]);
  return {
    url: redis.url,
    dataDirectory,
    async remove() {
      await redis.stop({ kill: true });
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

export interface GrantReport {
  tallies: Tally[];
  deaths: { account: string; death: GrantDeath }[];
}

export interface GrantProcess {
  child: ChildProcess;
  /** The report, or undefined when the process ended first. */
  call(calls: GrantCalls): Promise<GrantReport | undefined>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export async function startGrantProcess(options: GrantProcessOptions): Promise<GrantProcess> {
  const program = new URL('./grant-process.ts', import.meta.url);
  const child = fork(program, [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  const ended = once(child, 'exit').then(() => {
    process.removeListener('exit', killed);
  });
  const ready = await Promise.race([once(child, 'message'), ended]);
  if (!ready) throw new Error('the process did not start');
  return {
    child,
    async call(calls) {
      const answered = once(child, 'message') as Promise<[GrantReport]>;
      answered.catch(() => undefined);
      child.send(calls, () => {});
      const report = await Promise.race([answered, ended]);
      return report?.[0];
    },
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await ended;
    },
  };
}
