import { ACC_PRODUCTS, BIM360_PRODUCTS, ROLE_NAMES, roleId } from './account-catalogue.ts';
import type { Account, AccountProject, AccountUser, BusinessUnit, Company, ProjectFields } from './account-model.ts';
import { userId, userName } from './people.ts';
import type { Seed } from './seed.ts';
import type { Hub, Project } from './world.ts';

const USERS = 36;
const COMPANIES = 24;
/** The first ones, so that tests need not search: 1 and 2 administer the account, 3 and 4 are project administrators. */
const ACCOUNT_ADMINS = 2;
const PROJECT_ADMINS = 4;
/** The last ones: two of each kind that cannot act. */
const INACTIVE_FROM = 31;
const PENDING_FROM = 33;
const NOT_INVITED_FROM = 35;
const TRADES = ['Concrete', 'Architecture', 'Electrical', 'Plumbing', 'Construction Management'] as const;
const NO_ADDRESS = {
  address_line_1: null,
  address_line_2: null,
  city: null,
  state_or_province: null,
  postal_code: null,
  country: null,
} as const;

export const EMPTY_PROJECT_FIELDS: Omit<ProjectFields, 'name' | 'type'> = {
  classification: 'production',
  startDate: null,
  endDate: null,
  projectValue: { value: 0, currency: 'USD' },
  jobNumber: null,
  addressLine1: null,
  addressLine2: null,
  city: null,
  stateOrProvince: null,
  postalCode: null,
  country: null,
  latitude: null,
  longitude: null,
  timezone: null,
  constructionType: null,
  deliveryMethod: null,
  contractType: null,
  currentPhase: null,
  businessUnitId: null,
};

/** `…sssZ`, as account administration writes times (Data Management writes seven digits). */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function seedCompanies(seed: Seed, hub: Hub): Company[] {
  return Array.from({ length: COMPANIES }, (_, index) => {
    const label = `account/${hub.region}/company/${index}`;
    const at = isoTime(seed.time(label));
    return {
      id: seed.uuid(label),
      account_id: hub.accountId,
      name: `Sandbox Company ${index + 1}`,
      trade: seed.pick(`${label}/trade`, TRADES),
      ...NO_ADDRESS,
      phone: null,
      website_url: `https://company-${index + 1}.example`,
      description: null,
      created_at: at,
      updated_at: at,
      erp_id: null,
      tax_id: null,
    };
  });
}

export function seedUsers(seed: Seed, hub: Hub, companies: readonly Company[]): AccountUser[] {
  return Array.from({ length: USERS }, (_, index) => {
    const number = index + 1;
    const label = `account/${hub.region}/user/${number}`;
    const company = companies[index % companies.length];
    const status = userStatus(number);
    const invited = status === 'active' || status === 'inactive';
    const role = seed.pick(`${label}/role`, ROLE_NAMES);
    const created = seed.time(label);
    return {
      id: seed.uuid(label),
      account_id: hub.accountId,
      role: number <= ACCOUNT_ADMINS ? 'account_admin' : number <= PROJECT_ADMINS ? 'project_admin' : 'account_user',
      status,
      company_id: company?.id ?? null,
      company_name: company?.name ?? null,
      last_sign_in: invited ? signInTime(created, number) : null,
      email: `sandbox.user.${number}@${hub.region.toLowerCase()}.example`,
      name: userName(number),
      nickname: null,
      first_name: 'Sandbox',
      last_name: `User ${number}`,
      uid: invited ? userId(number) : null,
      image_url: null,
      ...NO_ADDRESS,
      phone: null,
      company: company?.name ?? null,
      job_title: role,
      industry: null,
      about_me: null,
      default_role: role,
      default_role_id: roleId(seed, hub.accountId, role),
      created_at: isoTime(created),
      updated_at: isoTime(created),
    };
  });
}

function userStatus(number: number): AccountUser['status'] {
  if (number >= NOT_INVITED_FROM) return 'not_invited';
  if (number >= PENDING_FROM) return 'pending';
  return number >= INACTIVE_FROM ? 'inactive' : 'active';
}

/** Every fifth in the form of a documented answer that is not ISO 8601: "2016-04-07 08:00:24.020422". */
function signInTime(ms: number, number: number): string {
  const iso = isoTime(ms);
  return number % 5 === 0 ? iso.replace('T', ' ').replace('Z', '422') : iso;
}

export function seedBusinessUnits(seed: Seed, hub: Hub): BusinessUnit[] {
  const unit = (name: string, parent?: BusinessUnit): BusinessUnit => {
    const label = `account/${hub.region}/unit/${name}`;
    const at = isoTime(seed.time(label));
    return {
      id: seed.uuid(label),
      account_id: hub.accountId,
      parent_id: parent?.id ?? null,
      name,
      description: null,
      path: parent?.name ?? null,
      created_at: at,
      updated_at: at,
    };
  };
  const buildings = unit('Buildings');
  return [buildings, unit('Infrastructure'), unit('Healthcare', buildings), unit('Education', buildings)];
}

/** A project of the world as the account's administrators see it. */
export function seedProject(seed: Seed, account: Account, project: Project): AccountProject {
  const label = `account-project/${project.uuid}`;
  const at = seed.time(label);
  const bim360 = project.projectType === 'BIM360';
  return {
    ...EMPTY_PROJECT_FIELDS,
    id: project.uuid,
    name: project.name,
    type: project.name.split(' ')[1] ?? 'Office',
    jobNumber: `J-${project.name.slice(0, 4)}`,
    country: project.hub.region === 'US' ? 'US' : 'DE',
    timezone: project.hub.region === 'US' ? 'America/New_York' : 'Europe/Berlin',
    businessUnitId: seed.integer(`${label}/unit`, 0, 2) === 0 ? (account.businessUnits[0]?.id ?? null) : null,
    platform: bim360 ? 'bim360' : 'acc',
    status: 'active',
    readyAt: 0,
    productKeys: bim360 ? BIM360_PRODUCTS : ACC_PRODUCTS,
    templateId: null,
    awaitsTemplateMembers: false,
    createdAt: isoTime(at),
    updatedAt: isoTime(at + seed.integer(`${label}/edit`, 60, 90 * 24 * 3600) * 1000),
    world: project,
    account,
  };
}

/** One template per account, to clone projects from. */
export function seedTemplate(seed: Seed, account: Account): AccountProject {
  const label = `account-template/${account.id}`;
  const at = isoTime(seed.time(label));
  return {
    ...EMPTY_PROJECT_FIELDS,
    id: seed.uuid(label),
    name: 'Sandbox Template',
    type: 'Template Project',
    classification: 'template',
    platform: 'acc',
    status: 'active',
    readyAt: 0,
    productKeys: ['projectAdministration', 'docs', 'build', 'insight'],
    templateId: null,
    awaitsTemplateMembers: false,
    createdAt: at,
    updatedAt: at,
    world: undefined,
    account,
  };
}
