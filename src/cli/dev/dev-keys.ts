import type { Clock } from '../../clock.ts';
import { createApiKey, getApiKey, type Role } from '../../domain/api-key.ts';
import { ensureFirstStart, rootProject } from '../../first-start.ts';
import { Problem } from '../../problems.ts';
import type { Random } from '../../random.ts';
import { Secret } from '../../secret.ts';
import type { RecordKey, Store } from '../../store/store.ts';
import { openRecord, sealRecord } from '../../vault/sealed-records.ts';
import type { Vault } from '../../vault/vault.ts';
import { CommandFailure, EXIT } from '../outcome.ts';

/** The project and the keys that `corbel dev` works with, the same ones at every start. */
export interface DevKeys {
  readonly project: string;
  readonly operator: Secret;
  readonly backend: Secret;
}

interface Dependencies {
  store: Store;
  vault: Vault;
  clock: Clock;
  random: Random;
}

/**
 * Keys of the root project, made when they are not there, revoked or expired. Tokens are shown once only, so these are kept:
 * sealed, in the store. Throws {@link CommandFailure} (usage) for a store that a server has used: sandboxes must not get what
 * its accounts are called with.
 */
export async function ensureDevKeys(dependencies: Dependencies): Promise<DevKeys> {
  const { store } = dependencies;
  const before = await rootProject(store);
  if (before !== undefined && !(await store.get(placeOf(before, 'operator'))))
    throw new CommandFailure(
      EXIT.usage,
      'The store is one of a server; corbel dev works on one of its own.',
      'Name another folder with --data, or unset CORBEL_DATA_DIR and CORBEL_STORE.',
    );
  // The first operator key is for whoever starts a server; the one of this tool is another, and can be revoked.
  await ensureFirstStart({ ...dependencies, announce: () => {} });
  const project = await rootProject(store);
  if (project === undefined) throw new Problem('internal', 'The store has no root project after its first start.');
  const operator = await ensureKey(dependencies, project, 'operator');
  const backend = await ensureKey(dependencies, project, 'backend');
  return { project, operator, backend };
}

function placeOf(project: string, role: Role): RecordKey {
  return { partition: project, kind: 'dev_key', id: role };
}

async function ensureKey(dependencies: Dependencies, project: string, role: Role): Promise<Secret> {
  const { store, vault, clock, random } = dependencies;
  const at = placeOf(project, role);
  const kept = await store.get(at);
  const known = kept && openRecord(vault, at, kept.value);
  if (known?.token instanceof Secret && (await isGood(store, project, String(known.key), clock.now())))
    return known.token;
  const made = await createApiKey(store, random, clock.now(), project, { name: 'corbel dev', role });
  const generation = (known?.generation ?? 0) + 1;
  await store.put(at, sealRecord(vault, at, { generation, key: made.key.id, token: made.token }));
  return made.token;
}

async function isGood(store: Store, project: string, id: string, nowMs: number): Promise<boolean> {
  try {
    const { revoked_at, expires_at } = await getApiKey(store, project, id);
    return revoked_at === null && (expires_at === null || Date.parse(expires_at) > nowMs);
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') return false;
    throw error;
  }
}
