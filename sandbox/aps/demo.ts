import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corbelClient } from './demo-client.ts';
import { type Child, startChild } from './demo-process.ts';
import { forgetPrefix } from './demo-redis.ts';
import { USERPROFILE_ORIGIN } from './oauth-paths.ts';
import { SANDBOX_S3_ORIGINS } from './signed-urls.ts';

// Starts Corbel with an empty store and the sandbox beside it, sets both up through Corbel's own API, and prints what to
// paste. Uses the Redis that CORBEL_STORE names, under a prefix of its own, else SQLite in a temporary folder.

const PROVIDER_ORIGIN = 'https://developer.api.autodesk.com';

// The longest that a connect session may be open.
const LINK_LIFE_S = 1_800;

const sharedStore = /^redis/.test(process.env.CORBEL_STORE ?? '');
const prefix = `corbel-demo-${randomBytes(6).toString('hex')}`;
const directory = await mkdtemp(join(tmpdir(), 'corbel-demo-'));
const children: Child[] = [];
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.all(children.reverse().map((child) => child.stop()));
  await rm(directory, { recursive: true, force: true });
  if (sharedStore) await forgetPrefix(process.env.CORBEL_STORE ?? '', prefix);
  process.exit(code);
}

// Whoever reads the lines may go away (`| head`): the children still have to be stopped in the end.
process.stdout.on('error', () => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.stdout.write('\nStopping …\n');
    void stop(0);
  });
}

try {
  await demo();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await stop(1);
}

async function demo(): Promise<void> {
  const sandbox = startChild('sandbox/aps/main.ts', ['--port', '0'], process.env);
  children.push(sandbox);
  const provider = JSON.parse(await sandbox.line((line) => line.startsWith('{'))) as {
    origin: string;
    client_id: string;
    client_secret: string;
    hubs: { id: string; region: string }[];
  };

  const corbel = startChild('src/main.ts', [], corbelEnvironment(provider.origin));
  children.push(corbel);
  // The key is printed before the server listens.
  const { address } = JSON.parse(await corbel.line((line) => line.includes('"msg":"listening"'))) as {
    address: string;
  };
  const rootKey = /ck_\S+/.exec(await corbel.line((line) => line.includes('Operator key')))?.[0] ?? '';
  for (const child of children)
    child.onUnexpectedEnd((why) => {
      if (stopping) return;
      process.stderr.write(`${why}\n`);
      void stop(1);
    });

  const root = corbelClient(address, rootKey);
  const project = await root.post('/projects', { name: 'Demo' });
  const operator = corbelClient(address, project.operator_key.token);
  const backend = await operator.post('/api_keys', { name: 'Demo backend', role: 'backend' });
  const link = async (name: string, scopes: string[]) => {
    const profile = await operator.post('/connector_profiles', {
      name,
      connector: 'autodesk',
      authentication: 'two_legged',
      client_id: provider.client_id,
      client_secret: provider.client_secret,
      scopes,
    });
    const account = await operator.post('/accounts', {
      connector_profile_id: profile.id,
      owner_id: 'customer-1',
      owner_name: 'Customer One',
      settings: { region: 'US' },
    });
    return String(account.id);
  };
  const account = await link('Autodesk', ['data:read']);
  const narrow = await link('Autodesk, buckets only', ['bucket:read']);

  const personal = await operator.post('/connector_profiles', {
    name: 'Autodesk, for people',
    connector: 'autodesk',
    authentication: 'three_legged',
    client_id: provider.client_id,
    client_secret: provider.client_secret,
    scopes: ['data:read', 'user-profile:read'],
  });
  const session = await operator.post('/connect_sessions', {
    connector_profile_id: personal.id,
    owner_id: 'customer-2',
    owner_name: 'Customer Two',
    expires_in_s: LINK_LIFE_S,
  });
  const linked = `$(curl -s '${address}/connect_sessions/${session.id}' -H 'authorization: Bearer ${backend.token}' | grep -o 'acc_[0-9A-Za-z]*' | head -1)`;

  const hub = provider.hubs[0]?.id ?? '';
  const call = (path: string, accountId: string, inputs?: object) =>
    [
      `curl -s -X POST '${address}/actions/${path}'`,
      `-H 'authorization: Bearer ${backend.token}'`,
      `-H 'x-account-id: ${accountId}'`,
      ...(inputs ? [`-H 'content-type: application/json'`, `-d '${JSON.stringify(inputs)}'`] : []),
    ].join(' ');
  const lines = [
    '',
    `Corbel    ${address}`,
    `Sandbox   ${provider.origin}  (simulated Autodesk Platform Services, see sandbox/aps/README.md)`,
    `Console   ${address}/console  (sign in with the operator key)`,
    `Operator  ${project.operator_key.token}`,
    `App       ${provider.client_id}, secret ${provider.client_secret}  (for connector profiles of your own)`,
    '',
    'Paste these into another terminal:',
    '',
    '# List the hubs of the linked account',
    call('autodesk_list_hubs', account),
    '',
    '# List the projects of a hub, ten at a time; send the answer\'s "next" back for more',
    call('autodesk_list_projects', account, { hub_id: hub, page_size: 10 }),
    '',
    "# Refused by the scope gate: this account's profile only has bucket:read",
    call('autodesk_list_hubs', narrow),
    '',
    '# Dry run: the exact request that would be sent, and nothing is',
    call('autodesk_list_projects?dry_run=true', account, { hub_id: hub, page_size: 10 }),
    '',
    '# Link a second account: open this in a browser, continue, choose a person, allow',
    session.url,
    '',
    "# Then call on that person's behalf",
    call('autodesk_get_current_user', linked).replaceAll(`'x-account-id: ${linked}'`, `"x-account-id: ${linked}"`),
    '',
    'Ctrl-C stops everything.',
    '',
  ];
  process.stdout.write(lines.join('\n'));
}

function corbelEnvironment(sandboxOrigin: string): NodeJS.ProcessEnv {
  const ownKeys =
    process.env.CORBEL_ENCRYPTION_KEYS !== undefined || process.env.CORBEL_ENCRYPTION_KEYS_FILE !== undefined;
  return {
    ...process.env,
    CORBEL_HOST: '127.0.0.1',
    CORBEL_PORT: process.env.CORBEL_PORT ?? '0',
    CORBEL_DATA_DIR: directory,
    CORBEL_ORIGIN_OVERRIDES: [PROVIDER_ORIGIN, USERPROFILE_ORIGIN, ...SANDBOX_S3_ORIGINS]
      .map((origin) => `${origin}=${sandboxOrigin}`)
      .join(','),
    CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
    CORBEL_LOG_LEVEL: 'info',
    CORBEL_SHUTDOWN_GRACE_S: '5',
    // An embedded store is always a fresh one.
    CORBEL_STORE: sharedStore ? process.env.CORBEL_STORE : undefined,
    ...(sharedStore && {
      // The demo's records go with it: a Redis that would not do for real is good enough.
      CORBEL_ALLOW_VOLATILE_STORE: 'true',
      CORBEL_REDIS_PREFIX: prefix,
      ...(!ownKeys && { CORBEL_ENCRYPTION_KEYS: `demo:${randomBytes(32).toString('base64')}` }),
    }),
  };
}
