import type { BaseLogger } from 'pino';
import type { Store } from '../store/store.ts';
import { backfillTerms } from '../store/terms-backfill.ts';
import { parseAccount } from './account.ts';
import { ACCOUNT_KIND, ACCOUNT_TERMS_VERSION, accountTerms } from './account-terms.ts';
import { partitions } from './project.ts';

/** Gives terms to accounts that an earlier release wrote, so that filters find them: see {@link backfillTerms}. */
export async function indexAccounts(store: Store, logger: BaseLogger): Promise<void> {
  const accounts = await backfillTerms(store, partitions(store), {
    kind: ACCOUNT_KIND,
    version: ACCOUNT_TERMS_VERSION,
    termsOf: (record) => accountTerms(parseAccount(record)),
  });
  if (accounts > 0) logger.info({ accounts }, 'accounts were indexed');
}
