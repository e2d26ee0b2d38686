import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach } from 'vitest';
import type { OAuthClient } from '../../../src/oauth/grant.ts';
import { Problem } from '../../../src/problems.ts';
import { newKey } from '../../vault/support/fixture.ts';
import {
  type GrantNode,
  type GrantNodeOptions,
  offsetClock,
  PROJECT,
  startGrantNode,
  userRequest,
} from './grant-node.ts';
import { openSqlite, type StoreOfGrants } from './grant-processes.ts';
import { type GrantServer, startGrantServer } from './grant-server.ts';

export const RING = newKey('k1');
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
const PATIENCE_MS = 5_000;

/** A strict server and as many nodes on one store as a test starts, made anew for every test. */
export interface GrantStage {
  readonly server: GrantServer;
  readonly client: OAuthClient;
  readonly clock: ReturnType<typeof offsetClock>;
  start(options?: Partial<GrantNodeOptions>): Promise<GrantNode>;
  advance(ms: number): void;
  link(node: GrantNode, account?: string, changes?: object): Promise<void>;
  token(
    node: GrantNode,
    account?: string,
    options?: { newerThan?: number },
  ): ReturnType<GrantNode['grants']['userToken']>;
}

export function grantStage(): GrantStage {
  let server: GrantServer;
  let files: StoreOfGrants;
  let clock: ReturnType<typeof offsetClock>;
  let nodes: GrantNode[];
  let client: OAuthClient;
  let offset: number;

  beforeEach(async () => {
    [server, files] = await Promise.all([startGrantServer(), openSqlite()]);
    client = server.client();
    clock = offsetClock();
    offset = 0;
    nodes = [];
  });
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await server.close();
    await files.remove();
  });

  return {
    get server() {
      return server;
    },
    get client() {
      return client;
    },
    get clock() {
      return clock;
    },
    async start(options = {}) {
      const node = await startGrantNode({ ...files, ring: RING, clock, ...options });
      nodes.push(node);
      return node;
    },
    advance(ms) {
      offset += ms;
      clock.setOffset(offset);
    },
    async link({ grants }, account = 'acc_1', changes = {}) {
      const consent = server.consent(account, { obtainedAt: clock.now(), ...changes });
      await grants.install(PROJECT, account, client, consent);
    },
    token: (node, account = 'acc_1', options = {}) =>
      node.grants.userToken(userRequest(client, account, clock), options),
  };
}

export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw error;
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  return (await problemOf(work)).code;
}

export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await check()); await delay(10)) {
    if (Date.now() > end) throw new Error('it did not happen in time');
  }
}
