import type { RecordKey, Store, StoredRecord, Watch } from './store.ts';

// An entry is a few KB at most; 10,000 accounts in use at once stay within tens of MB.
const MAX_ENTRIES = 10_000;

/**
 * Records as values, remembered in the process as long as the store's watch is live, so that a warm read costs no round
 * trip and a change anywhere is seen within the watch's delay.
 */
export interface RecordCache {
  /** The parsed record, or undefined when there is none. `parse` runs once per version. What is absent is not remembered. */
  get<T>(key: RecordKey, parse: (record: StoredRecord) => T): Promise<T | undefined>;
  close(): Promise<void>;
}

export async function createRecordCache(store: Store): Promise<RecordCache> {
  const entries = new Map<string, unknown>();
  // Reads under way; one that a change overtook may hold the old value and must not be remembered.
  const reading = new Map<string, { overtaken: boolean }>();

  const watch: Watch = await store.watch((key) => {
    if (key === undefined) {
      entries.clear();
      for (const read of reading.values()) read.overtaken = true;
      return;
    }
    const name = nameOf(key);
    entries.delete(name);
    const read = reading.get(name);
    if (read) read.overtaken = true;
  });

  return {
    async get<T>(key: RecordKey, parse: (record: StoredRecord) => T): Promise<T | undefined> {
      const name = nameOf(key);
      const live = watch.live();
      if (live && entries.has(name)) return entries.get(name) as T;
      // Only the newest read of a name may remember: an older one is treated as overtaken.
      const earlier = reading.get(name);
      if (earlier) earlier.overtaken = true;
      const read = { overtaken: false };
      reading.set(name, read);
      try {
        const record = await store.get(key);
        if (!record) return undefined;
        const value = parse(record);
        if (live && watch.live() && !read.overtaken) {
          if (entries.size >= MAX_ENTRIES) entries.delete(entries.keys().next().value ?? '');
          entries.set(name, value);
        }
        return value;
      } finally {
        if (reading.get(name) === read) reading.delete(name);
      }
    },
    close: () => watch.close(),
  };
}

function nameOf({ partition, kind, id }: RecordKey): string {
  return `${partition}\0${kind}\0${id}`;
}
