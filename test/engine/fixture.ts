import { fileURLToPath } from 'node:url';
import type { Connector, RequestPlan } from '../../src/connector/connector.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import type { Account } from '../../src/domain/account.ts';
import type { ConnectorProfile } from '../../src/domain/connector-profile.ts';
import { compileTemplate, type Template } from '../../src/expression/template.ts';
import { Problem, type ProblemCode } from '../../src/problems.ts';
import { Secret } from '../../src/secret.ts';
import type { RateBudgets } from '../../src/upstream/rate-budgets.ts';

/** The shipped connectors, compiled. */
export function shipped() {
  return loadRegistry(fileURLToPath(new URL('../../connectors', import.meta.url)));
}

export function profileOf(connector: Connector, change: Partial<ConnectorProfile> = {}): ConnectorProfile {
  const [authentication = ''] = connector.authentication.keys();
  return {
    id: 'prf_1',
    name: 'Profile',
    connector: connector.id,
    authentication,
    client_id: 'client',
    client_secret: new Secret('secret'),
    service_account_id: null,
    key_id: null,
    private_key: null,
    scopes: [],
    actions: null,
    enabled: true,
    created_at: '',
    updated_at: '',
    generation: 1,
    ...change,
  };
}

export function accountOf(connector: Connector, change: Partial<Account> = {}): Account {
  return {
    id: 'acc_1',
    profile_id: 'prf_1',
    connector: connector.id,
    owner_id: 'owner',
    owner_name: null,
    settings: {},
    status: 'active',
    status_reasons: [],
    status_history: [],
    identity: null,
    granted_scopes: null,
    linked_at: '2026-01-01T00:00:00.000Z',
    created_at: '',
    updated_at: '',
    ...change,
  };
}

/** The code of the problem that the work ends with, or undefined. */
export async function codeOf(work: () => unknown): Promise<ProblemCode | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

/** The template of an input's value. */
export function input(name: string): Template {
  return compileTemplate(`\${inputs.${name}}`);
}

export function plan(change: Partial<RequestPlan> = {}): RequestPlan {
  return {
    method: 'GET',
    origin: 'https://api.example',
    declaredOrigin: 'https://api.example',
    template: '/',
    segments: [],
    query: [],
    queryLists: 'commas',
    headers: [],
    body: undefined,
    bodyEncoding: 'json',
    contentType: 'application/json',
    acceptStatus: new Set(),
    refusedWhen: undefined,
    rateLimit: undefined,
    ...change,
  };
}

/** Every turn comes at once. */
export const generousBudgets: RateBudgets = {
  take: async () => {},
  exhausted: () => {},
  close: async () => {},
};
