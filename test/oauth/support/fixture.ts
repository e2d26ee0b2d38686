import { type Clock, systemClock } from '../../../src/clock.ts';
import { type AppTokenRequest, createTokenBroker, type TokenBroker } from '../../../src/oauth/token-broker.ts';
import { systemRandom } from '../../../src/random.ts';
import { Secret } from '../../../src/secret.ts';
import type { Store } from '../../../src/store/store.ts';
import { createDoor } from '../../../src/upstream/door.ts';
import type { Door } from '../../../src/upstream/types.ts';
import { openStore, vaultOf } from '../../vault/support/fixture.ts';

export const CLIENT_SECRET = 'planted-client-secret/with+odd=characters&42';

/** The machine's clock, which a test can set forward. Sleeping takes real time. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function testClock(): TestClock {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    advance: (ms) => {
      offset += ms;
    },
  };
}

/** The real door, allowed to call this machine. */
export function makeDoor(): Door {
  return createDoor({ clock: systemClock, random: systemRandom, allowPrivateAddresses: ['127.0.0.0/8'] });
}

/** One process's worth of a broker: its own store handle, door and memory. */
export interface Node {
  broker: TokenBroker;
  store: Store;
  door: Door;
  close(): Promise<void>;
}

export async function startNode(options: {
  path: string;
  ring: string;
  clock: Clock;
  maxCachedTokens?: number;
  warnings?: object[];
  /** Lets time pass before every attempt to take a lease. */
  leaseDelayMs?: number;
}): Promise<Node> {
  const { path, ring, clock, maxCachedTokens, warnings, leaseDelayMs = 0 } = options;
  const store = withSlowLeases(await openStore(path, clock), leaseDelayMs);
  const door = makeDoor();
  const broker = createTokenBroker({
    store,
    vault: vaultOf(ring),
    door,
    clock,
    random: systemRandom,
    logger: { warn: (details) => warnings?.push(details) },
    ...(maxCachedTokens !== undefined && { maxCachedTokens }),
  });
  return {
    broker,
    store,
    door,
    async close() {
      await broker.close();
      await door.close();
      await store.close();
    },
  };
}

function withSlowLeases(store: Store, delayMs: number): Store {
  if (delayMs === 0) return store;
  const acquireLease = store.acquireLease.bind(store);
  return Object.assign(store, {
    acquireLease: async (...args: Parameters<Store['acquireLease']>) => {
      await systemClock.sleep(delayMs);
      return acquireLease(...args);
    },
  });
}

export function tokenRequest(url: URL, clock: Clock, changes: Partial<AppTokenRequest> = {}): AppTokenRequest {
  return {
    project: 'prj_1',
    profile: { id: 'cp_1', clientId: 'client-1', clientSecret: new Secret(CLIENT_SECRET), generation: 1 },
    endpoint: { url, clientAuthentication: 'client_secret_basic' },
    allowedOrigins: new Set([url.origin]),
    scopes: ['a:read', 'b:write'],
    deadlineAt: clock.now() + 15_000,
    ...changes,
  };
}

/** What came of many calls: how many succeeded, with which tokens, and the codes of the others. */
export interface Tally {
  ok: number;
  tokens: string[];
  codes: string[];
}

export async function callMany(count: number, call: () => Promise<{ token: Secret }>): Promise<Tally> {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, call));
  const tokens = new Set<string>();
  const codes = new Set<string>();
  let ok = 0;
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') {
      ok++;
      tokens.add(outcome.value.token.reveal());
    } else {
      codes.add(String(outcome.reason.code ?? outcome.reason));
    }
  }
  return { ok, tokens: [...tokens], codes: [...codes] };
}
