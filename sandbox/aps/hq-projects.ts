import { ROLE_NAMES, roleId } from './account-catalogue.ts';
import type { AccountProject, ProjectFields } from './account-model.ts';
import { isoTime } from './account-seed.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { hqBadInput, hqUnprocessable, optionalText, requireBim360Project, requireObject } from './hq-context.ts';
import { hqAnswer } from './hq-lists.ts';

/** The texts of the PATCH body and where they are kept; the other API family writes the same fields in camel case. */
const TEXTS: readonly (readonly [string, Exclude<keyof ProjectFields, 'projectValue' | 'classification'>])[] = [
  ['name', 'name'],
  ['project_type', 'type'],
  ['start_date', 'startDate'],
  ['end_date', 'endDate'],
  ['job_number', 'jobNumber'],
  ['address_line_1', 'addressLine1'],
  ['address_line_2', 'addressLine2'],
  ['city', 'city'],
  ['state_or_province', 'stateOrProvince'],
  ['postal_code', 'postalCode'],
  ['country', 'country'],
  ['timezone', 'timezone'],
  ['construction_type', 'constructionType'],
  ['contract_type', 'contractType'],
  ['business_unit_id', 'businessUnitId'],
];
/** Of the PATCH body, to the status that the newer family shows. */
const STATUS: Readonly<Record<string, AccountProject['status']>> = {
  active: 'active',
  inactive: 'suspended',
  archived: 'archived',
};
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** BIM 360 only; 400 for an empty body, 422 for bad values. An inactive project disappears from Data Management's lists. */
export function updateAccountProject(context: ApiContext): Answer {
  const project = requireBim360Project(context);
  const body = requireObject(context.body);
  if (Object.keys(body).length === 0) throw hqBadInput('the body must name something to change');
  const changes: Partial<AccountProject> = {};
  for (const [name, field] of TEXTS) {
    const text = optionalText(body, name);
    if (text !== undefined) Object.assign(changes, { [field]: text });
  }
  if (changes.name === null || changes.name === '') throw hqUnprocessable('name is invalid');
  checkDates({ ...project, ...changes });
  const unit = changes.businessUnitId;
  if (typeof unit === 'string' && !project.account.businessUnits.some((one) => one.id === unit)) {
    throw hqUnprocessable('business_unit_id is invalid');
  }
  if (body.status !== undefined) changes.status = readStatus(body.status);
  const value = body.value ?? project.projectValue.value;
  if (typeof value !== 'number' || value < 0) throw hqUnprocessable('value is invalid');
  changes.projectValue = { value, currency: optionalText(body, 'currency') ?? project.projectValue.currency };
  Object.assign(project, changes, { updatedAt: isoTime(context.now()) });
  if (project.world !== undefined) {
    project.world.name = project.name;
    project.world.archived = project.status !== 'active';
  }
  return hqAnswer(200, hqProject(project));
}

export function listIndustryRoles(context: ApiContext): Answer {
  const project = requireBim360Project(context);
  const { seed } = context.world;
  const roles = ROLE_NAMES.map((name) => ({
    id: roleId(seed, project.id, name),
    project_id: project.id,
    name,
    member_group_id: String(seed.integer(`role-group/${project.id}/${name}`, 1_000_000, 9_999_999)),
    services: {
      project_administration: { access_level: name === 'Project Manager' ? 'admin' : 'no_access' },
      document_management: { access_level: name === 'Project Manager' ? 'admin' : 'user' },
    },
  }));
  return hqAnswer(200, roles);
}

function readStatus(value: unknown): AccountProject['status'] {
  const status = typeof value === 'string' && Object.hasOwn(STATUS, value) ? STATUS[value] : undefined;
  if (status === undefined) throw hqUnprocessable('status is invalid');
  return status;
}

/** "must be earlier than end_date", format YYYY-MM-DD. */
function checkDates(project: Pick<AccountProject, 'startDate' | 'endDate'>): void {
  const { startDate, endDate } = project;
  if (startDate !== null && !DATE.test(startDate)) throw hqUnprocessable('start_date is invalid');
  if (endDate !== null && !DATE.test(endDate)) throw hqUnprocessable('end_date is invalid');
  if (startDate !== null && endDate !== null && startDate >= endDate) {
    throw hqUnprocessable('start_date must be earlier than end_date');
  }
}

function hqProject(project: AccountProject): object {
  const status = Object.keys(STATUS).find((one) => STATUS[one] === project.status);
  const texts = Object.fromEntries(TEXTS.map(([name, field]) => [name, project[field]]));
  return {
    id: project.id,
    account_id: project.account.id,
    ...texts,
    value: project.projectValue.value,
    currency: project.projectValue.currency,
    status,
    language: 'en',
    last_sign_in: null,
    created_at: project.createdAt,
    updated_at: project.updatedAt,
  };
}
