import { randomUUID } from 'node:crypto';
import { ACC_EXTRA_PRODUCTS, ACC_PRODUCTS } from './account-catalogue.ts';
import { type AccountProject, findUser, isProjectAdmin, type Member } from './account-model.ts';
import { isoTime } from './account-seed.ts';
import {
  actingUser,
  adminBadInput,
  adminConflict,
  adminForbidden,
  adminMissing,
  adminRequiredText,
  adminText,
  requireAdminObject,
  requireAdminProject,
  requireProjectAdmin,
} from './admin-context.ts';
import { type AdminFilter, compileAdminFilters } from './admin-filters.ts';
import { adminAnswer, adminList } from './admin-lists.ts';
import { adminMember, projectRoles } from './admin-member-resource.ts';
import { readProducts } from './admin-products.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { findByEmail, newUser } from './hq-users.ts';

const SORTS = [
  'name',
  'email',
  'firstName',
  'lastName',
  'addressLine1',
  'addressLine2',
  'city',
  'companyName',
  'stateOrProvince',
  'status',
  'phone',
  'postalCode',
  'country',
  'addedOn',
] as const;
const STATUSES = ['active', 'pending', 'deleted'] as const;
/** The page's default of `filter[status]`: who was removed is hidden. */
const SHOWN_STATUSES: readonly string[] = ['active', 'pending'];
const PRODUCTS = [...ACC_PRODUCTS, ...ACC_EXTRA_PRODUCTS];
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,180}$/;

/** Readable by every member of the project, BIM 360 projects included. */
export function listMembers(context: ApiContext): Answer {
  const project = requireAdminProject(context);
  const user = actingUser(context, project.account);
  const members = project.account.members(project);
  if (user !== undefined && user.role !== 'account_admin' && !members.has(user.id)) {
    throw adminForbidden('The user is not a member of the project.');
  }
  const { seed } = context.world;
  const matches = compileAdminFilters(context.query, memberFilters(project));
  const anyStatus = context.query.some(([name]) => name === 'filter[status]');
  const found = [...members.values()]
    .filter((member) => anyStatus || SHOWN_STATUSES.includes(member.status))
    .filter(matches)
    .map((member) => adminMember(project, member, seed));
  return adminList(context, found, { sorts: SORTS, fields: Object.keys(found[0] ?? {}) });
}

/** 201 with `jobId`; an email that is new to the account is invited to it. 409 when already in the project. */
export function addMember(context: ApiContext): Answer {
  const project = requireAccProject(context);
  requireProjectAdmin(context, project);
  const { account } = project;
  const body = requireAdminObject(context.body);
  const email = adminRequiredText(body, 'email');
  if (!EMAIL.test(email)) throw adminBadInput('email is invalid.');
  if (body.products === undefined) throw adminBadInput('products is required.');
  const products = readProducts(project, body.products);
  const roleIds = readRoles(context, project, body) ?? [];
  const companyId = readCompany(project, body);
  const members = account.members(project);
  const known = findByEmail(account, email);
  const present = known && members.get(known.id);
  if (present !== undefined && present.status !== 'deleted') throw adminConflict('The user is already in the project.');
  const at = isoTime(context.now());
  const user = known ?? newUser(account, email, at, 'pending');
  account.users.set(user.id, user);
  const status = user.status === 'active' ? 'active' : 'pending';
  const member: Member = {
    user,
    companyId: companyId === undefined ? user.company_id : companyId,
    roleIds,
    products,
    status,
    addedOn: at,
    updatedAt: at,
  };
  members.set(user.id, member);
  if (isProjectAdmin(member)) bringTemplateMembers(project);
  return adminAnswer(201, { ...adminMember(project, member, context.world.seed), jobId: randomUUID() });
}

