import type { BaseLogger } from 'pino';
import type { RecordKey, Store } from '../store/store.ts';
import { parseAccount } from './account.ts';
import { ACCOUNT_KIND, ACCOUNT_TERMS_VERSION, accountTerms } from './account-terms.ts';
import { partitions } from './project.ts';

const DONE: RecordKey = { partition: 'global', kind: 'terms_version', id: ACCOUNT_KIND };
// One commit of the embedded store.
const BATCH = 200;

/**
 * Gives terms to accounts that an earlier release wrote, or wrote otherwise, so that filters find them; once per store. May be
 * broken off and done by several processes at once. One that an earlier release writes meanwhile gets its terms with its next
 * change.
 */
export async function indexAccounts(store: Store, logger: BaseLogger): Promise<void> {
  const done = await store.get(DONE);
  if (Number(done?.value ?? 0) >= ACCOUNT_TERMS_VERSION) return;
  let written = 0;
  for await (const partition of partitions(store)) {
    let after: string | undefined;
    do {
      const page = await store.list(partition, ACCOUNT_KIND, { limit: BATCH, ...(after !== undefined && { after }) });
      await Promise.all(
        page.records.map(async (record) => {
          const terms = accountTerms(parseAccount(record));
          // Who changes it meanwhile writes the terms, too.
          await store.put(record.key, record.value, { expectedVersion: record.version, terms });
        }),
      );
      written += page.records.length;
      after = page.next;
    } while (after !== undefined);
  }
  await store.put(DONE, String(ACCOUNT_TERMS_VERSION));
  if (written > 0) logger.info({ accounts: written }, 'accounts were indexed');
}
