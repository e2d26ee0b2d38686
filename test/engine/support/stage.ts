import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../src/clock.ts';
import type { Connector } from '../../../src/connector/connector.ts';
import { loadRegistry } from '../../../src/connector/load.ts';
import { createAccount } from '../../../src/domain/account.ts';
import type { ApiKey } from '../../../src/domain/api-key.ts';
import { createProfile, type NewProfile } from '../../../src/domain/connector-profile.ts';
import { newId } from '../../../src/domain/ids.ts';
import type { Call, CallAnswer, CallEvent, IncomingFile } from '../../../src/engine/call.ts';
import { createDiagnosis, type Diagnosis } from '../../../src/engine/diagnose.ts';
import { createEngine } from '../../../src/engine/execute.ts';
import { createGrants } from '../../../src/oauth/create-grants.ts';
import type { OAuthClient } from '../../../src/oauth/grant.ts';
import type { Grants } from '../../../src/oauth/grants.ts';
import { createTokenBroker } from '../../../src/oauth/token-broker.ts';
import { Problem } from '../../../src/problems.ts';
import { systemRandom } from '../../../src/random.ts';
import { Secret } from '../../../src/secret.ts';
import { openStore } from '../../../src/store/open.ts';
import { createRecordCache } from '../../../src/store/record-cache.ts';
import { createDoor } from '../../../src/upstream/door.ts';
import type { RateBudgets } from '../../../src/upstream/rate-budgets.ts';
import { parseKeyRing } from '../../../src/vault/key-ring.ts';
import { createVault } from '../../../src/vault/vault.ts';
import { temporarySqlite } from '../../support/sqlite.ts';
import { generousBudgets } from '../fixture.ts';
import { startUpstream, type Upstream } from './upstream.ts';

export const CLIENT_SECRET = 'planted-client-secret';

export interface StageOptions {
  /** connector.yaml; its host `api` is https://api.example, its token endpoint /token. */
  connector: string;
  actions?: string;
  scopes?: string[];
  /** Over what the profile has otherwise. */
  profile?: Partial<NewProfile>;
  settings?: Record<string, unknown>;
  budgets?: RateBudgets;
  /** Of the door: waits between attempts. */
  doorClock?: Clock;
}

export interface CallOptions extends Partial<Pick<Call, 'raw' | 'dryRun' | 'signal' | 'file'>> {}

/** What came of a call. */
export interface Outcome {
  answer: CallAnswer | undefined;
  problem: Problem | undefined;
  events: CallEvent[];
}

/** The real engine over a store file of its own and a connector of the test's, with a provider on the loopback. */
export interface EngineStage {
  upstream: Upstream;
  connector: Connector;
  account: string;
  profile: string;
  project: string;
  grants: Grants;
  /** The profile's app at the provider. */
  client: OAuthClient;
  /** Calls `example_<action>`; what is no Problem is thrown. */
  call(action: string, inputs?: Record<string, unknown>, options?: CallOptions): Promise<Outcome>;
  diagnose(): Promise<Diagnosis>;
}

/** Real time, but waits between attempts end at once. */
const impatientClock: Clock = {
  now: () => Date.now(),
  sleep: async (_ms, signal) => signal?.throwIfAborted(),
};

/** Sets the stage and clears it when the test is over. */
export async function openStage(options: StageOptions): Promise<EngineStage> {
  const directory = await mkdtemp(join(tmpdir(), 'corbel-engine-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await mkdir(join(directory, 'example', 'actions'), { recursive: true });
  await writeFile(join(directory, 'example', 'connector.yaml'), options.connector);
  if (options.actions !== undefined)
    await writeFile(join(directory, 'example', 'actions', 'all.yaml'), options.actions);

  const upstream = await startUpstream();
  onTestFinished(() => upstream.close());
  const originOverrides = new Map([
    ['https://api.example', upstream.origin],
    ['https://files.storage.example', upstream.origin],
  ]);
  const registry = await loadRegistry(directory, { originOverrides });
  const connector = registry.connectors.get('example');
  if (!connector) throw new Error('no connector "example"');

  const sqlite = await temporarySqlite();
  const [clock, random] = [systemClock, systemRandom];
  const store = await openStore({ url: sqlite.url, clock, random, allowVolatile: false });
  const vault = createVault(parseKeyRing(`test:${random.bytes(32).toString('base64')}`), random);
  const cache = await createRecordCache(store);
  const door = createDoor({
    clock: options.doorClock ?? impatientClock,
    random,
    allowPrivateAddresses: ['127.0.0.0/8'],
  });
  const broker = createTokenBroker({ store, vault, door, clock, random });
  const onDead = async () => {};
  const grants = await createGrants({ store, vault, door, clock, random, dataDirectory: directory, onDead });
  onTestFinished(async () => {
    await broker.close();
    await grants.close();
    await door.close();
    await cache.close();
    await store.close();
    await sqlite.remove();
  });
  const budgets = options.budgets ?? generousBudgets;
  const dependencies = { registry: () => registry, cache, vault, broker, grants, door, budgets, clock, random };
  const engine = createEngine(dependencies);
  const diagnose = createDiagnosis(dependencies);

  const project = newId(random, 'prj');
  const wanted = {
    name: 'Test',
    connector: 'example',
    authentication: 'app',
    client_id: 'client',
    client_secret: new Secret(CLIENT_SECRET),
    scopes: options.scopes ?? [...connector.scopes.keys()],
    ...options.profile,
  };
  const profile = await createProfile(store, vault, random, clock.now(), project, wanted);
  const authentication = connector.authentication.get(profile.authentication);
  if (!authentication) throw new Error(`no authentication "${profile.authentication}"`);
  // As the route does it: with the defaults filled in.
  const settings = connector.accountSettings.bind(options.settings ?? {});
  const account = await createAccount(store, random, clock.now(), project, {
    profile_id: profile.id,
    connector: 'example',
    owner_id: 'owner',
    settings: { ...('values' in settings && settings.values) },
  });
  const key: ApiKey = {
    id: newId(random, 'key'),
    project,
    name: 'test',
    role: 'backend',
    actions: null,
    accounts: null,
    expires_at: null,
    revoked_at: null,
    created_at: new Date(0).toISOString(),
    digest: '',
  };

  return {
    upstream,
    connector,
    account: account.id,
    profile: profile.id,
    project,
    grants,
    client: {
      profileId: profile.id,
      profileGeneration: 1,
      clientId: profile.client_id ?? '',
      clientSecret: wanted.client_secret,
      authentication,
      allowedOrigins: connector.origins,
    },
    async call(action, inputs = {}, { raw = false, dryRun = false, signal, file } = {}) {
      const events: CallEvent[] = [];
      const outcome = engine.execute({
        key,
        action: `example_${action}`,
        account: account.id,
        inputs,
        file,
        raw,
        dryRun,
        signal: signal ?? new AbortController().signal,
        observe: (event) => void events.push(event),
      });
      try {
        return { answer: await outcome, problem: undefined, events };
      } catch (error) {
        if (error instanceof Problem) return { answer: undefined, problem: error, events };
        throw error;
      }
    },
    diagnose: () => diagnose({ project, account: account.id, signal: new AbortController().signal, observe: () => {} }),
  };
}

/** A file on its way in, of so many bytes. */
export function incomingFile(bytes: number, facts: Partial<Omit<IncomingFile, 'stream'>> = {}): IncomingFile {
  const stream = Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), 'x');
    })(),
    { objectMode: false },
  );
  return { stream, name: undefined, contentType: undefined, size: bytes, ...facts };
}
