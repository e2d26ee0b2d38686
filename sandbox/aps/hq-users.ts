import { randomUUID } from 'node:crypto';
import { roleId } from './account-catalogue.ts';
import type { Account, AccountUser } from './account-model.ts';
import { isoTime } from './account-seed.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import {
  hqBadInput,
  hqConflict,
  hqMissing,
  hqUnprocessable,
  optionalText,
  requireAccount,
  requireObject,
} from './hq-context.ts';
import { hqAnswer, hqList } from './hq-lists.ts';

const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,180}$/;
const PROFILE_FIELDS = [
  'nickname',
  'first_name',
  'last_name',
  'image_url',
  'address_line_1',
  'address_line_2',
  'city',
  'state_or_province',
  'postal_code',
  'country',
  'phone',
  'company',
  'job_title',
  'industry',
  'about_me',
] as const;

export function listAccountUsers(context: ApiContext): Answer {
  return hqList([...requireAccount(context).users.values()], context.query);
}

/** By the account's id of the user; the platform's id is not promised to work, and does not here. */
export function getAccountUser(context: ApiContext): Answer {
  return hqAnswer(200, requireUser(context, requireAccount(context)));
}

/** 201 with a user that is `not_invited`; 400 without an email, 409 when the email is known, 422 for bad values. */
export function createAccountUser(context: ApiContext): Answer {
  const account = requireAccount(context);
  const body = requireObject(context.body);
  const email = optionalText(body, 'email');
  if (email === undefined || email === null || email === '') throw hqBadInput('email is required');
  if (!EMAIL.test(email)) throw hqUnprocessable('email is invalid');
  if (findByEmail(account, email) !== undefined) throw hqConflict('this user already exists.');
  const company = companyOf(account, body);
  const profile = Object.fromEntries(PROFILE_FIELDS.map((name) => [name, optionalText(body, name) ?? null]));
  const role = optionalText(body, 'default_role') ?? null;
  const user: AccountUser = {
    ...newUser(account, email, isoTime(context.now()), 'not_invited'),
    ...profile,
    ...company,
    default_role: role,
    default_role_id: role === null ? null : roleId(context.world.seed, account.id, role),
  };
  user.name = [user.first_name, user.last_name].filter((one) => one !== null).join(' ') || null;
  account.users.set(user.id, user);
  return hqAnswer(201, user);
}

/** Status (not while the user is pending or not invited: 422), default company, default role. */
export function updateAccountUser(context: ApiContext): Answer {
  const account = requireAccount(context);
  const user = requireUser(context, account);
  const body = requireObject(context.body);
  const { status } = body;
  if (status !== undefined && status !== 'active' && status !== 'inactive') throw hqUnprocessable('status is invalid');
  if (status !== undefined && (user.status === 'pending' || user.status === 'not_invited')) {
    throw hqUnprocessable(`the status of a ${user.status} user cannot be changed.`);
  }
  const company = companyOf(account, body);
  const role = optionalText(body, 'default_role');
  const roleFields = typeof role === 'string' ? roleId(context.world.seed, account.id, role) : role;
  Object.assign(user, company, status === undefined ? {} : { status }, { updated_at: isoTime(context.now()) });
  if (role !== undefined) Object.assign(user, { default_role: role, default_role_id: roleFields });
  return hqAnswer(200, user);
}

export function findByEmail(account: Account, email: string): AccountUser | undefined {
  const wanted = email.toLowerCase();
  return [...account.users.values()].find((one) => one.email.toLowerCase() === wanted);
}

export function newUser(account: Account, email: string, at: string, status: AccountUser['status']): AccountUser {
  return {
    id: randomUUID(),
    account_id: account.id,
    role: 'account_user',
    status,
    company_id: null,
    company_name: null,
    last_sign_in: null,
    email,
    name: null,
    nickname: null,
    first_name: null,
    last_name: null,
    uid: null,
    image_url: null,
    address_line_1: null,
    address_line_2: null,
    city: null,
    state_or_province: null,
    postal_code: null,
    country: null,
    phone: null,
    company: null,
    job_title: null,
    industry: null,
    about_me: null,
    default_role: null,
    default_role_id: null,
    created_at: at,
    updated_at: at,
  };
}

function requireUser(context: ApiContext, account: Account): AccountUser {
  const user = account.users.get(context.params.user_id ?? '');
  if (user === undefined) throw hqMissing("this user doesn't exist.");
  return user;
}

/** Nothing when the body does not name one; 422 when the account has no such company. */
function companyOf(
  account: Account,
  body: Record<string, unknown>,
): Partial<Pick<AccountUser, 'company_id' | 'company_name'>> {
  const id = optionalText(body, 'company_id');
  if (id === undefined) return {};
  if (id === null) return { company_id: null, company_name: null };
  const company = account.companies.get(id);
  if (company === undefined) throw hqUnprocessable('company_id is invalid');
  return { company_id: company.id, company_name: company.name };
}