/** 200 with the id and what was changed. The products must name `insight`: the page says so of every request. */
export function updateMember(context: ApiContext): Answer {
  const project = requireAccProject(context);
  requireProjectAdmin(context, project);
  const user = findUser(project.account, context.params.userId ?? '');
  const member = user && project.account.members(project).get(user.id);
  if (member === undefined || member.status === 'deleted') throw adminMissing('The user is not in the project.');
  const body = requireAdminObject(context.body);
  const products = readProducts(project, body.products);
  if (!products.some((one) => one.key === 'insight' && one.access !== 'none')) {
    throw adminBadInput('products must contain insight with access administrator or member.');
  }
  const roleIds = readRoles(context, project, body);
  const companyId = readCompany(project, body);
  const changed = new Set(['id', 'products']);
  if (roleIds !== undefined) {
    member.roleIds = roleIds;
    changed.add('roleIds').add('roles');
  }
  if (companyId !== undefined) {
    member.companyId = companyId;
    changed.add('companyId').add('companyName');
  }
  const kept = member.products.filter((one) => !products.some(({ key }) => key === one.key));
  member.products = [...kept, ...products];
  member.updatedAt = isoTime(context.now());
  const resource = Object.entries(adminMember(project, member, context.world.seed));
  return adminAnswer(200, Object.fromEntries(resource.filter(([name]) => changed.has(name))));
}

function requireAccProject(context: ApiContext): AccountProject {
  const project = requireAdminProject(context);
  if (project.platform !== 'acc') throw adminBadInput('This endpoint is not compatible with BIM 360 projects.');
  return project;
}

function readRoles(
  context: ApiContext,
  project: AccountProject,
  body: Record<string, unknown>,
): readonly string[] | undefined {
  const { roleIds } = body;
  if (roleIds === undefined) return undefined;
  const known = projectRoles(project, context.world.seed).map((role) => role.id);
  if (!Array.isArray(roleIds) || !roleIds.every((one) => known.includes(one)))
    throw adminBadInput('roleIds is invalid.');
  return roleIds;
}

function readCompany(project: AccountProject, body: Record<string, unknown>): string | null | undefined {
  adminText(body, 'companyName');
  const id = adminText(body, 'companyId');
  if (typeof id === 'string' && !project.account.companies.has(id)) throw adminBadInput('companyId is invalid.');
  return id;
}

/** The first administrator of a cloned project brings the members of its template along. */
function bringTemplateMembers(project: AccountProject): void {
  const template = project.templateId === null ? undefined : project.account.projects.get(project.templateId);
  if (!project.awaitsTemplateMembers || template === undefined) return;
  project.awaitsTemplateMembers = false;
  const members = project.account.members(project);
  for (const [id, member] of project.account.members(template)) {
    if (!members.has(id)) members.set(id, { ...member });
  }
}

function memberFilters(project: AccountProject): Record<string, AdminFilter<Member>> {
  const company = (one: Member) => (one.companyId === null ? undefined : project.account.companies.get(one.companyId));
  return {
    products: {
      kind: 'list',
      of: (one) => one.products.filter(({ access }) => access !== 'none').map(({ key }) => key),
      allowed: [...new Set([...PRODUCTS, ...project.productKeys])],
    },
    name: { kind: 'text', of: (one) => one.user.name },
    email: { kind: 'text', of: (one) => one.user.email },
    status: { kind: 'list', of: (one) => [one.status], allowed: STATUSES },
    accessLevels: { kind: 'list', of: accessLevels, allowed: ['accountAdmin', 'projectAdmin', 'executive'] },
    companyId: { kind: 'list', of: (one) => [one.companyId] },
    companyName: { kind: 'text', of: (one) => company(one)?.name ?? null },
    autodeskId: { kind: 'list', of: (one) => [one.user.uid] },
    id: { kind: 'list', of: (one) => [one.user.id] },
    roleId: { kind: 'list', of: (one) => one.roleIds },
    roleIds: { kind: 'list', of: (one) => one.roleIds },
  };
}

function accessLevels(member: Member): string[] {
  return [
    ...(member.user.role === 'account_admin' ? ['accountAdmin'] : []),
    ...(isProjectAdmin(member) ? ['projectAdmin'] : []),
  ];
}
