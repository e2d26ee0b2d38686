import type { Clock } from './clock.ts';
import { createApiKey } from './domain/api-key.ts';
import { newId } from './domain/ids.ts';
import { insertProject } from './domain/project.ts';
import { Problem } from './problems.ts';
import { type Random, randomBase62 } from './random.ts';
import type { Secret } from './secret.ts';
import type { RecordKey, Store } from './store/store.ts';

const RECORD: RecordKey = { partition: 'global', kind: 'first_start', id: 'first_start' };
const LEASE: RecordKey = { partition: 'global', kind: 'lease', id: 'first_start' };
// The work under the lease is a handful of writes; a process that dies in it holds the others up this long.
const LEASE_MS = 10_000;
const POLL_MS = 100;

interface FirstStart {
  project: string;
  done: boolean;
}

/**
 * Makes the root project and its operator key when the store is new, and hands the key to `announce`, once for all
 * processes that share the store. A process that dies on the way leaves the work to the next, which makes a new key: nobody
 * is ever locked out by a crash at the wrong moment.
 */
export async function ensureFirstStart(dependencies: {
  store: Store;
  clock: Clock;
  random: Random;
  announce: (key: Secret) => void | Promise<void>;
}): Promise<void> {
  const { store, clock, random, announce } = dependencies;
  const owner = randomBase62(random, 22);
  for (;;) {
    if ((await read(store))?.done) return;
    const lease = await store.acquireLease(LEASE, { owner, ttlMs: LEASE_MS });
    if (!lease) {
      await clock.sleep(POLL_MS);
      continue;
    }
    try {
      const begun = await read(store);
      if (begun?.done) return;
      // The project is chosen before it is made, so that a second attempt makes the same one.
      const state: FirstStart = begun ?? { project: newId(random, 'prj'), done: false };
      await write(store, state, lease.fence);
      await insertProject(store, {
        id: state.project,
        name: 'default',
        root: true,
        created_at: new Date(clock.now()).toISOString(),
      }).catch((error: unknown) => {
        if (!(error instanceof Problem && error.code === 'already_exists')) throw error;
      });
      const { token } = await createApiKey(store, random, clock.now(), state.project, {
        name: 'First operator key',
        role: 'operator',
      });
      await announce(token);
      await write(store, { ...state, done: true }, lease.fence);
      return;
    } finally {
      await store.releaseLease(lease);
    }
  }
}

/** The root project's id, when there is one. */
export async function rootProject(store: Store): Promise<string | undefined> {
  return (await read(store))?.project;
}

async function read(store: Store): Promise<FirstStart | undefined> {
  const record = await store.get(RECORD);
  return record && (JSON.parse(record.value) as FirstStart);
}

async function write(store: Store, state: FirstStart, fence: number): Promise<void> {
  const { ok } = await store.put(RECORD, JSON.stringify(state), { fence });
  if (!ok) throw new Problem('version_conflict', 'Another process took over the first start.');
}
