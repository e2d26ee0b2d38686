import { randomUUID } from 'node:crypto';
import { ACC_PRODUCTS } from './account-catalogue.ts';
import { accessToAll } from './account-members.ts';
import type { Account, AccountProject, AccountUser, ProjectFields } from './account-model.ts';
import { EMPTY_PROJECT_FIELDS, isoTime } from './account-seed.ts';
import {
  adminBadInput,
  adminRequiredText,
  adminText,
  requireAccountAdmin,
  requireAdminAccount,
  requireAdminObject,
} from './admin-context.ts';
import { adminAnswer } from './admin-lists.ts';
import { adminProject } from './admin-project-resource.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';

const TEMPLATE_TYPE = 'Template Project';
const CLASSIFICATIONS: readonly string[] = ['production', 'template', 'component', 'sample'];
const TEXTS = [
  'startDate',
  'endDate',
  'addressLine1',
  'addressLine2',
  'city',
  'stateOrProvince',
  'postalCode',
  'country',
  'timezone',
  'constructionType',
  'deliveryMethod',
  'contractType',
  'currentPhase',
  'businessUnitId',
] as const;
const MAX_JOB_NUMBER = 100;
const MAX_COORDINATE = 25;

/**
 * Starts an ACC project: 202 with `jobId`, `pending` until the switch's time is over. Directly created, it has the
 * account's products and the acting administrator; cloned, the template's products and nobody.
 */
export function createAdminProject(context: ApiContext): Answer {
  const account = requireAdminAccount(context);
  const user = requireAccountAdmin(context, account);
  const body = requireAdminObject(context.body);
  const fields = readFields(account, body);
  const template = readTemplate(account, body, fields.classification);
  const now = context.now();
  const project: AccountProject = {
    ...fields,
    id: randomUUID(),
    platform: 'acc',
    status: 'active',
    readyAt: now + context.switches.project_activation_ms,
    productKeys: template?.productKeys ?? ACC_PRODUCTS,
    templateId: template?.id ?? null,
    awaitsTemplateMembers: template !== undefined,
    createdAt: isoTime(now),
    updatedAt: isoTime(now),
    world: undefined,
    account,
  };
  if (project.classification !== 'template') {
    const { id: uuid, name, readyAt } = project;
    project.world = context.world.addProject(account.hub, { uuid, name, readyAt });
  }
  account.projects.set(project.id, project);
  const members = account.members(project);
  members.clear();
  if (template === undefined) members.set(user.id, administrator(project, user));
  return adminAnswer(202, { ...adminProject(project, now), jobId: randomUUID() });
}

function administrator(project: AccountProject, user: AccountUser) {
  return {
    user,
    companyId: user.company_id,
    roleIds: [],
    products: accessToAll(project.productKeys, 'administrator'),
    status: 'active',
    addedOn: project.createdAt,
    updatedAt: project.createdAt,
  } as const;
}

function readFields(account: Account, body: Record<string, unknown>): ProjectFields {
  const name = adminRequiredText(body, 'name');
  const type = adminRequiredText(body, 'type');
  const classification = adminText(body, 'classification') ?? 'production';
  if (!isClassification(classification)) throw adminBadInput('classification is invalid.');
  if ((classification === 'template') !== (type === TEMPLATE_TYPE)) {
    throw adminBadInput(`A template needs both classification=template and type=${TEMPLATE_TYPE}.`);
  }
  const texts = Object.fromEntries(TEXTS.map((field) => [field, adminText(body, field) ?? null]));
  const fields: ProjectFields = {
    ...EMPTY_PROJECT_FIELDS,
    ...texts,
    name,
    type,
    classification,
    projectValue: readValue(body.projectValue),
    jobNumber: adminText(body, 'jobNumber', MAX_JOB_NUMBER) ?? null,
    latitude: adminText(body, 'latitude', MAX_COORDINATE) ?? null,
    longitude: adminText(body, 'longitude', MAX_COORDINATE) ?? null,
  };
  for (const date of ['startDate', 'endDate'] as const) {
    const value = fields[date];
    if (value !== null && Number.isNaN(Date.parse(value))) throw adminBadInput(`${date} is invalid.`);
  }
  if (fields.timezone !== null && !isTimezone(fields.timezone)) throw adminBadInput('timezone is invalid.');
  const unit = fields.businessUnitId;
  if (unit !== null && !account.businessUnits.some((one) => one.id === unit)) {
    throw adminBadInput('businessUnitId is invalid.');
  }
  return fields;
}

function isClassification(text: string): text is ProjectFields['classification'] {
  return CLASSIFICATIONS.includes(text);
}

function readValue(given: unknown): ProjectFields['projectValue'] {
  if (given === undefined || given === null) return EMPTY_PROJECT_FIELDS.projectValue;
  const { value, currency } = requireAdminObject(given, 'projectValue');
  if (typeof value !== 'number' || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    throw adminBadInput('projectValue needs value and currency.');
  }
  return { value, currency };
}

/** Any other project than a template may be the source of a template, and only a template of anything else. */
function readTemplate(
  account: Account,
  body: Record<string, unknown>,
  classification: ProjectFields['classification'],
): AccountProject | undefined {
  if (body.template === undefined || body.template === null) return undefined;
  const id = adminRequiredText(requireAdminObject(body.template, 'template'), 'projectId');
  const template = account.projects.get(id);
  const isTemplate = template?.classification === 'template';
  if (template === undefined || template.platform !== 'acc' || isTemplate === (classification === 'template')) {
    throw adminBadInput('template.projectId is not a project that can be cloned to this one.');
  }
  return template;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
