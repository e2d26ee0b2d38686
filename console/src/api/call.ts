import { type ApiClient, path } from './client.ts';

/** What a call of an action answered. */
export interface CallResult {
  data: unknown;
  next: string | null;
  warnings: unknown;
  request_id: string;
}

export interface CallOptions {
  account: string;
  inputs: Readonly<Record<string, unknown>>;
  raw?: boolean;
  /** Only shows what would be sent. */
  dryRun?: boolean;
  signal?: AbortSignal;
}

/** `POST /actions/{id}`. */
export const callAction = (api: ApiClient, action: string, options: CallOptions) =>
  api.request<CallResult>('POST', path`/actions/${action}`, {
    body: options.inputs,
    headers: { 'x-account-id': options.account },
    query: { raw: options.raw || undefined, dry_run: options.dryRun || undefined },
    ...(options.signal && { signal: options.signal }),
  });
