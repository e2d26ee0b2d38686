import type { Clock } from '../clock.ts';
import type { Action, Connector, Registry } from '../connector/connector.ts';
import type { Account } from '../domain/account.ts';
import type { ApiKey } from '../domain/api-key.ts';
import type { ConnectorProfile } from '../domain/connector-profile.ts';
import { type Expression, type ExpressionContext, ExpressionError } from '../expression/expression.ts';
import type { TokenBroker } from '../oauth/token-broker.ts';
import type { AccessToken } from '../oauth/token-cache.ts';
import { Problem } from '../problems.ts';
import type { RecordCache } from '../store/record-cache.ts';
import { MAX_JSON_DEPTH, parseJsonBody } from '../upstream/json.ts';
import type { Attempt, Door, UpstreamResponse } from '../upstream/types.ts';
import type { Vault } from '../vault/vault.ts';
import { classifyRefusal } from './classify.ts';
import { type CursorScope, nextCheckpoint, openCursor, type PagePosition, sealCursor } from './cursor.ts';
import { type Admission, admit } from './gate.ts';
import { firstPage, following, pageQuery } from './page.ts';
import { type RenderedRequest, renderRequest } from './render.ts';
import { resolveAccount, resolveAction } from './resolve.ts';
import { appTokenRequest } from './token-request.ts';

/** One call of an action, as the surface hands it over. */
export interface Call {
  key: ApiKey;
  action: string;
  /** The account id, or undefined when the caller named none. */
  account: string | undefined;
  inputs: Readonly<Record<string, unknown>>;
  /** Give the provider's body unshaped. */
  raw: boolean;
  /** Build the request, send nothing. */
  dryRun: boolean;
  /** Aborted when the caller goes away. */
  signal: AbortSignal;
  /** Told what happens, for the log; never given a secret. */
  observe: (event: CallEvent) => void;
}

export type Stage = 'resolve' | 'gate' | 'bind' | 'authorize' | 'render' | 'send' | 'shape';

export type CallEvent =
  | { type: 'stage'; stage: Stage; durationMs: number }
  | { type: 'resolved'; account: string; profile: string; connector: string }
  | { type: 'attempt'; attempt: Attempt }
  | { type: 'answered'; status: number; requestId: string | undefined };

export interface CallAnswer {
  data: unknown;
  next: string | null;
  warnings: unknown[];
}

/** Executes calls: gate, bind, token, render, send, page, shape. Rejects with a {@link Problem}. */
export interface Engine {
  execute(call: Call): Promise<CallAnswer>;
}

export interface EngineDependencies {
  registry: () => Registry;
  cache: RecordCache;
  vault: Vault;
  broker: TokenBroker;
  door: Door;
  clock: Clock;
}

