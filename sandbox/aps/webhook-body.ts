import { webhooksError } from './refusal-styles.ts';
import { WEBHOOK_SYSTEMS } from './webhook-catalogue.ts';
import type { Hook } from './webhook-store.ts';

/** What of a hook a body sets. */
export type HookChanges = Partial<
  Pick<
    Hook,
    'autoReactivateHook' | 'callbackWithEventPayloadOnly' | 'filter' | 'hookAttribute' | 'hookExpiry' | 'token'
  >
>;

/** "Custom metadata which will be less than 1KB in size". */
const MAX_ATTRIBUTE_BYTES = 1024;
const CONTAINER_ID = /^[ab]\.[A-Za-z0-9_=-]{1,100}$/;

export const webhookBadInput = (detail: string) => webhooksError(400, 'BAD_REQUEST', detail);

export function requireHookObject(body: unknown, name = 'The body'): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw webhookBadInput(`${name} must be a JSON object.`);
}

/** An absolute http or https address: the documented examples use both. */
export function readCallbackUrl(body: Record<string, unknown>): string {
  const { callbackUrl } = body;
  const url = typeof callbackUrl === 'string' && URL.canParse(callbackUrl) ? new URL(callbackUrl) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') throw webhookBadInput('callbackUrl is invalid.');
  return String(callbackUrl);
}

/** One name and value, the name being one that the system's events can be narrowed to. */
export function readScope(body: Record<string, unknown>, system: string): Record<string, string> {
  const scope = requireHookObject(body.scope, 'scope');
  const [entry, ...more] = Object.entries(scope);
  const [name, value] = entry ?? [];
  if (name === undefined || typeof value !== 'string' || value === '' || more.length > 0) {
    throw webhookBadInput('scope must have one name and value.');
  }
  if (WEBHOOK_SYSTEMS[system]?.scopes?.includes(name) === false)
    throw webhookBadInput(`scope ${name} is not supported.`);
  return { [name]: value };
}

/** Both ids are Data Management's, with their prefix. */
export function checkContainerIds(body: Record<string, unknown>): void {
  for (const name of ['hubId', 'projectId'] as const) {
    const id = body[name];
    if (id !== undefined && (typeof id !== 'string' || !CONTAINER_ID.test(id))) {
      throw webhookBadInput(`${name} is invalid.`);
    }
  }
}

/** The fields that a creation and an update share. `hookExpiry: null` means never. */
export function readHookChanges(body: Record<string, unknown>): HookChanges {
  const changes: HookChanges = {};
  for (const name of ['autoReactivateHook', 'callbackWithEventPayloadOnly'] as const) {
    const flag = body[name];
    if (flag === undefined) continue;
    if (typeof flag !== 'boolean') throw webhookBadInput(`${name} is invalid.`);
    changes[name] = flag;
  }
  for (const name of ['filter', 'token'] as const) {
    const text = body[name];
    if (text === undefined) continue;
    if (typeof text !== 'string' || text === '') throw webhookBadInput(`${name} is invalid.`);
    changes[name] = text;
  }
  if (body.hookExpiry !== undefined) changes.hookExpiry = readExpiry(body.hookExpiry);
  if (body.hookAttribute !== undefined) {
    changes.hookAttribute = requireHookObject(body.hookAttribute, 'hookAttribute');
    if (Buffer.byteLength(JSON.stringify(body.hookAttribute)) >= MAX_ATTRIBUTE_BYTES) {
      throw webhookBadInput('hookAttribute must be smaller than 1 KB.');
    }
  }
  return changes;
}

function readExpiry(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) return value;
  throw webhookBadInput('hookExpiry is invalid.');
}
