import { partitions } from '../domain/project.ts';
import type { Store } from '../store/store.ts';
import { backfillTerms } from '../store/terms-backfill.ts';

/** The kind of the records of grants. */
export const GRANT_KIND = 'grant';

const TERM = 'lapses ';
const TERMS_VERSION = 1;

/** What a grant is found by: when its refresh token ends, if it has one and that is known. */
export function grantTerms(grant: {
  refresh_token: unknown;
  refresh_expires_at: number | null;
  dead: unknown;
}): string[] {
  if (grant.refresh_token === null || grant.refresh_expires_at === null || grant.dead !== null) return [];
  return [lapseTerm(grant.refresh_expires_at)];
}

/**
 * Gives terms to grants that an earlier release wrote: those that nobody calls are not written again, and just they lapse. See
 * {@link backfillTerms}.
 */
export async function indexGrants(store: Store): Promise<void> {
  await backfillTerms(store, partitions(store), {
    kind: GRANT_KIND,
    version: TERMS_VERSION,
    termsOf({ value }) {
      const { refresh_token = null, refresh_expires_at = null, dead = null } = JSON.parse(value) as StoredClearly;
      return grantTerms({ refresh_token, refresh_expires_at, dead });
    },
  });
}

/** What of a stored grant is not sealed, or only asked for whether it is there. Of what was removed nothing is. */
type StoredClearly = Partial<Parameters<typeof grantTerms>[0]>;

/** Accounts whose refresh tokens end in a stretch of time, the next one first. Times in milliseconds since the epoch. */
export async function lapsingGrants(
  store: Pick<Store, 'find'>,
  project: string,
  { from, until, limit }: { from: number; until: number; limit: number },
): Promise<{ account: string; at: number }[]> {
  const after = { term: lapseTerm(from), id: '' };
  const { found } = await store.find(project, GRANT_KIND, { prefix: TERM, limit, after });
  return found
    .map(({ term, record }) => ({ account: record.key.id, at: Date.parse(term.slice(TERM.length)) }))
    .filter(({ at }) => at <= until);
}

/** In the order of time. */
function lapseTerm(atMs: number): string {
  return TERM + new Date(atMs).toISOString();
}
