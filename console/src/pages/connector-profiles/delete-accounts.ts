import type { Page } from '../../../../src/domain/listing.ts';
import type { Account } from '../../api/accounts.ts';
import { problemOf } from '../../api/problem.ts';

// Each deletion may ask the provider to take the access back; providers allow few calls at once.
export const DELETED_AT_ONCE = 4;
// As many in a row as are under way at once: then it is the server that does not answer, not one account that cannot go.
const MAX_UNREACHABLE = DELETED_AT_ONCE;

type Deletable = Pick<Account, 'id' | 'owner_id' | 'owner_name'>;

export interface FailedDeletion {
  account: Deletable;
  error: unknown;
}

export interface DeleteAccountsOptions {
  /** A page of the accounts, in an order that deletions do not change. */
  list: (next: string | undefined) => Promise<Page<Deletable>>;
  remove: (id: string) => Promise<unknown>;
  /** Begins no further deletion; those under way come to their end. */
  signal: AbortSignal;
  onDeleted: () => void;
  onFailed: (failure: FailedDeletion) => void;
}

/**
 * Deletes accounts page by page, {@link DELETED_AT_ONCE} at once; one that fails holds up no other. Rejects when the list fails
 * to come, or the server no longer answers at all.
 */
export async function deleteAccounts(options: DeleteAccountsOptions): Promise<void> {
  const { list, remove, signal, onDeleted, onFailed } = options;
  let unreachable = 0;

  async function removeOne(account: Deletable): Promise<void> {
    try {
      await remove(account.id);
    } catch (error) {
      const { code } = problemOf(error);
      if (code !== 'account_not_found') {
        unreachable = code === 'server_unreachable' ? unreachable + 1 : 0;
        if (unreachable >= MAX_UNREACHABLE) throw error;
        onFailed({ account, error });
        return;
      }
    }
    unreachable = 0;
    onDeleted();
  }

  let next: string | undefined;
  do {
    const page = await list(next);
    const waiting = page.data.values();
    const worker = async () => {
      for (const account of waiting) {
        if (signal.aborted) return;
        await removeOne(account);
      }
    };
    await settled(Array.from({ length: DELETED_AT_ONCE }, worker));
    next = page.next ?? undefined;
  } while (next !== undefined && !signal.aborted);
}

/** All of them have come to their end, also where one rejects. */
async function settled(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
