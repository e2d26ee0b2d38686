import { type Account, type AccountProject, type AccountUser, findUser, isProjectAdmin } from './account-model.ts';
import { type ApiContext, requestedRegion } from './api-context.ts';
import { ALL_REGIONS } from './defaults.ts';
import { constructionError } from './refusal-styles.ts';

const MAX_TEXT = 255;

export const adminBadInput = (detail: string) => constructionError(400, 'ERR_BAD_INPUT', detail);
export const adminForbidden = (detail: string) => constructionError(403, 'ERR_NOT_ALLOWED', detail);
export const adminMissing = (detail: string) => constructionError(404, 'ERR_RESOURCE_NOT_EXIST', detail);
export const adminConflict = (detail: string) => constructionError(409, 'ERR_CONFLICT', detail);

/** 404 for an unknown id (one with `b.` included), and when `Region` names another region; routed by itself without one. */
export function requireAdminAccount(context: ApiContext): Account {
  const account = context.accounts.account(context.params.accountId ?? '');
  if (account === undefined || !regionFits(context, account)) throw adminMissing('The account does not exist.');
  return account;
}

/** As `requireAdminAccount`, for the project of the path. */
export function requireAdminProject(context: ApiContext): AccountProject {
  const project = context.accounts.project(context.params.projectId ?? '');
  if (project === undefined || !regionFits(context, project.account)) {
    throw adminMissing('The project does not exist.');
  }
  return project;
}

function regionFits(context: ApiContext, account: Account): boolean {
  const region = requestedRegion(context, ['region']);
  if (region !== undefined && !ALL_REGIONS.includes(region)) throw adminBadInput('Region is not supported.');
  return region === undefined || region === account.hub.region;
}

/** The person of the token, or the one whom `User-Id` names by either id. 403 when the account has no such active user. */
export function actingUser(context: ApiContext, account: Account): AccountUser | undefined {
  const header = context.headers['user-id'];
  const id = context.tokenUserId ?? (typeof header === 'string' && header !== '' ? header : undefined);
  if (id === undefined) return undefined;
  const user = findUser(account, id);
  if (user?.status !== 'active') throw adminForbidden('The user is not an active member of the account.');
  return user;
}

/** 400 without a user (an app's token needs `User-Id`), 403 for one who does not administer the account. */
export function requireAccountAdmin(context: ApiContext, account: Account): AccountUser {
  const user = requireActingUser(context, account);
  if (user.role !== 'account_admin') throw adminForbidden('The user is not an administrator of the account.');
  return user;
}

/** As `requireAccountAdmin`, but the project's own administrators may too. */
export function requireProjectAdmin(context: ApiContext, project: AccountProject): AccountUser {
  const { account } = project;
  const user = requireActingUser(context, account);
  if (user.role !== 'account_admin' && !isProjectAdmin(account.members(project).get(user.id))) {
    throw adminForbidden('The user is not an administrator of the project.');
  }
  return user;
}

function requireActingUser(context: ApiContext, account: Account): AccountUser {
  const user = actingUser(context, account);
  if (user !== undefined) return user;
  throw adminBadInput('The header User-Id is required with a two-legged token.');
}

/** Refuses anything but a JSON object. */
export function requireAdminObject(body: unknown, name = 'The body'): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw adminBadInput(`${name} must be a JSON object.`);
}

/** Absent stays absent; 400 for anything but a text of at most `max` characters (or null). */
export function adminText(body: Record<string, unknown>, name: string, max = MAX_TEXT): string | null | undefined {
  const value = body[name];
  if (value === undefined || value === null) return value;
  if (typeof value === 'string' && value.length <= max) return value;
  throw adminBadInput(`${name} is invalid.`);
}

/** 400 when absent, null or empty. */
export function adminRequiredText(body: Record<string, unknown>, name: string): string {
  const value = adminText(body, name);
  if (value === undefined || value === null || value === '') throw adminBadInput(`${name} is required.`);
  return value;
}
