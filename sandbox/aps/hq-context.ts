import type { Account, AccountProject } from './account-model.ts';
import { type ApiContext, requestedRegion } from './api-context.ts';
import { ALL_REGIONS } from './defaults.ts';
import { HQ_CODE, hqError } from './refusal-styles.ts';

const MAX_TEXT = 255;
/** The page's own words: "By default, it is set to US". */
const DEFAULT_REGION = 'US';

export const hqBadInput = (message: string) => hqError(400, HQ_CODE.badInput, message);
export const hqForbidden = (message: string) => hqError(403, HQ_CODE.forbidden, message);
export const hqMissing = (message: string) => hqError(404, HQ_CODE.missing, message);
export const hqConflict = (message: string) => hqError(409, HQ_CODE.conflict, message);
export const hqUnprocessable = (message: string) => hqError(422, HQ_CODE.unprocessable, message);

/**
 * 404 1004 for an unknown id, for one with `b.`, and for an account of another region than the header `Region` says (US
 * without one): a developer met exactly that answer with a European account.
 */
export function requireAccount(context: ApiContext): Account {
  const region = requestedRegion(context, ['region']) ?? DEFAULT_REGION;
  if (!ALL_REGIONS.includes(region)) throw hqBadInput('Region is invalid');
  const account = context.accounts.account(context.params.account_id ?? '');
  if (account === undefined || account.hub.region !== region) throw hqMissing("this account doesn't exist.");
  return account;
}

/** 404 for an unknown project or one of another account, 403 for an ACC project: `/hq/` serves BIM 360 alone. */
export function requireBim360Project(context: ApiContext): AccountProject {
  const project = requireAccount(context).projects.get(context.params.project_id ?? '');
  if (project === undefined) throw hqMissing("this project doesn't exist.");
  if (project.platform !== 'bim360') throw hqForbidden('this project is not a BIM 360 project.');
  return project;
}

/** Refuses anything but a JSON object. */
export function requireObject(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw hqBadInput('the body must be a JSON object');
}

/** Absent stays absent; 422 for anything but a text of at most 255 characters (or null). */
export function optionalText(body: Record<string, unknown>, name: string): string | null | undefined {
  const value = body[name];
  if (value === undefined || value === null) return value;
  if (typeof value === 'string' && value.length <= MAX_TEXT) return value;
  throw hqUnprocessable(`${name} is invalid`);
}
