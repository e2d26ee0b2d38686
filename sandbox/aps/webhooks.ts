import { randomUUID } from 'node:crypto';
import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import { type ApiContext, requestedRegion } from './api-context.ts';
import { ALL_REGIONS } from './defaults.ts';
import { queryValue } from './query.ts';
import { webhooksError } from './refusal-styles.ts';
import {
  checkContainerIds,
  readCallbackUrl,
  readHookChanges,
  readScope,
  requireHookObject,
  webhookBadInput,
} from './webhook-body.ts';
import { WEBHOOK_SYSTEMS } from './webhook-catalogue.ts';
import type { Hook } from './webhook-store.ts';

const PAGE = 200;
const DEFAULT_REGION = 'US';
const STATUSES: readonly string[] = ['active', 'inactive', 'reactivated'] satisfies Hook['status'][];

export function listHooks(context: ApiContext): Answer {
  return hookPage(context, visibleHooks(context), '/hooks');
}

export function listSystemHooks(context: ApiContext): Answer {
  const system = requireSystem(context);
  const hooks = visibleHooks(context).filter((one) => one.system === system);
  return hookPage(context, hooks, `/systems/${system}/hooks`);
}

export function getHook(context: ApiContext): Answer {
  return jsonAnswer(200, hookResource(requireHook(context)), 'application/json');
}

/** 201 without a body; the id is in `Location` alone. 409 when address, scope and event are those of a known hook. */
export function createHook(context: ApiContext): Answer {
  const region = regionOf(context);
  const { system, event } = requireEvent(context);
  const body = requireHookObject(context.body);
  const callbackUrl = readCallbackUrl(body);
  const scope = readScope(body, system);
  checkContainerIds(body);
  const changes = readHookChanges(body);
  const same = (one: Hook) =>
    one.system === system &&
    one.event === event &&
    one.callbackUrl === callbackUrl &&
    JSON.stringify(one.scope) === JSON.stringify(scope);
  if (visibleHooks(context).some(same)) {
    throw webhooksError(409, 'CONFLICT_OPERATION', 'Failed to save duplicate webhook to database');
  }
  const at = context.now();
  const { tenant } = body;
  const hook: Hook = {
    hookId: randomUUID(),
    tenant: typeof tenant === 'string' ? tenant : (Object.values(scope)[0] ?? ''),
    callbackUrl,
    createdBy: owner(context),
    creatorType: context.tokenUserId === undefined ? 'Application' : 'O2User',
    system,
    event,
    createdAt: at,
    updatedAt: at,
    status: 'active',
    autoReactivateHook: false,
    callbackWithEventPayloadOnly: false,
    scope,
    hookExpiry: null,
    hookAttribute: undefined,
    filter: undefined,
    token: undefined,
    ...changes,
  };
  context.webhooks.add(region, hook);
  return emptyAnswer(201, { Location: `${context.path}/${hook.hookId}` });
}

/** 204, as the documented example (the OpenAPI document says 200): no body either way. */
export function updateHook(context: ApiContext): Answer {
  const hook = requireHook(context);
  const body = requireHookObject(context.body);
  const fixed = ['callbackUrl', 'scope'].find((name) => body[name] !== undefined);
  if (fixed !== undefined) throw webhookBadInput(`${fixed} cannot be changed.`);
  const { status } = body;
  if (status !== undefined && status !== 'active' && status !== 'inactive') throw webhookBadInput('status is invalid.');
  const changes = readHookChanges(body);
  Object.assign(hook, changes, status === undefined ? {} : { status }, { updatedAt: context.now() });
  return emptyAnswer(204);
}

export function deleteHook(context: ApiContext): Answer {
  context.webhooks.delete(regionOf(context), requireHook(context).hookId);
  return emptyAnswer(204);
}

/** The header wins over the query; US when neither says anything. */
function regionOf(context: ApiContext): string {
  const region = requestedRegion(context, ['x-ads-region'], 'region') ?? DEFAULT_REGION;
  if (!ALL_REGIONS.includes(region)) throw webhookBadInput('region is invalid.');
  return region;
}

