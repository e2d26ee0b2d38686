import { Cluster, Redis } from 'ioredis';
import { Problem } from '../problems.ts';
import { cleanFailure, failureText, withDeadline } from './failure.ts';
import type { StoreLogger } from './logger.ts';
import { clusterOptions, redisOptions, subscriberOptions } from './redis-options.ts';
import { loadScripts } from './redis-scripts.ts';
import type { RedisAddress } from './redis-url.ts';
import { StoreRefused } from './refused.ts';

// At start Redis may still be starting too (containers come up together, an append-only file is being read).
const OPEN_DEADLINE_MS = 15_000;
// Time for a farewell; commands that are under way are finished by then or never.
const CLOSE_DEADLINE_MS = 1_000;
const REVIVE_MS = 500;

/** One server that accepts writes. */
export interface RedisMaster {
  /** host:port, or another name that stays the same for the same server. */
  name: string;
  /** The connection for commands; undefined while there is none. */
  commands: Redis | undefined;
  /** A new, unconnected connection to this server for subscribing. */
  subscriber(): Redis;
}

/** The connections to a Redis, whatever its form. */
export interface RedisConnection {
  client: Redis | Cluster;
  /** Every master that is known to serve slots, reachable or not. */
  masters(): RedisMaster[];
  close(): Promise<void>;
}

/**
 * Connects, and waits (bounded) until Redis is ready.
 *
 * Throws {@link StoreRefused} when the credentials are not accepted, the problem `store_unavailable` when Redis is not
 * reachable in time.
 */
export async function connectRedis(
  address: RedisAddress,
  logger: StoreLogger | undefined,
  withinMs = OPEN_DEADLINE_MS,
): Promise<RedisConnection> {
  const scripts = await loadScripts();
  const connection =
    address.topology === 'cluster'
      ? clusterConnection(new Cluster(address.hosts, clusterOptions(address, scripts)))
      : singleConnection(new Redis(redisOptions(address, scripts)));
  const { client } = connection;
  logOutages(client, logger);
  const leaveEnded = reviveWhenEnded(client);
  const close = async () => {
    leaveEnded();
    await connection.close();
  };
  try {
    await withDeadline(ready(client), withinMs);
  } catch (error) {
    await close();
    if (error instanceof StoreRefused || error instanceof Problem) throw error;
    throw new Problem('store_unavailable', 'Redis is not reachable.', { cause: cleanFailure(error) });
  }
  return { ...connection, close };
}

/** One line when the connection is lost and one when it is back, not one per attempt. */
function logOutages(client: Redis | Cluster, logger: StoreLogger | undefined): void {
  let down = false;
  client.on('error', (error: unknown) => {
    if (!down) logger?.warn({ failure: failureText(error) }, 'Redis connection failed');
    down = true;
  });
  client.on('ready', () => {
    if (down) logger?.info({}, 'Redis connection is back');
    down = false;
  });
}

/** ioredis gives up for good in some corners (an error between two attempts to connect); a server must not. */
function reviveWhenEnded(client: Redis | Cluster): () => void {
  let wanted = true;
  const revive = () => {
    setTimeout(() => {
      if (wanted && client.status === 'end') client.connect().catch(() => {});
    }, REVIVE_MS).unref();
  };
  client.on('end', revive);
  return () => {
    wanted = false;
  };
}

async function ready(client: Redis | Cluster): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    const onError = (error: unknown) => {
      // A wrong password stays wrong, so that waiting would only hide it.
      const refusal = credentialRefusal(error);
      if (refusal !== undefined) reject(refusal);
    };
    client.on('error', onError);
    client.once('ready', () => client.off('error', onError));
    // Rejects at the first failure; the client goes on trying, and 'ready' tells when it succeeds.
    client.connect().catch(onError);
  });
}

function credentialRefusal(error: unknown): StoreRefused | undefined {
  const causes = [error, error instanceof Error && 'lastNodeError' in error ? error.lastNodeError : undefined];
  const refused = causes.find(
    (cause) => cause instanceof Error && /WRONGPASS|NOAUTH|NOPERM|invalid password/.test(cause.message),
  );
  if (refused === undefined) return undefined;
  return new StoreRefused(
    `Redis did not accept the credentials of the address (${failureText(refused).split(' ')[0]}).`,
  );
}

function singleConnection(client: Redis): RedisConnection {
  const master: RedisMaster = {
    name: 'single',
    commands: client,
    subscriber: () => client.duplicate(subscriberOptions()),
  };
  return { client, masters: () => [master], close: () => farewell(client) };
}

function clusterConnection(client: Cluster): RedisConnection {
  // ioredis takes a node whose connection broke out of its list, and puts it back when it has asked for the slots again.
  // Until then it still is a master whose changes are not heard, so that the last complete list is kept here.
  let known = new Map<string, RedisMaster>();
  const remember = () => {
    known = new Map(
      client.nodes('master').map((node) => {
        const name = nodeName(node);
        return [name, clusterMaster(client, name, node)];
      }),
    );
  };
  client.on('refresh', remember);
  client.on('ready', remember);
  return { client, masters: () => [...known.values()], close: () => farewell(client) };
}

function clusterMaster(client: Cluster, name: string, first: Redis): RedisMaster {
  return {
    name,
    get commands() {
      return client.nodes('master').find((node) => nodeName(node) === name);
    },
    subscriber: () => first.duplicate(subscriberOptions()),
  };
}

function nodeName(node: Redis): string {
  return `${node.options.host}:${node.options.port}`;
}

async function farewell(client: Redis | Cluster): Promise<void> {
  // quit() waits for the answers to everything sent before; a Redis that is gone gives none.
  await withDeadline(client.quit(), CLOSE_DEADLINE_MS).catch(() => {});
  client.disconnect();
}
