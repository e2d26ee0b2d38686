import { Problem } from '../problems.ts';
import type { Store, StoredRecord, TermPlace } from '../store/store.ts';
import { type Account, findAccount, parseAccount } from './account.ts';
import { type AccountGroup, effectiveStatus, profilesOf, termsOfGroup } from './account-status.ts';
import { ACCOUNT_KIND, matchesText, ownerTerm, textQuery } from './account-terms.ts';
import type { PublicProfile } from './connector-profile.ts';
import { decodeNext, encodeNext, type ListQuery, type Page } from './listing.ts';

/** What accounts must have, all of it. */
export interface AccountFilters extends AccountGroup {
  owner?: string | undefined;
  /** What the owner's id or name, or a word of them, begins with. */
  text?: string | undefined;
  /** Only these; null: all. */
  among: readonly string[] | null;
}

export interface FoundAccounts extends Page<Account> {
  /** All profiles of the project. */
  profiles: ReadonlyMap<string, PublicProfile>;
}

// Bounds what one page costs where two filters fit many accounts each and few together: some 20 ms. The rest is for `next`.
const SCAN_MAX = 2_000;
// Rows read at once beyond those asked for cost more than a further round.
const MIN_READ = 50;
const MIN_READ_EACH = 5;

interface Candidate {
  account: Account;
  /** The cursor behind it. */
  next: string;
  /** The term for which it is given. */
  term?: string;
}

/**
 * One page of the accounts that fit. It may be shorter than asked for though more follow: then so many others lie between that
 * the search ended there, and `next` goes on. Every account that fits during the whole walk appears exactly once; those found
 * by text in the order of the words, all others in the order of their ids. Rejects with `cursor_invalid`.
 */
export async function searchAccounts(
  store: Store,
  project: string,
  filters: AccountFilters,
  query: ListQuery,
): Promise<FoundAccounts> {
  const profiles = await profilesOf(store, project);
  const fits = ({ account, term }: Candidate) =>
    (filters.status === undefined || effectiveStatus(account, profiles.get(account.profile_id)) === filters.status) &&
    (filters.connector === undefined || account.connector === filters.connector) &&
    (filters.profile === undefined || account.profile_id === filters.profile) &&
    (filters.owner === undefined || account.owner_id === filters.owner) &&
    (filters.text === undefined || matchesText(account, filters.text, term)) &&
    (filters.among === null || filters.among.includes(account.id));

  const candidates = await candidatesFor(store, project, filters, query, profiles);
  const data: Account[] = [];
  let scanned = 0;
  for await (const candidate of candidates) {
    if (fits(candidate)) data.push(candidate.account);
    scanned += 1;
    if (data.length < query.limit && scanned < SCAN_MAX) continue;
    const { done } = await candidates.next();
    return { data, next: done ? null : candidate.next, profiles };
  }
  return { data, next: null, profiles };
}

/** Accounts among which are all that fit, from the place of the cursor on, by the way that leads over the fewest. */
async function candidatesFor(
  store: Store,
  project: string,
  filters: AccountFilters,
  { limit, next }: ListQuery,
  profiles: ReadonlyMap<string, PublicProfile>,
): Promise<AsyncGenerator<Candidate, void>> {
  const read = Math.max(MIN_READ, limit + 1);
  const byText = filters.text === undefined ? undefined : textQuery(filters.text);
  const place = next === undefined ? undefined : decodePlace(next);
  // A walk goes on the way on which it began, whatever became shorter meanwhile.
  if (place && (!byText || !place.term.startsWith(byText.prefix))) throw invalidCursor();
  // Of accounts beyond those, not even a cursor may tell, in which the words of their owners stand.
  if (place && filters.among !== null) throw invalidCursor();
  const after = next === undefined || place ? undefined : decodeNext(next);
  if (filters.among !== null) return named(store, project, filters.among, after);
  const terms = filters.owner === undefined ? termsOfGroup(filters, profiles) : [ownerTerm(filters.owner)];
  const count = async (group: readonly string[]) => {
    const counts = await Promise.all(group.map((term) => store.count(project, ACCOUNT_KIND, { term })));
    return counts.reduce((sum, some) => sum + some, 0);
  };
  const textIsShorter = async () =>
    byText !== undefined &&
    (terms === undefined || (await store.count(project, ACCOUNT_KIND, byText)) < (await count(terms)));
  if (byText && (place || (after === undefined && (await textIsShorter()))))
    return underText(store, project, byText.prefix, place, read);
  return terms === undefined ? all(store, project, after, read) : merged(store, project, terms, after, read);
}

