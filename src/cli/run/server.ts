import { request } from 'undici';
import type { JsonSchema } from '../../connector/connector.ts';
import { CommandFailure, EXIT } from '../outcome.ts';
import { type Execute, RemoteProblem, type RunCall } from './calls.ts';

export interface Server {
  readonly url: URL;
  /** Of the environment. */
  readonly key: string;
}

const TIMEOUT_MS = 300_000;

/** The schema of an action's inputs, as the server has it. Rejects with {@link RemoteProblem}. */
export async function fetchInputSchema(server: Server, action: string): Promise<JsonSchema> {
  const { status, body } = await ask(server, 'GET', `actions/${encodeURIComponent(action)}`);
  if (status !== 200) throw new RemoteProblem(body);
  return (body.input_schema ?? {}) as JsonSchema;
}

/** Executes calls on a server. */
export function executeOn(server: Server, action: string, account: string | undefined): Execute {
  return async (call) => {
    const { path, headers, body } = await requestOf(call, action);
    const given = await ask(server, 'POST', path, {
      headers: { ...headers, ...(account !== undefined && { 'x-account-id': account }) },
      body,
    });
    if (given.status !== 200) throw new RemoteProblem(given.body);
    const { data = null, next = null, warnings = [], request_id } = given.body;
    return {
      data,
      next: typeof next === 'string' ? next : null,
      warnings: Array.isArray(warnings) ? warnings : [],
      request_id: typeof request_id === 'string' ? request_id : undefined,
    };
  };
}

type Body = string | import('node:stream').Readable;

async function requestOf(
  { inputs, file, raw, dryRun }: RunCall,
  action: string,
): Promise<{ path: string; headers: Record<string, string>; body: Body }> {
  const query = new URLSearchParams();
  if (raw) query.set('raw', 'true');
  if (dryRun) query.set('dry_run', 'true');
  const path = () => `actions/${encodeURIComponent(action)}${query.size > 0 ? `?${query}` : ''}`;
  if (!file) return { path: path(), headers: { 'content-type': 'application/json' }, body: JSON.stringify(inputs) };
  for (const [name, value] of Object.entries(inputs))
    query.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  const { stream, size } = await file();
  const headers = {
    'content-type': 'application/octet-stream',
    ...(size !== undefined && { 'content-length': String(size) }),
  };
  return { path: path(), headers, body: stream };
}

async function ask(
  { url, key }: Server,
  method: 'GET' | 'POST',
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: Body } = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const target = new URL(path, url.href.endsWith('/') ? url : `${url.href}/`);
  try {
    const response = await request(target, {
      method,
      headers: { ...headers, authorization: `Bearer ${key}` },
      ...(body !== undefined && { body }),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    const text = await response.body.text();
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { status: response.statusCode, body: { ...value } };
    throw new SyntaxError('no object');
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new CommandFailure(
        EXIT.failed,
        `${url.origin} does not answer as a Corbel server does.`,
        'Check CORBEL_URL.',
      );
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CommandFailure(
      EXIT.failed,
      `${url.origin} cannot be reached${code}.`,
      'Check CORBEL_URL, or use --local.',
    );
  }
}
