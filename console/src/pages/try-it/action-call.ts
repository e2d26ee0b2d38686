import type { CallResult } from '../../api/call.ts';
import { type ApiClient, path, type Query } from '../../api/client.ts';

/** A call that was asked for. */
export interface ActionCall {
  action: string;
  account: string;
  inputs: Readonly<Record<string, unknown>>;
  /** The action's file; undefined where it takes none, and for a dry run, which needs none. */
  file: File | undefined;
  dryRun: boolean;
  /** By which the request log is asked how far it is. */
  correlationId: string;
}

/** Calls an action as a backend would; a file goes as the raw body, so that its length is known. Rejects with `ApiProblem`. */
export function runCall(api: ApiClient, call: ActionCall, signal: AbortSignal): Promise<CallResult> {
  const { action, account, inputs, file, dryRun, correlationId } = call;
  const query: Query = dryRun ? { dry_run: true } : {};
  const headers = { 'x-account-id': account, 'x-correlation-id': correlationId };
  const target = path`/actions/${action}`;
  if (!file) return api.request<CallResult>('POST', target, { query, headers, body: inputs, signal });
  return api.request<CallResult>('POST', target, {
    query: { ...query, ...textsOf(inputs) },
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: file,
    signal,
  });
}

/** Inputs as they stand in a query. */
export function textsOf(inputs: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** Unlike randomUUID, also where the page came without TLS. */
export function newCorrelationId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
