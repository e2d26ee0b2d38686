import type { Store } from '../store/store.ts';

/** The kind of the records of grants. */
export const GRANT_KIND = 'grant';

const TERM = 'lapses ';

/** What a grant is found by: when its refresh token ends, if it has one and that is known. */
export function grantTerms(grant: {
  refresh_token: unknown;
  refresh_expires_at: number | null;
  dead: unknown;
}): string[] {
  if (grant.refresh_token === null || grant.refresh_expires_at === null || grant.dead !== null) return [];
  return [lapseTerm(grant.refresh_expires_at)];
}

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
