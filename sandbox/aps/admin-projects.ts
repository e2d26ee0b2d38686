import { ACC_EXTRA_PRODUCTS, ACC_PRODUCTS, BIM360_PRODUCTS } from './account-catalogue.ts';
import type { AccountProject } from './account-model.ts';
import { actingUser, adminForbidden, requireAdminAccount, requireAdminProject } from './admin-context.ts';
import { type AdminFilter, compileAdminFilters } from './admin-filters.ts';
import { adminAnswer, adminList } from './admin-lists.ts';
import { adminProject, projectStatus } from './admin-project-resource.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';

const CLASSIFICATIONS = ['production', 'template', 'component', 'sample'] as const;
/** Those of the OpenAPI document, which names ACC products and some BIM 360 ones. */
const FILTER_PRODUCTS = [...ACC_PRODUCTS, ...ACC_EXTRA_PRODUCTS, ...BIM360_PRODUCTS, 'glue', 'costManagement'];
const SORTS = [
  'name',
  'startDate',
  'endDate',
  'type',
  'status',
  'jobNumber',
  'constructionType',
  'deliveryMethod',
  'contractType',
  'currentPhase',
  'companyCount',
  'memberCount',
  'createdAt',
  'updatedAt',
] as const;

/** A person who does not administer the account sees the projects that the person is in. */
export function listAdminProjects(context: ApiContext): Answer {
  const account = requireAdminAccount(context);
  const user = actingUser(context, account);
  const now = context.now();
  const everything = user === undefined || user.role === 'account_admin';
  const matches = compileAdminFilters(context.query, projectFilters(now));
  const projects = [...account.projects.values()]
    .filter((project) => everything || account.members(project).has(user.id))
    .filter(matches)
    .map((project) => adminProject(project, now));
  const fields = Object.keys(projects[0] ?? {});
  return adminList(context, projects, { sorts: SORTS, fields });
}

/** What follows a creation: `pending` with activating products, then `active`. */
export function getAdminProject(context: ApiContext): Answer {
  const project = requireAdminProject(context);
  const user = actingUser(context, project.account);
  if (user !== undefined && user.role !== 'account_admin' && !project.account.members(project).has(user.id)) {
    throw adminForbidden('The user is not a member of the project.');
  }
  return adminAnswer(200, adminProject(project, context.now()));
}

function projectFilters(now: number): Record<string, AdminFilter<AccountProject>> {
  return {
    classification: { kind: 'list', of: (one) => [one.classification], allowed: CLASSIFICATIONS },
    platform: { kind: 'list', of: (one) => [one.platform], allowed: ['acc', 'bim360'] },
    products: { kind: 'list', of: (one) => one.productKeys, allowed: FILTER_PRODUCTS },
    status: {
      kind: 'list',
      of: (one) => [projectStatus(one, now)],
      allowed: ['active', 'pending', 'archived', 'suspended'],
    },
    type: { kind: 'list', of: (one) => [one.type], excludable: true },
    businessUnitId: { kind: 'list', of: (one) => [one.businessUnitId] },
    name: { kind: 'text', of: (one) => one.name },
    jobNumber: { kind: 'text', of: (one) => one.jobNumber },
    updatedAt: { kind: 'range', of: (one) => one.updatedAt },
  };
}
