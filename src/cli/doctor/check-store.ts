import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { partitions } from '../../domain/project.ts';
import { Problem } from '../../problems.ts';
import type { Random } from '../../random.ts';
import type { Settings } from '../../settings.ts';
import { inspectStore, type StoreInspection } from '../../store/inspection.ts';
import { StoreRefused } from '../../store/refused.ts';
import { verifyCanaries, WrongKeyError } from '../../vault/canary.ts';
import { type KeyRing, KeyRingError, loadKeyFile, parseKeyRing } from '../../vault/key-ring.ts';
import { countUnderOldKeys } from '../../vault/rotate.ts';
import { createVault } from '../../vault/vault.ts';
import { skewFinding } from './clock-skew.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

interface Dependencies {
  settings: Settings;
  clock: Clock;
  random: Random;
}

// A healthy one answers in less than a millisecond; every first call of an account waits for it.
const SLOW_MS = 50;
const REACH_WITHIN_MS = 3_000;

/** Looks at the store, at the keys that open it, and at its clock; changes nothing. */
export async function checkStore(dependencies: Dependencies): Promise<Finding[]> {
  const { settings, clock } = dependencies;
  let store: StoreInspection | undefined;
  try {
    store = await inspectStore({
      url: settings.store.reveal(),
      prefix: settings.redisPrefix,
      clock,
      withinMs: REACH_WITHIN_MS,
    });
  } catch (error) {
    return [unreachable(error)];
  }
  if (!store) {
    const { findings } = await readKeys(settings);
    return [
      warning(
        'store',
        'There is no store file yet.',
        'The first start makes it; if there was one, look at CORBEL_DATA_DIR.',
      ),
      ...findings,
    ];
  }
  try {
    return [
      ...(await checkReached(store, settings)),
      ...(await checkKeys(store, dependencies)),
      ...(await checkStoreClock(store, clock)),
    ];
  } catch (error) {
    return [unreachable(error)];
  } finally {
    await store.close();
  }
}

async function checkReached(store: StoreInspection, { allowVolatileStore }: Settings): Promise<Finding[]> {
  const ms = await store.ping();
  const answers = `${store.kind}, answers in ${ms < 1 ? 'less than 1' : Math.round(ms)} ms`;
  const found = await store.fault();
  return [
    ms > SLOW_MS ? warning('store', answers, 'Bring it nearer: every cold call waits for it.') : ok('store', answers),
    ...(found === undefined
      ? store.kind === 'redis'
        ? [ok('persistence', 'append-only file, no eviction')]
        : []
      : allowVolatileStore
        ? [warning('persistence', found, 'CORBEL_ALLOW_VOLATILE_STORE lets it pass; grants can be lost.')]
        : [fault('persistence', found, 'The server does not start with it.')]),
  ];
}

async function checkKeys(store: StoreInspection, { settings, random }: Dependencies): Promise<Finding[]> {
  const { ring, findings } = await readKeys(settings);
  if (!ring) {
    const { records } = await store.list('global', 'key_canary', { limit: 1 });
    const lost = records.length > 0 && findings.every(({ outcome }) => outcome !== 'fault');
    return lost
      ? [fault('encryption keys', 'The key file is gone, and the store holds secrets.', 'Put it back from its backup.')]
      : findings;
  }
  const vault = createVault(ring, random);
  try {
    const used = await verifyCanaries(store, vault);
    if (used.size === 0) return [ok('encryption keys', 'the store holds no secrets yet')];
  } catch (error) {
    if (!(error instanceof WrongKeyError)) throw error;
    return [fault('encryption keys', error.message, 'Give the keys that the store was written with.')];
  }
  const left = await countUnderOldKeys(store, vault, await projectsOf(store));
  return [
    ok('encryption keys', `${ring.ids.length === 1 ? '1 key' : `${ring.ids.length} keys`}, the store opens`),
    ...(left > 0
      ? [
          warning(
            'rotation',
            `${left} ${left === 1 ? 'record is' : 'records are'} sealed under an old key`,
            'Run: corbel rotate',
          ),
        ]
      : ring.ids.length > 1
        ? [ok('rotation', 'nothing is left under old keys: they can go')]
        : []),
  ];
}

async function projectsOf(store: StoreInspection): Promise<string[]> {
  const found: string[] = [];
  for await (const partition of partitions(store)) found.push(partition);
  return found;
}

async function readKeys(settings: Settings): Promise<{ ring: KeyRing | undefined; findings: Finding[] }> {
  const check = 'encryption keys';
  const embedded = settings.store.reveal().startsWith('sqlite:');
  try {
    if (settings.encryptionKeys) return { ring: parseKeyRing(settings.encryptionKeys.reveal()), findings: [] };
    if (!embedded) {
      const remedy = 'Set CORBEL_ENCRYPTION_KEYS_FILE; corbel keys encryption makes such a file.';
      return { ring: undefined, findings: [fault(check, 'A shared store needs keys, and there are none.', remedy)] };
    }
    const ring = await loadKeyFile(join(settings.dataDirectory, 'encryption.key'));
    return { ring, findings: ring ? [] : [ok(check, 'the first start makes a key file')] };
  } catch (error) {
    if (error instanceof KeyRingError)
      return { ring: undefined, findings: [fault(check, error.message, 'Mend the key file, or its permissions.')] };
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const message = `The key file cannot be read (${code}).`;
    return { ring: undefined, findings: [fault(check, message, 'Run this as the user of the server.')] };
  }
}

async function checkStoreClock(store: StoreInspection, clock: Clock): Promise<Finding[]> {
  const time = await store.time();
  return time === undefined ? [] : [skewFinding('clock and store', time - clock.now(), 'the store')];
}

function unreachable(error: unknown): Finding {
  if (error instanceof StoreRefused) return fault('store', error.message, 'Mend CORBEL_STORE.');
  if (error instanceof Problem)
    return fault('store', error.message, 'Is it running? Look at CORBEL_STORE and the network.');
  throw error;
}
