import type { NewRecord, RecordKey, Store } from '../store/store.ts';

const KIND = 'account_use';
// What nobody called for longer is as good as never called; and what is noted of a deleted account in its last seconds goes.
const KEPT_MS = 400 * 24 * 60 * 60 * 1_000;

/** That an account was last called at a time (milliseconds since the epoch). Apart from it, so as never to disturb changing it. */
export function accountUse(project: string, account: string, atMs: number): NewRecord {
  return { key: accountUseKey(project, account), value: new Date(atMs).toISOString(), ttlMs: KEPT_MS };
}

/** When the account was last called, ISO 8601, some seconds to a minute behind; null when it never was. */
export async function lastCallAt(store: Pick<Store, 'get'>, project: string, account: string): Promise<string | null> {
  return (await store.get(accountUseKey(project, account)))?.value ?? null;
}

export function accountUseKey(project: string, account: string): RecordKey {
  return { partition: project, kind: KIND, id: account };
}
