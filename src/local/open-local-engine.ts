import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import type { ApiKey } from '../domain/api-key.ts';
import { newId } from '../domain/ids.ts';
import { createEngine } from '../engine/execute.ts';
import { resolveAction } from '../engine/resolve.ts';
import { createGrants } from '../oauth/create-grants.ts';
import { createTokenBroker } from '../oauth/token-broker.ts';
import { type Random, systemRandom } from '../random.ts';
import { createRecordCache } from '../store/record-cache.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createDoor } from '../upstream/door.ts';
import { createRateBudgets, type RateBudgets } from '../upstream/rate-budgets.ts';
import { parseKeyRing } from '../vault/key-ring.ts';
import { createVault } from '../vault/vault.ts';
import { createLocalAccounts } from './local-accounts.ts';
import type { LocalEngine, LocalEngineOptions } from './local-engine.ts';

const KEY_BYTES = 32;

/** Of the door: real time, but waits between attempts end at once. */
const impatientClock: Clock = {
  now: () => systemClock.now(),
  sleep: async (_ms, signal) => signal?.throwIfAborted(),
};

/** Every turn comes at once. */
const generousBudgets: RateBudgets = { take: async () => {}, exhausted: () => {}, close: async () => {} };

/**
 * Opens the engine over a store file of its own in the folder for temporary files. What the file holds is sealed with a key
 * that only this process has, and `close` deletes it. Rejects with `store_unavailable` when it cannot be made.
 */
export async function openLocalEngine(options: LocalEngineOptions): Promise<LocalEngine> {
  const closing: (() => Promise<unknown>)[] = [];
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    return await open(options, closing, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function open(
  { registry, door: wrap = (real) => real, allowPrivateAddresses = [], impatient = false }: LocalEngineOptions,
  closing: (() => Promise<unknown>)[],
  closeAll: () => Promise<void>,
): Promise<LocalEngine> {
  const clock = systemClock;
  const random = systemRandom;
  const directory = await mkdtemp(join(tmpdir(), `corbel-local-${process.pid}-`));
  closing.push(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
  const store = await openSqliteStore({ path: join(directory, 'corbel.db'), clock, random });
  closing.push(() => store.close());
  const vault = createVault(parseKeyRing(`local:${random.bytes(KEY_BYTES).toString('base64')}`), random);
  const cache = await createRecordCache(store);
  closing.push(() => cache.close());
  const budgets = impatient ? generousBudgets : await createRateBudgets({ store, clock });
  closing.push(() => budgets.close());
  const real = createDoor({ clock: impatient ? impatientClock : clock, random, allowPrivateAddresses });
  closing.push(() => real.close());
  const door = wrap(real);
  const broker = createTokenBroker({ store, vault, door, clock, random });
  // Nobody is told: whoever made the call learns it from the refusal.
  const grants = await createGrants({
    store,
    vault,
    door,
    clock,
    random,
    dataDirectory: directory,
    onDead: async () => {},
  });
  closing.push(() => Promise.all([broker.close(), grants.close()]));
  const engine = createEngine({
    ...{ cache, vault, broker, grants, door, budgets, clock, random },
    registry: () => registry,
  });
  const key = localKey(random);
  const accounts = createLocalAccounts({ store, cache, vault, grants, clock, random, project: key.project });

  return {
    async execute({ action, inputs, account, credentials, file, raw = false, dryRun = false, signal, observe }) {
      const { connector } = resolveAction(registry, action);
      return engine.execute({
        ...{ key, action, inputs, file, raw, dryRun },
        account: await accounts.accountOf(connector, credentials, account),
        signal: signal ?? new AbortController().signal,
        observe: observe ?? (() => {}),
      });
    },
    close: closeAll,
  };
}

function localKey(random: Random): ApiKey {
  return {
    id: newId(random, 'key'),
    project: newId(random, 'prj'),
    name: 'local',
    role: 'backend',
    actions: null,
    accounts: null,
    expires_at: null,
    revoked_at: null,
    created_at: new Date(0).toISOString(),
    digest: '',
  };
}
