import { Agent, type Dispatcher, request } from 'undici';
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from '../../sandbox/aps/defaults.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/aps/sandbox.ts';
import type { AnyAnswer } from './documents.ts';

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  json: AnyAnswer;
}

export interface Running {
  sandbox: Sandbox;
  origin: string;
  call(path: string, options?: CallOptions): Promise<Reply>;
  /** GET with a token that has `data:read`; `path` may be an absolute address. */
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  token(scope?: string): Promise<string>;
  stop(): Promise<void>;
}

export interface CallOptions {
  method?: Dispatcher.HttpMethod;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** A listening sandbox and a client of its own, so that closing both leaves nothing behind. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Running> {
  const sandbox = createSandbox(options);
  const { origin } = await sandbox.listen();
  const agent = new Agent({ connections: 16 });

  const call = async (path: string, more: CallOptions = {}): Promise<Reply> => {
    const response = await request(new URL(path, origin), { dispatcher: agent, ...more });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    return { status: response.statusCode, headers: response.headers, bytes, json: parse(bytes) };
  };
  const token = async (scope = 'data:read'): Promise<string> => {
    const reply = await call('/authentication/v2/token', tokenRequest({ scope }));
    return reply.json.access_token;
  };
  let reading: Promise<string> | undefined;
  return {
    sandbox,
    origin,
    call,
    token,
    async get(path, headers = {}) {
      reading ??= token();
      return call(path, { headers: { authorization: `Bearer ${await reading}`, ...headers } });
    },
    async stop() {
      await agent.destroy();
      await sandbox.close();
    },
  };
}

/** A token request with the credentials in the body, unless a Basic header is asked for. */
export function tokenRequest(form: Record<string, string>, basic?: string): CallOptions & { body: string } {
  const credentials = { client_id: SANDBOX_CLIENT_ID, client_secret: SANDBOX_CLIENT_SECRET };
  const fields = { grant_type: 'client_credentials', ...(basic === undefined ? credentials : {}), ...form };
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(basic === undefined ? {} : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` }),
    },
    body: new URLSearchParams(fields).toString(),
  };
}

/** An empty object where the body is not JSON: tests of such bodies look at the bytes. */
function parse(bytes: Buffer): AnyAnswer {
  try {
    return JSON.parse(bytes.toString('utf8')) as AnyAnswer;
  } catch {
    return {} as AnyAnswer;
  }
}
