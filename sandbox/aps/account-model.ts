import type { Hub, Project } from './world.ts';

export type AccountUserStatus = 'active' | 'inactive' | 'pending' | 'not_invited';

/** A member of an account's directory: exactly what `/hq/v1` answers. Nothing is optional; unknown is null. */
export interface AccountUser {
  id: string;
  account_id: string;
  role: 'account_admin' | 'account_user' | 'project_admin';
  status: AccountUserStatus;
  company_id: string | null;
  company_name: string | null;
  last_sign_in: string | null;
  email: string;
  name: string | null;
  nickname: string | null;
  first_name: string | null;
  last_name: string | null;
  /** The person's id of the whole platform; null until the person accepted the invitation. */
  uid: string | null;
  image_url: string | null;
  address_line_1: string | null;
  address_line_2: string | null;
  city: string | null;
  state_or_province: string | null;
  postal_code: string | null;
  country: string | null;
  phone: string | null;
  company: string | null;
  job_title: string | null;
  industry: string | null;
  about_me: string | null;
  default_role: string | null;
  default_role_id: string | null;
  created_at: string;
  updated_at: string;
}

/** As `/hq/v1` answers. */
export interface Company {
  id: string;
  account_id: string;
  name: string;
  trade: string;
  address_line_1: string | null;
  address_line_2: string | null;
  city: string | null;
  postal_code: string | null;
  state_or_province: string | null;
  country: string | null;
  phone: string | null;
  website_url: string | null;
  description: string | null;
  created_at: string;
  updated_at: string;
  erp_id: string | null;
  tax_id: string | null;
}

/** As `/hq/v1` answers. */
export interface BusinessUnit {
  id: string;
  account_id: string;
  parent_id: string | null;
  name: string;
  description: string | null;
  /** Names of the ancestors; null at the top. */
  path: string | null;
  created_at: string;
  updated_at: string;
}

/** What of a project a person may set; both API families write into it. */
export interface ProjectFields {
  name: string;
  type: string;
  classification: 'production' | 'template' | 'component' | 'sample';
  startDate: string | null;
  endDate: string | null;
  projectValue: { value: number; currency: string };
  jobNumber: string | null;
  addressLine1: string | null;
  addressLine2: string | null;
  city: string | null;
  stateOrProvince: string | null;
  postalCode: string | null;
  country: string | null;
  latitude: string | null;
  longitude: string | null;
  timezone: string | null;
  constructionType: string | null;
  deliveryMethod: string | null;
  contractType: string | null;
  currentPhase: string | null;
  businessUnitId: string | null;
}

export interface AccountProject extends ProjectFields {
  id: string;
  platform: 'acc' | 'bim360';
  /** `pending` is not kept: it follows from `readyAt`. */
  status: 'active' | 'archived' | 'suspended';
  /** Milliseconds since the epoch; products are being activated until then. */
  readyAt: number;
  productKeys: readonly string[];
  templateId: string | null;
  /** Whether a first administrator brings the template's members along. */
  awaitsTemplateMembers: boolean;
  createdAt: string;
  updatedAt: string;
  /** Absent for project templates, which Data Management does not list. */
  world: Project | undefined;
  account: Account;
}

export type Access = 'administrator' | 'member' | 'none';

/** Somebody's place in one project; name and address come from the account's directory. */
export interface Member {
  user: AccountUser;
  companyId: string | null;
  roleIds: readonly string[];
  products: readonly { key: string; access: Access }[];
  status: 'active' | 'pending' | 'deleted';
  addedOn: string;
  updatedAt: string;
}

export interface Account {
  id: string;
  hub: Hub;
  users: Map<string, AccountUser>;
  companies: Map<string, Company>;
  businessUnits: BusinessUnit[];
  projects: Map<string, AccountProject>;
  /** Of the project, by user id; generated when first asked for. */
  members(project: AccountProject): Map<string, Member>;
}

/** By the account's id, or by the platform's. */
export function findUser(account: Account, id: string): AccountUser | undefined {
  return account.users.get(id) ?? [...account.users.values()].find((one) => one.uid === id);
}

export function isProjectAdmin(member: Member | undefined): boolean {
  return member?.products.some((one) => one.key === 'projectAdministration' && one.access === 'administrator') ?? false;
}
