import type { Clock } from '../clock.ts';
import type { Connector, RateLimit, RequestPlan } from '../connector/connector.ts';
import type { Account } from '../domain/account.ts';
import type { ConnectorProfile } from '../domain/connector-profile.ts';
import type { ExpressionContext } from '../expression/expression.ts';
import type { Grants } from '../oauth/grants.ts';
import { credentialHeader, secretsOfCredential } from '../oauth/placement.ts';
import type { TokenBroker } from '../oauth/token-broker.ts';
import type { AccessToken } from '../oauth/token-cache.ts';
import { Problem } from '../problems.ts';
import { MAX_JSON_DEPTH, parseJsonBody } from '../upstream/json.ts';
import { clientOfAccount, type RateBudgets } from '../upstream/rate-budgets.ts';
import type { Attempt, Door, SendOptions, UpstreamResponse } from '../upstream/types.ts';
import type { Call, RequestName } from './call.ts';
import { classifyRefusal } from './classify.ts';
import { evaluateForOutput } from './evaluate.ts';
import type { Admission } from './gate.ts';
import { type PageQuery, type RenderedRequest, renderRequest } from './render.ts';
import type { Timed } from './stages.ts';
import type { StepAnswer } from './step-tools.ts';
import { appTokenRequest, serviceAccountTokenRequest, userTokenRequest } from './token-request.ts';

export interface SenderDependencies {
  broker: TokenBroker;
  grants: Pick<Grants, 'userToken'>;
  door: Door;
  budgets: RateBudgets;
  clock: Clock;
}

/** For whom requests are sent, and within which limits. */
export interface SenderScope {
  project: string;
  connector: Connector;
  profile: ConnectorProfile;
  account: Pick<Account, 'id'>;
  admission: Admission;
  /** Deadline of a request that begins now, milliseconds since the epoch. */
  deadlineAt: () => number;
  maxResponseBytes: number;
  /** Whether repeating a request cannot do harm. */
  safe: (plan: RequestPlan) => boolean;
  signal: AbortSignal;
  traceHeaders?: Call['traceHeaders'];
  observe: Call['observe'];
  timed: Timed;
}

/** Sends the connector's own requests, see {@link Sender.send}. */
export interface Sender {
  /**
   * Renders a request and sends it: token (renewed once when refused), rate budget, retries, deadline, error rules. Rejects
   * with the Problem of a refusal; a status that the plan accepts is none. A key that is refused is dead, unless it was
   * replaced meanwhile: `account_reauth_required`.
   */
  send(step: string, plan: RequestPlan, context: ExpressionContext, page?: PageQuery): Promise<StepAnswer>;
  /** Renders a request without sending it. */
  render(plan: RequestPlan, context: ExpressionContext, page?: PageQuery): Promise<RenderedRequest>;
  /** As {@link send}, for a request that is rendered already. */
  sendRendered(
    step: string,
    plan: RequestPlan,
    request: RenderedRequest,
    context: ExpressionContext,
  ): Promise<StepAnswer>;
}

// Where a 429 does not say for how long: with several such in a row it comes to a wait that helps, and one by mistake costs
// little.
const DEFAULT_EXHAUSTION_MS = 5_000;
// A provider that names a longer time is asked again all the same: who else waits in the queue should not pay for a slip.
const MAX_EXHAUSTION_MS = 120_000;
// Below it, it is the store's or the event loop's time, and no wait.
const NOTABLE_WAIT_MS = 1;
// Real ones are UUIDs or short tokens; a header could carry 32 KB.
const MAX_REQUEST_ID_CHARS = 128;

