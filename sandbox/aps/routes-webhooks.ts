import { WEBHOOKS_STYLE } from './refusal-styles.ts';
import { type Method, type Route, type RouteSpec, route } from './router.ts';
import { createHook, deleteHook, getHook, listHooks, listSystemHooks, updateHook } from './webhooks.ts';

const HOOKS = '/webhooks/v1/hooks';
const SYSTEM = '/webhooks/v1/systems/:system';
const EVENT = `${SYSTEM}/events/:event/hooks`;
const READ = ['data:read'] as const;
const WRITE = ['data:read', 'data:write'] as const;

/** Hooks belong to the app and not to an account, so nothing needs to be provisioned for them. */
export const WEBHOOK_ROUTES: readonly Route[] = [
  hooks('GET', HOOKS, READ, listHooks),
  hooks('GET', `${SYSTEM}/hooks`, READ, listSystemHooks),
  hooks('POST', EVENT, WRITE, createHook),
  hooks('GET', `${EVENT}/:hook_id`, READ, getHook),
  hooks('PATCH', `${EVENT}/:hook_id`, WRITE, updateHook),
  hooks('DELETE', `${EVENT}/:hook_id`, WRITE, deleteHook),
];

function hooks(method: Method, path: string, scopes: readonly string[], handle: RouteSpec['handle']): Route {
  return route(method, path, { scopes, needsProvisioning: false, style: WEBHOOKS_STYLE, handle });
}
