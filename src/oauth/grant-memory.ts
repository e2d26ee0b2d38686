import type { RecordKey, Store } from '../store/store.ts';
import { nameOfKey } from './grant-custody.ts';
import type { Standing } from './grant-standing.ts';
import type { AccessToken } from './token-cache.ts';

/** A grant as this process remembers it. */
export interface Remembered {
  standing: Standing;
  /** Of a living grant: what callers get, always the same object. */
  access: AccessToken | undefined;
  /** From when on it is to be refreshed ahead of time. Moved on when that failed. */
  refreshAt: number;
  /** The account was told of the death. */
  deathTold: boolean;
  /** Changed in the store since it was read. */
  stale: boolean;
}

/** A read or write under way; what changes meanwhile makes what it brings stale. */
export type Reading = { overtaken: boolean };

/** The grants of this process, in clear, as long as the store's watch says that nothing changed unheard. */
export interface GrantMemory {
  get(key: RecordKey): Remembered | undefined;
  /** Whether it may be used without asking the store. */
  isFresh(remembered: Remembered): boolean;
  begin(key: RecordKey): Reading;
  /** Remembers, unless something newer is remembered already; ends the reading. */
  end(key: RecordKey, reading: Reading, remembered?: Omit<Remembered, 'stale'>): void;
  close(): Promise<void>;
}

export async function createGrantMemory(store: Store, maxEntries: number): Promise<GrantMemory> {
  // A Map keeps insertion order: the first key is the one that was not used for longest.
  const entries = new Map<string, Remembered>();
  const readings = new Map<string, Set<Reading>>();

  const watch = await store.watch((key) => {
    if (key !== undefined && key.kind !== 'grant') return;
    const names = key === undefined ? [...entries.keys(), ...readings.keys()] : [nameOfKey(key)];
    for (const name of names) {
      const entry = entries.get(name);
      if (entry) entry.stale = true;
      for (const reading of readings.get(name) ?? []) reading.overtaken = true;
    }
  });

  return {
    get(key) {
      const name = nameOfKey(key);
      const entry = entries.get(name);
      if (entry) {
        entries.delete(name);
        entries.set(name, entry);
      }
      return entry;
    },
    isFresh: ({ standing, stale }) =>
      (!stale && watch.live()) || (standing.state === 'live' && standing.version === undefined),
    begin(key) {
      const name = nameOfKey(key);
      const reading = { overtaken: !watch.live() };
      const under = readings.get(name) ?? new Set();
      readings.set(name, under.add(reading));
      return reading;
    },
    end(key, reading, remembered) {
      const name = nameOfKey(key);
      const under = readings.get(name);
      under?.delete(reading);
      if (under?.size === 0) readings.delete(name);
      if (!remembered) return;
      const present = entries.get(name);
      // Versions only grow; what the store does not have yet has none, and is newer than all it has.
      const presentVersion = present?.standing.version ?? 0;
      if (remembered.standing.version !== undefined && remembered.standing.version < presentVersion) return;
      entries.delete(name);
      entries.set(name, { ...remembered, stale: reading.overtaken });
      const { value: oldest } = entries.keys().next();
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
    },
    close: () => watch.close(),
  };
}
