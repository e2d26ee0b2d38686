import type { Check, Connector } from '../connector/connector.ts';
import { type Account, loadAccount } from '../domain/account.ts';
import type { ConnectorProfile } from '../domain/connector-profile.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import { fetchIdentity } from '../oauth/identity.ts';
import { Problem, type ProblemCode, type ProviderDetail } from '../problems.ts';
import type { Call } from './call.ts';
import { evaluateQuietly } from './evaluate.ts';
import type { EngineDependencies } from './execute.ts';
import { type Admission, grantedScopes, tokenKinds } from './gate.ts';
import { resolveAccount } from './resolve.ts';
import { createSender, type Sender } from './send-request.ts';
import { stageTimer } from './stages.ts';
import { appTokenRequest, serviceAccountTokenRequest, userTokenRequest } from './token-request.ts';

export interface DiagnosisRequest {
  project: string;
  account: string;
  signal: AbortSignal;
  observe: Call['observe'];
}

export interface CheckOutcome {
  id: string;
  label: string;
  outcome: 'passed' | 'failed' | 'not_checked';
  /** Why it was not checked. */
  reason?: string;
  /** What to do, where something is to be done. */
  remedy?: string;
  code?: ProblemCode;
  detail?: string;
  provider?: ProviderDetail;
}

export interface Diagnosis {
  account: string;
  /** Nothing failed, and no check went without the answer that it asked for. */
  passed: boolean;
  checks: CheckOutcome[];
}

/**
 * Goes through a connector's checklist for an account with harmless reads, also when the account is suspended. Rejects with
 * `account_not_found`, `profile_disabled` (the profile is gone), `not_found` (the connector is), `store_unavailable` and the
 * signal's reason; what the provider refuses is part of the answer.
 */
export type Diagnose = (request: DiagnosisRequest) => Promise<Diagnosis>;

// Somebody waits for the whole list.
const CHECK_TIMEOUT_MS = 20_000;
// As of actions that say nothing: lists of a whole account are read.
const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

/** Refusals that tell about the moment, not about the set-up. */
const PASSING_TROUBLE: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'provider_rate_limited',
  'rate_budget_exhausted',
  'token_rate_limited',
  'token_endpoint_unavailable',
  'provider_unavailable',
  'provider_timeout',
  'provider_unreachable',
  'deadline_exceeded',
]);

const NO_APP_TOKENS =
  'The connector profile gives no app tokens: its authentication has none, or it lacks a client secret.';

const NOBODY_TO_ASK = 'A key is at hand whether it works or not, and the connector declares nobody to ask about it.';

const NO_USER_TOKENS = 'The account has no grant or key of its own, or its authentication gives no such tokens.';

interface Patient {
  request: DiagnosisRequest;
  connector: Connector;
  account: Account;
  profile: ConnectorProfile;
}

type Finding = Omit<CheckOutcome, 'id' | 'label'>;

