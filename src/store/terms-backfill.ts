import type { RecordKey, Store, StoredRecord } from './store.ts';

export interface TermsBackfill {
  kind: string;
  /** Grows when {@link termsOf} gives other terms. */
  version: number;
  /** None: the record stays as it is. */
  termsOf(record: StoredRecord): readonly string[];
}

// One commit of the embedded store.
const BATCH = 200;

/**
 * Gives terms to the records of a kind that an earlier release wrote, or wrote otherwise; once per store. May be broken off and
 * done by several processes at once. One that an earlier release writes meanwhile gets its terms with its next change. Gives how
 * many got theirs. Rejects with `store_unavailable`.
 */
export async function backfillTerms(
  store: Store,
  partitions: AsyncIterable<string>,
  { kind, version, termsOf }: TermsBackfill,
): Promise<number> {
  const done: RecordKey = { partition: 'global', kind: 'terms_version', id: kind };
  if (Number((await store.get(done))?.value ?? 0) >= version) return 0;
  let written = 0;
  for await (const partition of partitions) {
    let after: string | undefined;
    do {
      const page = await store.list(partition, kind, { limit: BATCH, ...(after !== undefined && { after }) });
      const counts = await Promise.all(
        page.records.map(async (record) => {
          const terms = unlessDamaged(() => termsOf(record));
          // To write it anew would take the time to live from it.
          if (terms.length === 0) return 0;
          // Who changes it meanwhile writes the terms, too.
          await store.put(record.key, record.value, { expectedVersion: record.version, terms });
          return 1;
        }),
      );
      written += counts.reduce<number>((sum, count) => sum + count, 0);
      after = page.next;
    } while (after !== undefined);
  }
  await store.put(done, String(version));
  return written;
}

/** One damaged record must not keep the server from starting. */
function unlessDamaged(terms: () => readonly string[]): readonly string[] {
  try {
    return terms();
  } catch {
    return [];
  }
}