export function createSender({ broker, grants, door, budgets, clock }: SenderDependencies, scope: SenderScope): Sender {
  const { connector, profile, admission, signal, observe, timed } = scope;
  /** Everything that no answer of the provider may carry further. */
  const secrets = new Set(profile.client_secret ? [profile.client_secret.reveal()] : []);
  const { grant, placement } = admission.authentication;
  // Without a client the provider counts by key.
  const holder = { clientId: profile.client_id ?? clientOfAccount(scope.account.id), account: scope.account.id };

  async function tokenFor(deadlineAt: number, newerThan?: number): Promise<AccessToken> {
    const { authentication, scopes, tokenKind } = admission;
    const need = { project: scope.project, connector, profile, authentication, scopes, deadlineAt, signal };
    const options = newerThan === undefined ? {} : { newerThan };
    const token = await timed('authorize', async () => {
      if (tokenKind === 'app') return broker.appToken(appTokenRequest(need), options);
      if (authentication.grant === 'jwt_bearer') return broker.appToken(serviceAccountTokenRequest(need), options);
      return grants.userToken(userTokenRequest(need, scope.account.id), options);
    });
    for (const secret of secretsOfCredential(placement, token.token.reveal())) secrets.add(secret);
    return token;
  }

  async function exchange(
    plan: RequestPlan,
    request: RenderedRequest,
    name: RequestName,
    newerThan?: number,
  ): Promise<{ response: UpstreamResponse; token: AccessToken }> {
    const deadlineAt = scope.deadlineAt();
    const { rateLimit } = plan;
    const options: SendOptions = {
      allowedOrigins: connector.origins,
      deadlineAt,
      maxResponseBytes: scope.maxResponseBytes,
      retry: scope.safe(plan) ? 'safe' : 'unsent',
      signal,
      onAttempt: (attempt) => {
        observe({ type: 'attempt', request: name, attempt });
        if (rateLimit && attempt.status === 429) noteExhaustion(rateLimit, attempt);
      },
      ...(rateLimit && { beforeAttempt: () => takeTurn(rateLimit, deadlineAt) }),
    };
    const { method, url, headers, body } = request;
    const sendWith = ({ token }: AccessToken) =>
      timed('send', () =>
        door.send(
          {
            method,
            url,
            headers: { ...scope.traceHeaders, ...headers, ...credentialHeader(placement, token.reveal()) },
            ...(body !== undefined && { body }),
          },
          options,
        ),
      );
    const token = await tokenFor(deadlineAt, newerThan);
    const response = await sendWith(token);
    if (response.status !== 401 || plan.acceptStatus.has(401) || grant === 'api_key') return { response, token };
    // A 401 was refused before anything happened, so even a write may be sent once more with a newer token.
    const newer = await tokenFor(deadlineAt, token.generation);
    return { response: await sendWith(newer), token: newer };
  }

  async function takeTurn(limit: RateLimit, deadlineAt: number): Promise<void> {
    const started = clock.now();
    try {
      await budgets.take(limit, holder, { deadlineAt, signal });
      observe({ type: 'turn', limit: limit.id, holder: profile.client_id === null ? scope.account.id : profile.id });
    } finally {
      const durationMs = clock.now() - started;
      if (durationMs > NOTABLE_WAIT_MS) observe({ type: 'waited', limit: limit.id, durationMs });
    }
  }

  function noteExhaustion(limit: RateLimit, { retryAfterMs = DEFAULT_EXHAUSTION_MS }: Attempt): void {
    budgets.exhausted(limit, holder, clock.now() + Math.min(retryAfterMs, MAX_EXHAUSTION_MS));
  }

  async function sendRendered(
    step: string,
    plan: RequestPlan,
    request: RenderedRequest,
    context: ExpressionContext,
  ): Promise<StepAnswer> {
    const name = { step, method: plan.method, host: request.url.hostname, path: plan.template };
    const { response, token } = await exchange(plan, request, name);
    const first = await judge(plan, request, name, context, response);
    if (!(first instanceof Problem)) return first;
    // What else the provider refuses, and calls 401, the connector's rules know.
    if (grant !== 'api_key' || first.code !== 'credential_rejected') throw first;
    const again = await exchange(plan, request, name, token.generation).catch((error: unknown) => {
      throw withProvider(error, first);
    });
    const second = await judge(plan, request, name, context, again.response);
    if (second instanceof Problem) throw second;
    return second;
  }

  /** What an answer comes to: also a refusal, which may not be the end. */
  async function judge(
    plan: RequestPlan,
    request: RenderedRequest,
    name: RequestName,
    context: ExpressionContext,
    response: UpstreamResponse,
  ): Promise<StepAnswer | Problem> {
    const { status, headers } = response;
    const requestId = loggableRequestId(headers['x-request-id'], secrets);
    observe({ type: 'answered', request: name, status, requestId });
    const succeeded = status >= 200 && status <= 299;
    const refuse = (body: unknown) =>
      classifyRefusal({
        response,
        body,
        asked: {
          inputs: context.inputs,
          account: context.account,
          request: { method: request.method, path: request.url.pathname },
        },
        rules: connector.errors,
        missingProviderScopes: admission.missingProviderScopes,
        secrets: [...secrets],
        safe: scope.safe(plan),
        nowMs: clock.now(),
      });
    if (!succeeded && !plan.acceptStatus.has(status)) return refuse(parseQuietly(response.body));
    const body = succeeded ? parseAnswer(response.body, scope.safe(plan)) : (parseQuietly(response.body) ?? null);
    const answer: StepAnswer = { status, headers, body };
    if (plan.refusedWhen && (await evaluateForOutput(plan.refusedWhen, { ...context, ...answer })) === true)
      return refuse(body);
    return answer;
  }

  const render: Sender['render'] = (plan, context, page) => timed('render', () => renderRequest(plan, context, page));

  return {
    render,
    sendRendered,
    send: async (step, plan, context, page) => sendRendered(step, plan, await render(plan, context, page), context),
  };
}

/** The end of a key, with what the provider said and what the connector's rules say to do about it. */
function withProvider(error: unknown, { options: { provider, hint } }: Problem): unknown {
  if (!(error instanceof Problem) || error.code !== 'account_reauth_required' || !provider) return error;
  return new Problem(error.code, error.message, { ...error.options, provider, ...(hint !== undefined && { hint }) });
}

/** The provider's request id for the log, unless it is none or the provider put one of our secrets into it. */
function loggableRequestId(value: string | undefined, secrets: ReadonlySet<string>): string | undefined {
  if (value === undefined || [...secrets].some((secret) => value.includes(secret))) return undefined;
  return value.slice(0, MAX_REQUEST_ID_CHARS);
}

function parseAnswer(body: Buffer, safe: boolean): unknown {
  if (body.length === 0) return null;
  try {
    return parseJsonBody(body, { maxDepth: MAX_JSON_DEPTH });
  } catch (error) {
    // The status said that it was carried out.
    if (error instanceof Problem && !safe)
      throw new Problem(error.code, error.message, { ...error.options, retryable: false });
    throw error;
  }
}

function parseQuietly(body: Buffer): unknown {
  try {
    return body.length === 0 ? undefined : parseJsonBody(body, { maxDepth: MAX_JSON_DEPTH });
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
