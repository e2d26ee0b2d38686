import { request } from 'undici';
import { copyUnlimitedConnectors } from './connectors.ts';
import { jsonLineWith, type Running, start } from './processes.ts';
import type { Sandbox } from './sandbox.ts';

// The origin that the connector declares, served by the sandbox instead.
const DECLARED_ORIGIN = 'https://developer.api.autodesk.com';
const ACTION = 'autodesk_list_projects';
const KEY = /ck_\w+/;

/** The server as an operator runs it: embedded store, generated keys, default log level, real key, profile and account. */
export interface Corbel extends Running {
  origin: string;
  /** A backend key. */
  key: string;
  /** The first key, of an operator. */
  operatorKey: string;
  account: string;
}

export interface CorbelOptions {
  sandbox: Sandbox;
  dataDirectory: string;
  /** Where to copy the connectors to. */
  connectorsDirectory: string;
  outputFile: string;
  nodeOptions?: readonly string[];
  /** That the key may call, and the scopes that they need; listing projects if not given. */
  actions?: readonly string[];
  scopes?: readonly string[];
  /** Further `<origin>=<origin>`. */
  overrides?: readonly string[];
}

/** Settings for a server against the sandbox, on a free port. */
export function corbelEnvironment(sandbox: Sandbox, dataDirectory: string): Record<string, string> {
  return {
    CORBEL_PORT: '0',
    CORBEL_DATA_DIR: dataDirectory,
    CORBEL_ORIGIN_OVERRIDES: `${DECLARED_ORIGIN}=${sandbox.origin}`,
    CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
  };
}

/** Starts Corbel on a new data directory and sets it up over its own API, as an operator would. */
export async function startCorbel({
  sandbox,
  dataDirectory,
  connectorsDirectory,
  outputFile,
  nodeOptions = [],
  actions = [ACTION],
  scopes = ['data:read'],
  overrides = [],
}: CorbelOptions): Promise<Corbel> {
  await copyUnlimitedConnectors(connectorsDirectory);
  const basic = corbelEnvironment(sandbox, dataDirectory);
  const environment = {
    ...basic,
    CORBEL_CONNECTORS_DIR: connectorsDirectory,
    CORBEL_ORIGIN_OVERRIDES: [basic.CORBEL_ORIGIN_OVERRIDES, ...overrides].join(','),
  };
  const running = await start(
    { program: 'src/main.ts', environment, outputFile, nodeOptions },
    jsonLineWith('address'),
  );
  try {
    const origin = String(running.found.address);
    const [operatorKey = ''] = KEY.exec(running.output()) ?? [];
    const make = (path: string, body: object) => create(`${origin}${path}`, operatorKey, body);
    const profile = await make('/connector_profiles', {
      name: 'Bench',
      connector: 'autodesk',
      authentication: 'two_legged',
      client_id: sandbox.clientId,
      client_secret: sandbox.clientSecret,
      scopes,
    });
    const account = await make('/accounts', { connector_profile_id: profile.id, owner_id: 'bench' });
    const key = await make('/api_keys', {
      name: 'Bench',
      role: 'backend',
      actions,
      accounts: [account.id],
    });
    return { ...running, origin, key: String(key.token), operatorKey, account: String(account.id) };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** Where the action of the bench is called. */
export function actionUrl(origin: string): string {
  return `${origin}/actions/${ACTION}`;
}

async function create(url: string, key: string, body: object): Promise<Record<string, unknown>> {
  const response = await request(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = (await response.body.json()) as Record<string, unknown>;
  if (response.statusCode !== 201) throw new Error(`${url} answered ${response.statusCode}: ${JSON.stringify(answer)}`);
  return answer;
}
