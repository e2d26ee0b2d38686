import type { Clock } from '../../../src/clock.ts';
import { createGrants } from '../../../src/oauth/create-grants.ts';
import type { GrantDeath, OAuthClient } from '../../../src/oauth/grant.ts';
import type { Grants, UserTokenRequest } from '../../../src/oauth/grants.ts';
import { systemRandom } from '../../../src/random.ts';
import { openStore } from '../../../src/store/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { createDoor } from '../../../src/upstream/door.ts';
import type { Door } from '../../../src/upstream/types.ts';
import { vaultOf } from '../../vault/support/fixture.ts';
import { testClock } from './fixture.ts';

export const PROJECT = 'prj_1';

/** One process's worth of grants: its own store handle, door and memory. */
export interface GrantNode {
  grants: Grants;
  store: Store;
  deaths: { account: string; death: GrantDeath }[];
  revived: string[];
  scopes: { account: string; scopes: string[] }[];
  log: object[];
  close(): Promise<void>;
}

export interface GrantNodeOptions {
  url: string;
  ring: string;
  dataDirectory: string;
  clock: Clock;
  leaseTtlMs?: number;
  draining?: () => boolean;
  wrapStore?: (store: Store) => Store;
  wrapDoor?: (door: Door) => Door;
  onDead?: (account: string) => Promise<void>;
}

export async function startGrantNode(options: GrantNodeOptions): Promise<GrantNode> {
  const { url, ring, clock, wrapStore = (same) => same, wrapDoor = (same) => same } = options;
  const opened = await openStore({ url, clock, random: systemRandom, allowVolatile: true });
  const store = wrapStore(opened);
  const realDoor = createDoor({ clock, random: systemRandom, allowPrivateAddresses: ['127.0.0.0/8'] });
  const node = {
    deaths: [] as GrantNode['deaths'],
    revived: [] as string[],
    scopes: [] as GrantNode['scopes'],
    log: [] as object[],
  };
  const grants = await createGrants({
    store,
    vault: vaultOf(ring),
    door: wrapDoor(realDoor),
    clock,
    random: systemRandom,
    dataDirectory: options.dataDirectory,
    onDead: async (_project, account, death) => {
      await options.onDead?.(account);
      node.deaths.push({ account, death });
    },
    onRevived: async (_project, account) => void node.revived.push(account),
    onScopes: async (_project, account, scopes) => {
      node.scopes.push({ account, scopes });
      return false;
    },
    logger: {
      warn: (details, message) => node.log.push({ message, ...details }),
      error: (details, message) => node.log.push({ message, ...details }),
    },
    ...(options.leaseTtlMs !== undefined && { leaseTtlMs: options.leaseTtlMs }),
    ...(options.draining && { draining: options.draining }),
  });
  return {
    ...node,
    grants,
    store,
    async close() {
      await grants.close();
      await realDoor.close();
      await opened.close();
    },
  };
}

export function userRequest(
  client: OAuthClient,
  account: string,
  clock: Clock,
  changes: Partial<UserTokenRequest> = {},
): UserTokenRequest {
  return { project: PROJECT, account, client, deadlineAt: clock.now() + 30_000, ...changes };
}

/** A clock that can be set to an absolute offset from the machine's, so that processes stay in step. */
export function offsetClock(offsetMs = 0): Clock & { setOffset(ms: number): void } {
  const clock = testClock();
  let offset = 0;
  const setOffset = (ms: number) => {
    clock.advance(ms - offset);
    offset = ms;
  };
  setOffset(offsetMs);
  return { now: clock.now, sleep: clock.sleep, setOffset };
}
