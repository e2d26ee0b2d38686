import type { HubSummary } from '../../sandbox/aps/account-summary.ts';
import type { Reply } from './client.ts';

interface PersonIds {
  id: string;
  uid: string;
  email: string;
}

/** A hub of the control answer with everything that a construction account has. */
export type AccountIds = Required<Omit<HubSummary, 'account_admin' | 'project_admin' | 'member' | 'pending_user'>> &
  Record<'account_admin' | 'project_admin' | 'member' | 'pending_user', PersonIds>;

/** A user, company, project, member, role, business unit or hook, in one loose shape in which nothing is optional. */
export interface AnyEntry {
  id: string;
  uid: string;
  name: string;
  email: string;
  status: string;
  company_id: string;
  path: string;
  type: string;
  platform: string;
  classification: string;
  jobNumber: string;
  updatedAt: string;
  memberCount: number;
  templateId: string;
  jobId: string;
  companyId: string;
  roleIds: string[];
  products: { key: string; access: string; status: string }[];
  hookExpiry: string;
  createdDate: string;
  system: string;
  token: string;
}

/** Everything that account administration and webhooks may answer: each test asserts the part that it asked for. */
export interface AnyAccountAnswer extends AnyEntry {
  code: number;
  access_token: string;
  hubs: AccountIds[];
  business_units: AnyEntry[];
  pagination: { limit: number; offset: number; totalResults: number; nextUrl: string; previousUrl: string };
  results: AnyEntry[];
  links: { next: string };
  data: AnyEntry[];
}

/** The answer as JSON, which it must be: an object of any kind or a bare list. */
export function accountAnswer(reply: Reply): AnyAccountAnswer & AnyEntry[] {
  return JSON.parse(reply.bytes.toString('utf8')) as AnyAccountAnswer & AnyEntry[];
}
