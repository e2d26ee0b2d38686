import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { type Audit, createAudit } from './audit/audit.ts';
import type { Clock } from './clock.ts';
import type { Later } from './connector/compile-connector.ts';
import { loadRegistry } from './connector/load.ts';
import { createLoadMemory } from './connector/load-memory.ts';
import { createRegistryHolder, type RegistryHolder } from './connector/registry.ts';
import { indexAccounts } from './domain/account-backfill.ts';
import { createEvents } from './events/events.ts';
import { createOnGrantDead, createOnGrantRevived, createOnScopes } from './events/grant-death.ts';
import { createGrants } from './oauth/create-grants.ts';
import { indexGrants } from './oauth/lapsing-grants.ts';
import { createTokenBroker } from './oauth/token-broker.ts';
import type { Random } from './random.ts';
import { createRequestLog, type RequestLog } from './request-log/request-log.ts';
import { buildServer } from './server.ts';
import { type Settings, SettingsError } from './settings.ts';
import { openStore } from './store/open.ts';
import { createRecordCache } from './store/record-cache.ts';
import type { Store } from './store/store.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { createAddressGuard } from './upstream/address-guard.ts';
import { createDoor } from './upstream/door.ts';
import { createRateBudgets } from './upstream/rate-budgets.ts';
import { checkCanary } from './vault/canary.ts';
import { loadOrCreateKeyFile, parseKeyRing } from './vault/key-ring.ts';
import { createVault, type Vault } from './vault/vault.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
// A token request has at most 8 s; one that another process makes need not be waited for.
const TOKEN_REQUESTS_END_MS = 10_000;

export interface Environment {
  settings: Settings;
  clock: Clock;
  random: Random;
  logger: Logger;
  version: string;
}

/** The store and the vault over it, opened and found to belong together. */
export interface Custody {
  store: Store;
  vault: Vault;
}

export interface Running extends Custody {
  app: FastifyInstance;
  registry: RegistryHolder;
  audit: Audit;
  /** Does what the start did not wait for, in small pieces; logs the faults that it finds. To be called once listening. */
  finishLoading(): Promise<void>;
  /** From now on `/readyz` fails, so that load balancers send no more. */
  drain(): void;
  /** Lets calls under way finish, then closes everything. */
  close(): Promise<void>;
}

/**
 * Opens the store and the vault. Throws `StoreRefused`, `WrongKeyError`, {@link SettingsError} (a shared store without keys)
 * or the problem `store_unavailable`.
 */
