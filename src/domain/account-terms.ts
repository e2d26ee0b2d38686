import { createHash } from 'node:crypto';
import type { TermQuery } from '../store/store.ts';
import type { Account, AccountStatus } from './account.ts';

/** The kind of the records of accounts. */
export const ACCOUNT_KIND = 'account';

/** Grows when {@link accountTerms} gives other terms, so that a start writes those of older records anew. */
export const ACCOUNT_TERMS_VERSION = 1;

// A name is told apart by far fewer words; whoever writes a novel is found by its beginning.
const MAX_WORDS = 20;
// Nobody types more to find somebody.
const MAX_TEXT_CHARACTERS = 80;
const DIGEST_CHARS = 22;

/** What an account is found by. Of its status, its own: what a disabled profile makes of it is not known here. */
export function accountTerms(account: Account): string[] {
  const { connector, profile_id: profile, status, owner_id: owner } = account;
  return [
    statusTerm(status),
    connectorTerm(connector),
    connectorTerm(connector, status),
    profileTerm(profile),
    profileTerm(profile, status),
    ownerTerm(owner),
    ...textTerms(account),
  ];
}

export function statusTerm(status: AccountStatus): string {
  return `s ${status}`;
}

/** Accounts of a connector, or those of them that have a status. */
export function connectorTerm(connector: string, status?: AccountStatus): string {
  return status === undefined ? `c ${connector}` : `cs ${connector} ${status}`;
}

/** Accounts under a profile, or those of them that have a status. */
export function profileTerm(profile: string, status?: AccountStatus): string {
  return status === undefined ? `p ${profile}` : `ps ${profile} ${status}`;
}

/** Accounts of an owner. Owners' ids have every form and length. */
export function ownerTerm(owner: string): string {
  return `o ${createHash('sha256').update(owner).digest('base64url').slice(0, DIGEST_CHARS)}`;
}

/** What finds the text in accounts, see {@link matchesText}; undefined when there is nothing in it to look for. */
export function textQuery(text: string): Extract<TermQuery, { prefix: string }> | undefined {
  const wanted = plainText(text);
  return wanted === '' ? undefined : { prefix: `w ${wanted}` };
}

/**
 * Whether the owner's id or name, or a word of them, begins with a text, whatever its case and width. `term`: only if the
 * account is to be given for this one of its terms, so that a list by terms gives it once.
 */
export function matchesText(account: Account, text: string, term?: string): boolean {
  const prefix = textQuery(text)?.prefix;
  if (prefix === undefined) return false;
  const fitting = textTerms(account).filter((own) => own.startsWith(prefix));
  return term === undefined ? fitting.length > 0 : leastOf(fitting) === term;
}

/** In the order of the stores, which is that of UTF-8 and not that of JavaScript. */
function leastOf(terms: readonly string[]): string | undefined {
  return [...terms].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))[0];
}

function textTerms({ owner_id, owner_name }: Account): string[] {
  const texts = [owner_id, owner_name ?? ''].map(plainText);
  const words = texts.flatMap((text) => text.split(/[^\p{L}\p{M}\p{N}]+/u)).slice(0, MAX_WORDS);
  return [...new Set([...texts, ...words])].filter((text) => text !== '').map((text) => `w ${text}`);
}

function plainText(text: string): string {
  const folded = text.toWellFormed().normalize('NFKC').toLowerCase();
  return [...folded.replace(/[\p{C}\s]+/gu, ' ').trim()].slice(0, MAX_TEXT_CHARACTERS).join('');
}
