import type { Clock } from '../../clock.ts';
import {
  checkNewApiKey,
  createApiKey,
  listApiKeys,
  type NewApiKey,
  type PublicApiKey,
  revokeApiKey,
} from '../../domain/api-key.ts';
import { MAX_PAGE_SIZE } from '../../domain/listing.ts';
import { type ApiKeyChange, narrowApiKey } from '../../domain/narrow-api-key.ts';
import { getProject } from '../../domain/project.ts';
import { rootProject } from '../../first-start.ts';
import { type FieldError, Problem } from '../../problems.ts';
import type { Random } from '../../random.ts';
import type { Secret } from '../../secret.ts';
import type { Store } from '../../store/store.ts';
import { CommandFailure, EXIT } from '../outcome.ts';

export interface KeyDependencies {
  store: Store;
  clock: Clock;
  random: Random;
}

/** The named project, or the root project. Throws {@link CommandFailure} when there is none. */
export async function projectFor(store: Store, wanted: string | undefined): Promise<string> {
  const root = await rootProject(store);
  if (root === undefined)
    throw new CommandFailure(EXIT.failed, 'This store has never been started: start the server once.');
  if (wanted === undefined) return root;
  return (await getProject(store, wanted)).id;
}

/** Makes a key as the API does; throws `request_invalid` with everything that is wrong. The token is given this once. */
export async function makeApiKey(
  { store, clock, random }: KeyDependencies,
  project: string,
  wanted: NewApiKey,
): Promise<{ key: PublicApiKey; token: Secret }> {
  const errors = checkNewApiKey(wanted, clock.now());
  if (errors.length > 0) throw invalid(errors);
  const { expires_at = null } = wanted;
  const until = expires_at === null ? null : new Date(expires_at).toISOString();
  return createApiKey(store, random, clock.now(), project, { ...wanted, expires_at: until });
}

/** Every key of a project; none has its token. */
export async function allApiKeys(store: Store, project: string): Promise<PublicApiKey[]> {
  const keys: PublicApiKey[] = [];
  let next: string | undefined;
  do {
    const page = await listApiKeys(store, project, { limit: MAX_PAGE_SIZE, next });
    keys.push(...page.data);
    next = page.next ?? undefined;
  } while (next !== undefined);
  return keys.sort((one, other) => one.created_at.localeCompare(other.created_at));
}

/** Revokes a key for good; servers that run refuse it within a second. */
export async function revokeKey({ store, clock }: KeyDependencies, project: string, id: string): Promise<PublicApiKey> {
  return revokeApiKey(store, clock.now(), project, id);
}

/** Renames or narrows a key as the API does; servers that run know of it within a second. */
export async function changeKey(
  { store, clock }: KeyDependencies,
  project: string,
  id: string,
  change: ApiKeyChange,
): Promise<PublicApiKey> {
  return narrowApiKey(store, clock.now(), project, id, change).catch((error: unknown) => {
    // On a terminal only the detail is shown.
    if (error instanceof Problem && error.options.errors) throw invalid(error.options.errors);
    throw error;
  });
}

/** The state of a key in a word. */
export function stateOf({ revoked_at, expires_at }: PublicApiKey, nowMs: number): 'active' | 'revoked' | 'expired' {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && Date.parse(expires_at) <= nowMs ? 'expired' : 'active';
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const UNITS_MS: Readonly<Record<string, number>> = { h: 60 * 60 * 1_000, d: DAY_MS, w: 7 * DAY_MS };

/** When a key expires: a time of RFC 3339, a date (the end of that day, UTC), or a time from now like `90d`, `12h`, `4w`. */
export function expiryOf(text: string, nowMs: number): string {
  const [, count, unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(nowMs + Number(count) * (UNITS_MS[unit] ?? 0)).toISOString();
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59Z` : text;
}

function invalid(errors: readonly FieldError[]): Problem {
  const detail = errors.map(({ path, message }) => `${path.slice(1)} ${message}`.trim()).join('; ');
  return new Problem('request_invalid', detail, { errors: [...errors] });
}