export async function openCustody({ settings, clock, random, logger }: Environment): Promise<Custody> {
  const url = settings.store.reveal();
  const embedded = url.startsWith('sqlite:');
  if (!settings.encryptionKeys && !embedded) {
    throw new SettingsError([
      'CORBEL_ENCRYPTION_KEYS must be set when the store is not the embedded one: processes that share a store must share its keys',
    ]);
  }
  const store = await openStore({
    url,
    clock,
    random,
    prefix: settings.redisPrefix,
    allowVolatile: settings.allowVolatileStore,
    logger,
  });
  try {
    const keyRing = settings.encryptionKeys
      ? parseKeyRing(settings.encryptionKeys.reveal())
      : await loadOrCreateKeyFile(join(settings.dataDirectory, 'encryption.key'), random);
    const vault = createVault(keyRing, random);
    await checkCanary(store, vault);
    return { store, vault };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Builds the whole server from settings; not yet listening. Throws as {@link openCustody}, and `ConnectorError`. */
export async function assemble(environment: Environment): Promise<Running> {
  // Before the connectors, which take a second to read: a wrong key or store is told at once.
  const custody = await openCustody(environment);
  try {
    return await assembleOver(custody, environment);
  } catch (error) {
    await custody.store.close();
    throw error;
  }
}

async function assembleOver({ store: opened, vault }: Custody, environment: Environment): Promise<Running> {
  const { settings, clock, random, logger, version } = environment;
  const { connectorsDirectory, originOverrides } = settings;
  const putOff: Parameters<Later>[0][] = [];
  let later: Later | undefined = (work) => putOff.push(work);
  const memory = createLoadMemory();
  const registry = await createRegistryHolder(
    () => loadRegistry(connectorsDirectory, { originOverrides, memory, ...(later && { later }) }),
    clock,
  );
  // A reload has time, and refuses what a start would only report.
  later = undefined;
  await indexAccounts(opened, logger);
  await indexGrants(opened);
  const telemetry = await createTelemetry({
    ...{ settings, clock, random, logger, version, store: opened },
    registry: registry.current,
    requestLog: () => requestLog,
  });
  const { store } = telemetry;
  const cache = await createRecordCache(store);
  const { allowPrivateAddresses } = settings;
  const door = createDoor({ clock, random, allowPrivateAddresses, logger });
  const broker = createTokenBroker({
    ...{ store, vault, clock, random, logger },
    door: telemetry.door('app_token', door),
  });
  const budgets = await createRateBudgets({ store, clock, logger });
  const requestLog: RequestLog = createRequestLog({
    ...{ store, clock, logger, ...telemetry.watchers },
    retentionMs: settings.requestLogDays * DAY_MS,
  });
  let draining = false;
  const audit = createAudit(
    { store, vault, clock, random, logger },
    { retentionMs: settings.auditDays * DAY_MS, upkeep: true },
  );
  const events = createEvents({ store, vault, door: telemetry.door('event', door), clock, random, logger });
  const grants = await createGrants({
    ...{ store, vault, clock, random, logger, dataDirectory: settings.dataDirectory },
    door: telemetry.door('refresh', door),
    onDead: createOnGrantDead({ store, clock, logger, events, audit }),
    onRevived: createOnGrantRevived({ store, clock, logger, events, audit }),
    onScopes: createOnScopes({ store, clock, logger, events, audit }),
    draining: () => draining,
  });
  const saved = await grants.replayJournal();
  if (saved > 0) logger.warn({ grants: saved }, 'grants of an earlier process were saved');
  const app = buildServer({
    store,
    cache,
    vault,
    broker,
    grants,
    events,
    guard: createAddressGuard({ allowPrivateAddresses }),
    requestLog,
    audit,
    door: telemetry.door('call', door),
    metrics: telemetry.metrics,
    metricsAccess: settings.metrics,
    usage: telemetry.usage,
    registry: registry.current,
    loadStatus: registry.status,
    connectorsDirectory,
    clock,
    random,
    logger,
    draining: () => draining,
    publicUrl: settings.publicUrl,
    trustedProxies: settings.trustedProxies,
    bodyLimitBytes: settings.bodyLimitBytes,
    fileLimitBytes: settings.fileLimitBytes,
    budgets,
    version,
  });
  return {
    app,
    store,
    vault,
    registry,
    audit,
    async finishLoading() {
      for (const work of putOff.splice(0)) {
        await nextTurn();
        const faults = work().map(({ frame: _frame, ...fault }) => fault);
        if (faults.length > 0) logger.error({ faults }, 'examples of connectors have faults');
      }
    },
    drain() {
      draining = true;
    },
    async close() {
      draining = true;
      await app.close();
      await Promise.all([orLate(clock, broker.close(), TOKEN_REQUESTS_END_MS), grants.close()]);
      // After the grants, which may have found a dead one.
      await events.close();
      await door.close();
      await requestLog.close();
      await telemetry.close();
      await audit.close();
      await budgets.close();
      await cache.close();
      await store.close();
    },
  };
}

/** Resolves when the work ends or the time is over; leaves no timer that would keep the process. */
async function orLate(clock: Clock, work: Promise<unknown>, ms: number): Promise<void> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).catch(() => undefined);
  await Promise.race([work, late]).finally(() => done.abort());
}
