import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, inject } from 'vitest';
import { USERPROFILE_ORIGIN } from '../../sandbox/aps/oauth-paths.ts';
import { SANDBOX_S3_ORIGINS } from '../../sandbox/aps/signed-urls.ts';
import { type Client, clientOf } from './client.ts';
import { copyConnectors, FEW_ACTIONS, withoutRateLimit } from './connectors.ts';
import { type NodeProcess, startNode } from './node-process.ts';
import { startRedis } from './redis.ts';
import { type SandboxProcess, startSandboxProcess } from './sandbox-process.ts';
import { temporarySqlite } from './sqlite.ts';

// Several process starts in one test, on a busy machine.
const TIMEOUT_MS = 120_000;

/** A store of one's own for server processes. */
export interface StoreOfTest {
  kind: 'sqlite' | 'redis';
  /** What the processes need in their environment to use it. */
  env: Record<string, string>;
  /** Every byte that it has written to disk. */
  files(): Promise<Buffer>;
  remove(): Promise<void>;
}

export type OpenStore = () => Promise<StoreOfTest>;

/** `id:key` with a random key. */
export function encryptionKey(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}`;
}

/** Runs a suite once over an embedded store and once over a Redis of its own. */
export function onBothStores(title: string, suite: (open: OpenStore) => void): void {
  describe(`${title} (SQLite)`, { timeout: TIMEOUT_MS }, () => suite(openSqlite));
  const canStart = inject('redis').canStartServers;
  describe.skipIf(!canStart)(`${title} (Redis)`, { timeout: TIMEOUT_MS }, () => suite(openRedis));
}

export async function openSqlite(): Promise<StoreOfTest> {
  const sqlite = await temporarySqlite();
  const dataDirectory = dirname(sqlite.path);
  return {
    kind: 'sqlite',
    env: {
      CORBEL_STORE: sqlite.url,
      CORBEL_DATA_DIR: dataDirectory,
      CORBEL_ENCRYPTION_KEYS: encryptionKey('k1'),
    },
    files: () => bytesBelow(dataDirectory),
    remove: () => sqlite.remove(),
  };
}

export async function openRedis(): Promise<StoreOfTest> {
  const redis = await startRedis();
  return {
    kind: 'redis',
    env: {
      CORBEL_STORE: redis.url,
      // For the journal of grants: others' cannot be read, and would be kept for ever.
      CORBEL_DATA_DIR: join(redis.dir, 'corbel'),
      CORBEL_ENCRYPTION_KEYS: encryptionKey('k1'),
    },
    files: () => bytesBelow(redis.dir),
    remove: () => redis.stop({ kill: true }),
  };
}

async function bytesBelow(directory: string): Promise<Buffer> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))));
}

/** A running server. */
export interface Server extends NodeProcess {
  origin: string;
  /** Printed at the first start of a store only. */
  operatorKey: string | undefined;
}

/** The environment in which a server takes the sandbox for the provider. */
export function sandboxEnv(sandboxOrigin: string): Record<string, string> {
  return {
    CORBEL_ORIGIN_OVERRIDES: ['https://developer.api.autodesk.com', USERPROFILE_ORIGIN, ...SANDBOX_S3_ORIGINS]
      .map((origin) => `${origin}=${sandboxOrigin}`)
      .join(','),
    CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
  };
}

/** Starts the real server on a free port and waits until it listens; rejects with what it said when it does not. */
export async function startServer(env: Record<string, string>): Promise<Server> {
  const child = startNode('src/main.ts', [], { CORBEL_PORT: '0', ...env });
  const { address } = await child.record((record) => record.msg === 'listening');
  return { ...child, origin: String(address), operatorKey: printedKeys(child.stdout())[0] };
}

/** Operator keys in a first start's output. */
export function printedKeys(text: string): string[] {
  return [...text.matchAll(/Operator key [^:]*: (ck_\w+)/g)].map(([, key = '']) => key);
}

/** A store, a sandbox, servers, and one project with a profile and an account that work. */
export interface World {
  store: StoreOfTest;
  sandbox: SandboxProcess;
  servers: Server[];
  server: Server;
  /** For another process of the same kind. */
  env: Record<string, string>;
  operator: Client;
  backend: Client;
  profile: string;
  account: string;
  hub: string;
  stop(): Promise<void>;
}

export async function startWorld(
  open: OpenStore,
  options: {
    servers?: number;
    env?: Record<string, string>;
    /** Of the sandbox's command line. */
    sandbox?: readonly string[];
    /** Of the profile; `data:read` alone if not given. */
    scopes?: readonly string[];
    /** Without the limit of 50 a minute on listing hubs, which most tests call. */
    manyHubCalls?: boolean;
    /** The connectors as they are, not only the few actions that most suites call. */
    allActions?: boolean;
    /** Files of actions besides these few. */
    furtherActions?: readonly string[];
  } = {},
): Promise<World> {
  const [store, sandbox] = await Promise.all([open(), startSandboxProcess(options.sandbox)]);
  const own = options.env?.CORBEL_CONNECTORS_DIR !== undefined;
  const actions = options.allActions ? undefined : [...FEW_ACTIONS, ...(options.furtherActions ?? [])];
  const connectors = own ? undefined : await copyConnectors(actions);
  if (options.manyHubCalls) await connectors?.edit('autodesk/connector.yaml', (text) => withoutRateLimit(text, 'hubs'));
  const env = {
    ...store.env,
    ...sandboxEnv(sandbox.origin),
    ...(connectors && { CORBEL_CONNECTORS_DIR: connectors.directory }),
    ...options.env,
  };
  const servers: Server[] = [];
  const stop = async () => {
    await connectors?.remove();
    await Promise.all(servers.map((server) => server.stop('SIGKILL')));
    await sandbox.stop();
    await store.remove();
  };
  try {
    const server = await startServer(env);
    servers.push(server);
    const more = (options.servers ?? 1) - 1;
    servers.push(...(await Promise.all(Array.from({ length: more }, () => startServer(env)))));
    const operator = clientOf(server.origin, server.operatorKey);
    const profileOverrides = options.scopes && { profile: { scopes: options.scopes } };
    const { profile, account } = await seedAccount(operator, sandbox, profileOverrides);
    const key = await makeKey(operator, { role: 'backend' });
    const hub = sandbox.hubs.find(({ region }) => region === 'US')?.id ?? '';
    const backend = clientOf(server.origin, key.token);
    return { store, sandbox, servers, server, env, operator, backend, profile, account, hub, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A profile for the sandbox's app, and an account under it. */
export async function seedAccount(
  operator: Client,
  sandbox: { clientId: string; clientSecret: string },
  overrides: { profile?: Record<string, unknown>; account?: Record<string, unknown> } = {},
): Promise<{ profile: string; account: string }> {
  const profile = await operator.post('/connector_profiles', {
    name: 'Sandbox',
    connector: 'autodesk',
    authentication: 'two_legged',
    client_id: sandbox.clientId,
    client_secret: sandbox.clientSecret,
    scopes: ['data:read'],
    ...overrides.profile,
  });
  if (profile.status !== 201) throw new Error(profile.text);
  const account = await operator.post('/accounts', {
    connector_profile_id: profile.json.id,
    owner_id: 'customer-1',
    ...overrides.account,
  });
  if (account.status !== 201) throw new Error(account.text);
  return { profile: profile.json.id, account: account.json.id };
}

export async function makeKey(
  operator: Client,
  wanted: Record<string, unknown>,
): Promise<{ id: string; token: string }> {
  const reply = await operator.post('/api_keys', { name: 'Test', ...wanted });
  if (reply.status !== 201) throw new Error(reply.text);
  return { id: reply.json.id, token: reply.json.token };
}