export function createDiagnosis(dependencies: EngineDependencies): Diagnose {
  const { registry, cache, vault, broker, grants, door, clock } = dependencies;

  return async (request) => {
    const { project } = request;
    const known = await loadAccount(cache, project, request.account);
    if (!known) throw new Problem('account_not_found', 'There is no such account in this project.');
    const connector = registry().connectors.get(known.connector);
    if (!connector) throw new Problem('not_found', `Connector ${known.connector} is not loaded.`);
    const { account, profile } = await resolveAccount(cache, vault, project, request.account, connector);
    request.observe({ type: 'resolved', account: account.id, profile: profile.id, connector: connector.id });
    const patient: Patient = { request, connector, account, profile };

    const checks: CheckOutcome[] = [];
    for (const check of connector.diagnosis) {
      const blocking = checks.find(({ id, outcome }) => outcome !== 'passed' && check.needs.includes(id));
      const finding = blocking
        ? notChecked(`Not asked before this is so: ${blocking.label}`)
        : await examine(check, patient).catch((error: unknown) => findingOf(error, check, request.signal));
      checks.push({ id: check.id, label: check.label, ...finding });
    }
    const spoiled = checks.some(({ outcome, code }) => outcome === 'failed' || code !== undefined);
    return { account: account.id, passed: !spoiled, checks };
  };

  async function examine(check: Check, patient: Patient): Promise<Finding> {
    switch (check.kind) {
      case 'manual':
        return { ...notChecked(check.notChecked), remedy: check.remedy };
      case 'token':
        return check.token === 'app' ? examineToken(patient) : examineOwnToken(check, patient);
      case 'request':
        return examineRequest(check, patient);
    }
  }

  async function examineToken({ request, connector, account, profile }: Patient): Promise<Finding> {
    const { authentication, available } = tokenKinds(connector, profile, account);
    if (!authentication || !available.includes('app')) return notChecked(NO_APP_TOKENS);
    const need = { project: request.project, connector, profile, authentication, scopes: profile.scopes };
    const deadlineAt = clock.now() + CHECK_TIMEOUT_MS;
    await broker.appToken(appTokenRequest({ ...need, deadlineAt, signal: request.signal }));
    return { outcome: 'passed' };
  }

  /** The account's own grant or key. */
  async function examineOwnToken(
    { remedy }: Check,
    { request, connector, account, profile }: Patient,
  ): Promise<Finding> {
    const { authentication, available } = tokenKinds(connector, profile, account);
    if (!authentication || !available.includes('user')) return notChecked(NO_USER_TOKENS);
    if (authentication.grant === 'api_key' && !authentication.identity) return notChecked(NOBODY_TO_ASK);
    const { project, signal } = request;
    const deadlineAt = clock.now() + CHECK_TIMEOUT_MS;
    const need = { project, connector, profile, authentication, scopes: profile.scopes, deadlineAt, signal };
    if (authentication.grant === 'jwt_bearer') {
      await broker.appToken(serviceAccountTokenRequest(need));
      return { outcome: 'passed' };
    }
    const asked = userTokenRequest(need, account.id);
    const { token } = await grants.userToken(asked);
    // A key is at hand whether the provider still takes it or not: only asking tells.
    const identity = await fetchIdentity({ door, clock }, asked.client, token, { deadlineAt });
    if (authentication.grant === 'api_key' && !identity)
      return { outcome: 'failed', detail: 'The provider refuses the key, or does not say whose it is.', remedy };
    return { outcome: 'passed' };
  }

  async function examineRequest(check: Extract<Check, { kind: 'request' }>, patient: Patient): Promise<Finding> {
    const { connector, account, profile } = patient;
    const { authentication, available } = tokenKinds(connector, profile, account);
    // Where accounts bring keys, there is nothing but the account's own.
    const tokenKind = authentication?.grant === 'api_key' ? 'user' : 'app';
    if (!authentication || !available.includes(tokenKind))
      return notChecked(tokenKind === 'app' ? NO_APP_TOKENS : NO_USER_TOKENS);
    const granted = grantedScopes(connector, profile);
    const lacking = check.scopes.filter((scope) => !granted.has(scope));
    if (lacking.length > 0) return notChecked(`The connector profile lacks ${lacking.join(' ')}.`);
    const unset = check.needsSettings.filter((name) => isUnset(account.settings[name]));
    if (unset.length > 0) return notChecked(`The account lacks the setting ${unset.join(', ')}.`);

    const scopes = check.scopes.length > 0 ? [...check.scopes] : [...profile.scopes];
    const sender = senderFor(patient, { authentication, tokenKind, scopes, missingProviderScopes: [] });
    const context: ExpressionContext = { inputs: {}, account: account.settings };
    const answer = await sender.send(check.id, check.request, context);
    if (check.passedWhen && (await evaluateQuietly(check.passedWhen, { ...context, ...answer })) !== true)
      return { outcome: 'failed', detail: "The provider's answer tells otherwise.", remedy: check.remedy };
    return { outcome: 'passed' };
  }

  function senderFor({ request, ...patient }: Patient, admission: Admission): Sender {
    const { project, signal, observe } = request;
    return createSender(dependencies, {
      ...patient,
      project,
      admission,
      deadlineAt: () => clock.now() + CHECK_TIMEOUT_MS,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      safe: () => true,
      signal,
      observe,
      timed: stageTimer(observe),
    });
  }
}

/** A refusal as a finding; what is nobody's set-up is thrown on. */
function findingOf(error: unknown, { remedy }: Check, signal: AbortSignal): Finding {
  signal.throwIfAborted();
  if (!(error instanceof Problem) || error.fault === 'server') throw error;
  const { code, options } = error;
  const said = { code, ...(options.provider && { provider: options.provider }) };
  if (PASSING_TROUBLE.has(code)) return { ...notChecked(error.message), ...said };
  return { outcome: 'failed', ...said, detail: options.hint ?? error.message, remedy };
}

function notChecked(reason: string): Finding {
  return { outcome: 'not_checked', reason };
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