async function* named(
  store: Store,
  project: string,
  ids: readonly string[],
  after: string | undefined,
): AsyncGenerator<Candidate, void> {
  for (const id of [...new Set(ids)].sort()) {
    if (after !== undefined && id <= after) continue;
    const account = await findAccount(store, project, id);
    if (account) yield { account, next: encodeNext(id) };
  }
}

async function* all(
  store: Store,
  project: string,
  from: string | undefined,
  limit: number,
): AsyncGenerator<Candidate, void> {
  let after = from;
  do {
    const page = await store.list(project, ACCOUNT_KIND, { limit, ...(after !== undefined && { after }) });
    for (const record of page.records) yield candidate(record);
    after = page.next;
  } while (after !== undefined);
}

async function* underTerm(
  store: Store,
  project: string,
  term: string,
  from: string | undefined,
  limit: number,
): AsyncGenerator<Candidate, void> {
  let after: TermPlace | undefined = from === undefined ? undefined : { term, id: from };
  do {
    const page = await store.find(project, ACCOUNT_KIND, { term, limit, ...(after && { after }) });
    for (const { record } of page.found) yield candidate(record);
    after = page.next;
  } while (after !== undefined);
}

/** Those under any of the terms, in the order of their ids. */
async function* merged(
  store: Store,
  project: string,
  terms: readonly string[],
  from: string | undefined,
  limit: number,
): AsyncGenerator<Candidate, void> {
  // Each of several is needed for a part of the page only.
  const each = Math.max(MIN_READ_EACH, Math.ceil((2 * limit) / Math.max(1, terms.length)));
  const sources = await Promise.all(
    terms.map(async (term) => {
      const source = underTerm(store, project, term, from, Math.min(limit, each));
      return { source, head: (await source.next()).value as Candidate | undefined };
    }),
  );
  let last: string | undefined;
  for (;;) {
    const [first, ...rest] = sources.filter(({ head }) => head !== undefined);
    if (!first) return;
    const least = rest.reduce((one, other) => (idOf(other.head) < idOf(one.head) ? other : one), first);
    // One whose status changed while it was read stands under two.
    if (least.head && least.head.account.id !== last) yield least.head;
    last = idOf(least.head);
    least.head = (await least.source.next()).value as Candidate | undefined;
  }
}

async function* underText(
  store: Store,
  project: string,
  prefix: string,
  from: TermPlace | undefined,
  limit: number,
): AsyncGenerator<Candidate, void> {
  let after = from;
  do {
    const page = await store.find(project, ACCOUNT_KIND, { prefix, limit, ...(after && { after }) });
    for (const { term, record } of page.found)
      yield { account: parseAccount(record), next: encodePlace({ term, id: record.key.id }), term };
    after = page.next;
  } while (after !== undefined);
}

function candidate(record: StoredRecord): Candidate {
  return { account: parseAccount(record), next: encodeNext(record.key.id) };
}

function idOf(head: Candidate | undefined): string {
  return head?.account.id ?? '';
}

function encodePlace({ term, id }: TermPlace): string {
  return Buffer.from(`${term}\n${id}`).toString('base64url');
}

/** Undefined for a cursor of another form. */
function decodePlace(next: string): TermPlace | undefined {
  const [term = '', id, ...rest] = Buffer.from(next, 'base64url').toString().split('\n');
  if (id === undefined) return undefined;
  if (rest.length > 0 || !/^acc_[0-9A-Za-z]{1,64}$/.test(id) || !term.startsWith('w ')) throw invalidCursor();
  return { term, id };
}

function invalidCursor(): Problem {
  return new Problem('cursor_invalid', 'The cursor is not one that this list gave.');
}