function owner(context: ApiContext): string {
  return context.tokenUserId ?? context.clientId;
}

/** Those of this app, or of this person, in the request's region. Expired ones are gone. */
function visibleHooks(context: ApiContext): Hook[] {
  const now = context.now();
  const alive = (one: Hook) => one.hookExpiry === null || Date.parse(one.hookExpiry) > now;
  return context.webhooks.list(regionOf(context)).filter((one) => one.createdBy === owner(context) && alive(one));
}

function requireSystem(context: ApiContext): string {
  const system = context.params.system ?? '';
  if (Object.hasOwn(WEBHOOK_SYSTEMS, system)) return system;
  throw webhooksError(404, 'NOT_FOUND', `The system ${system} does not exist.`);
}

function requireEvent(context: ApiContext): { system: string; event: string } {
  const system = requireSystem(context);
  const event = context.params.event ?? '';
  if (WEBHOOK_SYSTEMS[system]?.events.some((pattern) => pattern.test(event)) === true) return { system, event };
  throw webhooksError(404, 'NOT_FOUND', `The event ${event} does not exist in ${system}.`);
}

function requireHook(context: ApiContext): Hook {
  const { system, event } = requireEvent(context);
  const id = context.params.hook_id ?? '';
  const hook = visibleHooks(context).find((one) => one.hookId === id);
  if (hook?.system === system && hook.event === event) return hook;
  throw webhooksError(404, 'NOT_FOUND', `The hook ${id} does not exist.`);
}

/** 204 for no hooks at all. `links.next` is relative to `/webhooks/v1`, and `pageState` is opaque to the caller. */
function hookPage(context: ApiContext, hooks: readonly Hook[], path: string): Answer {
  const status = queryValue(context.query, 'status');
  if (status !== undefined && !STATUSES.includes(status)) throw webhookBadInput('status is invalid.');
  const found = hooks.filter((one) => status === undefined || one.status === status);
  const start = readPageState(queryValue(context.query, 'pageState'));
  const page = found.slice(start, start + PAGE);
  if (page.length === 0) return emptyAnswer(204);
  const more = start + PAGE < found.length;
  const state = encodeURIComponent(Buffer.from(`hooks:${start + PAGE}`).toString('base64'));
  const links = more ? { next: `${path}?pageState=${state}` } : {};
  return jsonAnswer(200, { links, data: page.map(hookResource) }, 'application/json');
}

function readPageState(text: string | undefined): number {
  if (text === undefined) return 0;
  const position = /^hooks:(\d{1,9})$/.exec(Buffer.from(text, 'base64').toString('utf8'))?.[1];
  if (position === undefined) throw webhookBadInput('pageState is invalid.');
  return Number(position);
}

/** Two date forms in one object, as documented; what was not set is absent. */
function hookResource(hook: Hook): object {
  const time = (ms: number) => new Date(ms).toISOString().replace('Z', '+0000');
  return {
    hookId: hook.hookId,
    tenant: hook.tenant,
    callbackUrl: hook.callbackUrl,
    createdBy: hook.createdBy,
    event: hook.event,
    createdDate: time(hook.createdAt),
    lastUpdatedDate: time(hook.updatedAt),
    system: hook.system,
    creatorType: hook.creatorType,
    status: hook.status,
    autoReactivateHook: hook.autoReactivateHook,
    ...(hook.callbackWithEventPayloadOnly ? { callbackWithEventPayloadOnly: true } : {}),
    ...(hook.hookExpiry === null ? {} : { hookExpiry: hook.hookExpiry }),
    ...(hook.hookAttribute === undefined ? {} : { hookAttribute: hook.hookAttribute }),
    ...(hook.filter === undefined ? {} : { filter: hook.filter }),
    scope: hook.scope,
    urn: `urn:adsk.webhooks:events.hook:${hook.hookId}`,
    __self__: `/systems/${hook.system}/events/${hook.event}/hooks/${hook.hookId}`,
  };
}