export function createEngine(dependencies: EngineDependencies): Engine {
  const { registry, cache, vault, broker, door, clock } = dependencies;

  return {
    async execute(call) {
      const timed = timer(clock, call.observe);
      const { action, connector } = resolveAction(registry(), call.action);
      if (call.account === undefined) throw new Problem('account_missing', 'The call names no account.');
      const accountId = call.account;
      const { account, profile } = await timed('resolve', () =>
        resolveAccount(cache, vault, call.key.project, accountId, connector),
      );
      call.observe({ type: 'resolved', account: account.id, profile: profile.id, connector: connector.id });
      const admission = await timed('gate', async () => admit({ key: call.key, connector, action, account, profile }));
      const bound = await timed('bind', async () => bind(call, action, account));
      const deadlineAt = clock.now() + action.timeoutMs;
      const request = await timed('render', () => renderRequest(action.request, bound.context, bound.query));
      if (call.dryRun) return dryRun(request, admission);

      const response = await send(call, { action, connector, profile, admission, request, deadlineAt }, timed);
      return timed('shape', () => shape(call, action, bound, response));
    },
  };

  function bind(call: Call, action: Action, account: Account) {
    const checked = action.inputs.bind(call.inputs);
    if ('errors' in checked)
      throw new Problem('inputs_invalid', `The inputs of ${action.id} are not valid.`, { errors: checked.errors });
    const { next, page_size, ...inputs } = action.pagination
      ? checked.values
      : { ...checked.values, next: undefined, page_size: undefined };
    const scope: CursorScope = { project: call.key.project, account: account.id, action: action.id, inputs };
    const size = typeof page_size === 'number' ? page_size : null;
    const position =
      action.pagination &&
      (typeof next === 'string' ? openCursor(vault, scope, clock.now(), next) : firstPage(action.pagination, size));
    if (position && typeof next === 'string' && size !== null && size !== position.size) {
      throw new Problem('cursor_invalid', 'The page size cannot change within a walk over pages.');
    }
    return {
      context: { inputs, account: account.settings } satisfies ExpressionContext,
      scope,
      position,
      query: action.pagination && position ? pageQuery(action.pagination, position) : [],
    };
  }

  interface Sending {
    action: Action;
    connector: Connector;
    profile: ConnectorProfile;
    admission: Admission;
    request: RenderedRequest;
    deadlineAt: number;
  }

  async function send(
    call: Call,
    sending: Sending,
    timed: ReturnType<typeof timer>,
  ): Promise<UpstreamResponse & { json: unknown }> {
    const { action, connector, profile, deadlineAt } = sending;
    const tokenOf = (newerThan?: number) =>
      timed('authorize', () =>
        broker.appToken(
          appTokenRequest({
            project: call.key.project,
            connector,
            profile,
            authentication: sending.admission.authentication,
            scopes: sending.admission.scopes,
            deadlineAt,
            signal: call.signal,
          }),
          newerThan === undefined ? {} : { newerThan },
        ),
      );
    const sendWith = (token: AccessToken) =>
      timed('send', () =>
        door.send(
          {
            method: sending.request.method,
            url: sending.request.url,
            headers: { ...sending.request.headers, authorization: `Bearer ${token.token.reveal()}` },
            ...(sending.request.body !== undefined && { body: sending.request.body }),
          },
          {
            allowedOrigins: connector.origins,
            deadlineAt,
            maxResponseBytes: action.maxResponseBytes,
            retry: action.effect === 'read' ? 'safe' : 'unsent',
            signal: call.signal,
            onAttempt: (attempt) => call.observe({ type: 'attempt', attempt }),
          },
        ),
      );

    const tokens = [await tokenOf()] as [AccessToken, ...AccessToken[]];
    let response = await sendWith(tokens[0]);
    if (response.status === 401) {
      // A 401 was refused before anything happened, so even a write may be sent once more with a newer token.
      const newer = await tokenOf(tokens[0].generation);
      tokens.push(newer);
      response = await sendWith(newer);
    }
    const secrets = [...tokens.map(({ token }) => token.reveal()), profile.client_secret.reveal()];
    const requestId = loggableRequestId(response.headers['x-request-id'], secrets);
    call.observe({ type: 'answered', status: response.status, requestId });
    if (response.status < 200 || response.status > 299) {
      throw await classifyRefusal({
        response,
        body: parseQuietly(response.body),
        rules: connector.errors,
        secrets,
        safe: action.effect === 'read',
        nowMs: clock.now(),
      });
    }
    return {
      ...response,
      json: response.body.length === 0 ? null : parseJsonBody(response.body, { maxDepth: MAX_JSON_DEPTH }),
    };
  }

  async function shape(
    call: Call,
    action: Action,
    bound: ReturnType<typeof bind>,
    response: UpstreamResponse & { json: unknown },
  ): Promise<CallAnswer> {
    const context: ExpressionContext = {
      ...bound.context,
      status: response.status,
      headers: response.headers,
      body: response.json,
    };
    const data = call.raw ? response.json : ((await shaped(action.output.shape, context)) ?? null);
    const warnings = action.warnings && (await shaped(action.warnings, context));
    return {
      data,
      next: await nextCursor(action, bound, context, data),
      warnings: warnings === undefined || warnings === null ? [] : Array.isArray(warnings) ? warnings : [warnings],
    };
  }

  async function nextCursor(
    action: Action,
    { scope, position }: ReturnType<typeof bind>,
    context: ExpressionContext,
    data: unknown,
  ): Promise<string | null> {
    if (!action.pagination || !position) return null;
    const at = await following(action.pagination, position, context).catch(shapingFailed);
    if (at === undefined) return null;
    const checkpoint = nextCheckpoint(position, data);
    const next: PagePosition = { at, size: position.size, pages: position.pages + 1, checkpoint };
    return sealCursor(vault, scope, clock.now(), next);
  }
}

function dryRun(request: RenderedRequest, { tokenKind, scopes }: Admission): CallAnswer {
  const { method, url, headers, body } = request;
  const shown = {
    method,
    url: url.href,
    headers: { ...headers, authorization: 'Bearer [secret]' },
    body: body === undefined ? null : (JSON.parse(body) as unknown),
  };
  return { data: { requests: [shown], token: { kind: tokenKind, scopes } }, next: null, warnings: [] };
}

// Real ones are UUIDs or short tokens; a header could carry 32 KB.
const MAX_REQUEST_ID_CHARS = 128;

/** The provider's request id for the log, unless it is none or the provider put one of our secrets into it. */
function loggableRequestId(value: string | undefined, secrets: readonly string[]): string | undefined {
  if (value === undefined || secrets.some((secret) => value.includes(secret))) return undefined;
  return value.slice(0, MAX_REQUEST_ID_CHARS);
}

function timer(clock: Clock, observe: Call['observe']) {
  return async <T>(stage: Stage, work: () => Promise<T>): Promise<T> => {
    const started = clock.now();
    try {
      return await work();
    } finally {
      observe({ type: 'stage', stage, durationMs: clock.now() - started });
    }
  };
}

function parseQuietly(body: Buffer): unknown {
  try {
    return body.length === 0 ? undefined : parseJsonBody(body, { maxDepth: MAX_JSON_DEPTH });
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

async function shaped(expression: Expression, context: ExpressionContext): Promise<unknown> {
  return expression.evaluate(context).catch(shapingFailed);
}

function shapingFailed(error: unknown): never {
  if (error instanceof ExpressionError)
    throw new Problem('output_shaping_failed', 'An expression failed on the answer of the provider.', { cause: error });
  throw error;
}
