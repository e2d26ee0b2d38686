import { createAdminProject } from './admin-create-project.ts';
import { addMember, listMembers, updateMember } from './admin-members.ts';
import { getAdminProject, listAdminProjects } from './admin-projects.ts';
import { listBusinessUnits, redefineBusinessUnits } from './hq-business-units.ts';
import { listAccountCompanies } from './hq-companies.ts';
import { listIndustryRoles, updateAccountProject } from './hq-projects.ts';
import { createAccountUser, getAccountUser, listAccountUsers, updateAccountUser } from './hq-users.ts';
import { CONSTRUCTION_STYLE, HQ_STYLE } from './refusal-styles.ts';
import { type Route, type RouteSpec, route } from './router.ts';

const HQ = '/hq/v1/accounts/:account_id';
const ADMIN = '/construction/admin/v1';
const READ = { scopes: ['account:read'] } as const;
const WRITE = { scopes: ['account:write'] } as const;

/** No numbers per minute are published for either family. The reference pages say "app only" of every `/hq/v1` one. */
export const ADMIN_ROUTES: readonly Route[] = [
  route('GET', `${HQ}/users`, hq(READ, listAccountUsers)),
  route('POST', `${HQ}/users`, hq(WRITE, createAccountUser)),
  route('GET', `${HQ}/users/:user_id`, hq(READ, getAccountUser)),
  route('PATCH', `${HQ}/users/:user_id`, hq(WRITE, updateAccountUser)),
  route('GET', `${HQ}/companies`, hq(READ, listAccountCompanies)),
  route('PATCH', `${HQ}/projects/:project_id`, hq(WRITE, updateAccountProject)),
  route('GET', `${HQ}/business_units_structure`, hq(READ, listBusinessUnits)),
  route('PUT', `${HQ}/business_units_structure`, hq(WRITE, redefineBusinessUnits)),
  route('GET', '/hq/v2/accounts/:account_id/projects/:project_id/industry_roles', {
    ...hq(READ, listIndustryRoles),
    token: 'any',
  }),
  route('GET', `${ADMIN}/accounts/:accountId/projects`, admin(READ, listAdminProjects)),
  route('POST', `${ADMIN}/accounts/:accountId/projects`, admin(WRITE, createAdminProject)),
  route('GET', `${ADMIN}/projects/:projectId`, admin(READ, getAdminProject)),
  route('GET', `${ADMIN}/projects/:projectId/users`, admin(READ, listMembers)),
  route('POST', `${ADMIN}/projects/:projectId/users`, admin(WRITE, addMember)),
  route('PATCH', `${ADMIN}/projects/:projectId/users/:userId`, admin(WRITE, updateMember)),
];

function hq(about: Pick<RouteSpec, 'scopes'>, handle: RouteSpec['handle']): RouteSpec {
  return { ...about, token: 'app', style: HQ_STYLE, handle };
}

function admin(about: Pick<RouteSpec, 'scopes'>, handle: RouteSpec['handle']): RouteSpec {
  return { ...about, style: CONSTRUCTION_STYLE, handle };
}
