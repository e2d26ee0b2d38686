import { generateKeyPairSync } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Clock, systemClock } from '../../../src/clock.ts';
import type { Action, Connector, Example, Registry } from '../../../src/connector/connector.ts';
import { loadRegistry } from '../../../src/connector/load.ts';
import { createAccount } from '../../../src/domain/account.ts';
import type { ApiKey } from '../../../src/domain/api-key.ts';
import { createProfile } from '../../../src/domain/connector-profile.ts';
import { newId } from '../../../src/domain/ids.ts';
import type { CallAnswer, IncomingFile } from '../../../src/engine/call.ts';
import { createEngine } from '../../../src/engine/execute.ts';
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
import { type SeenRequest, startProvider } from './provider.ts';

export interface Replayed {
  /** The answer, or the refusal. */
  outcome: CallAnswer | Problem;
  seen: readonly SeenRequest[];
}

/** The whole engine over a store file of its own, with a provider on the loopback in the place of the real one. */
export interface Stage {
  replay(action: Action, example: Example): Promise<Replayed>;
  /** Asks for the page after an answer; the provider gives `body`. */
  replayNext(action: Action, example: Example, next: string, body: unknown): Promise<Replayed>;
  close(): Promise<void>;
}

/** Of the door: real time, but waits between attempts end at once. */
const impatientClock: Clock = {
  now: () => Date.now(),
  sleep: async (_ms, signal) => signal?.throwIfAborted(),
};

/** Every turn comes at once: how long a limit makes a call wait is not what examples show. */
const generousBudgets: RateBudgets = { take: async () => {}, exhausted: () => {}, close: async () => {} };

/** Nobody consents here: on behalf of a person the examples act with a service account. */
const noGrants: Pick<Grants, 'userToken'> = {
  userToken: () => Promise.reject(new Error('examples need no grant')),
};

/** Sets the stage for one connector of a directory. */
export async function setStage(directory: string, connector: Connector): Promise<Stage> {
  const methods = [...connector.authentication.values()];
  const [authentication] = methods;
  const personal = methods.find(({ grant }) => grant === 'jwt_bearer');
  if (!authentication) throw new Error(`${connector.id} has no authentication`);
  const provider = await startProvider(authentication.tokenEndpoint.pathname);
  const origins = [...connector.actions.values()].flatMap(({ examples }) =>
    examples.flatMap(({ exchanges }) => exchanges.map(({ request }) => new URL(request.url).origin)),
  );
  const originOverrides = new Map([...connector.origins, ...origins].map((origin) => [origin, provider.origin]));
  const registry: Registry = await loadRegistry(directory, { originOverrides });
  const sqlite = await temporarySqlite();
  const clock = systemClock;
  const random = systemRandom;
  const store = await openStore({ url: sqlite.url, clock, random, allowVolatile: false });
  const vault = createVault(parseKeyRing(`test:${random.bytes(32).toString('base64')}`), random);
  const cache = await createRecordCache(store);
  const door = createDoor({ clock: impatientClock, random, allowPrivateAddresses: ['127.0.0.0/8'] });
  const broker = createTokenBroker({ store, vault, door, clock, random });
  const engine = createEngine({
    registry: () => registry,
    cache,
    vault,
    broker,
    grants: noGrants,
    door,
    budgets: generousBudgets,
    clock,
    random,
  });
  const project = newId(random, 'prj');
  const key: ApiKey = {
    id: newId(random, 'key'),
    project,
    name: 'replay',
    role: 'backend',
    actions: null,
    accounts: null,
    expires_at: null,
    revoked_at: null,
    created_at: new Date(0).toISOString(),
    digest: '',
  };
  const accounts = new Map<Example, string>();
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });

  // A profile for each example, so that what the broker remembers of one does not touch another.
  async function accountOf(example: Example, method = authentication): Promise<string> {
    const known = accounts.get(example);
    if (known !== undefined) return known;
    const profile = await createProfile(store, vault, random, clock.now(), project, {
      name: example.name,
      connector: connector.id,
      authentication: method?.id ?? '',
      client_id: 'client',
      client_secret: new Secret('client-secret'),
      ...(method === personal && {
        service_account_id: 'robot',
        key_id: 'key',
        private_key: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
      }),
      scopes: [...connector.scopes.keys()],
    });
    const account = await createAccount(store, random, clock.now(), project, {
      profile_id: profile.id,
      connector: connector.id,
      owner_id: 'owner',
      settings: { ...example.account },
    });
    accounts.set(example, account.id);
    return account.id;
  }

  async function call(
    action: Action,
    example: Example,
    inputs: Readonly<Record<string, unknown>>,
    seen: readonly SeenRequest[],
  ): Promise<Replayed> {
    const account = await accountOf(example, action.token === 'user' ? personal : authentication);
    const { signal } = new AbortController();
    const file = example.file && fileOf(example.file);
    const asked = { key, action: action.id, account, inputs, file, raw: false, dryRun: false };
    const outcome = await engine.execute({ ...asked, signal, observe: () => {} }).catch((error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    });
    return { outcome, seen };
  }

  return {
    replay: (action, example) => call(action, example, example.inputs, provider.play(example.exchanges)),
    replayNext(action, example, next, body) {
      const [first] = example.exchanges;
      if (!first) throw new Error(`${example.name}: no exchange`);
      const inputs = { ...example.inputs, next };
      return call(action, example, inputs, provider.answerWith({ ...first.response, body }));
    },
    async close() {
      await broker.close();
      await door.close();
      await cache.close();
      await store.close();
      await provider.close();
      await sqlite.remove();
    },
  };
}

const CHUNK_BYTES = 64 * 1024;

/** The file of an example, on its way in; its content does not matter. */
function fileOf({ bytes, name, contentType }: NonNullable<Example['file']>): IncomingFile {
  const chunks = function* () {
    for (let left = bytes; left > 0; left -= CHUNK_BYTES) yield Buffer.alloc(Math.min(left, CHUNK_BYTES));
  };
  return { stream: Readable.from(chunks(), { objectMode: false }), name, contentType, size: bytes };
}
