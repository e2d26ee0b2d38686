import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { RedisScripts } from './redis-scripts.ts';
import type { RedisAddress } from './redis-url.ts';

// How long a caller waits for Redis at most. A healthy one answers in under 1 ms; a failover takes seconds, and waiting for
// it would pile up callers, who can repeat (store_unavailable is retryable).
export const COMMAND_DEADLINE_MS = 2_000;
// A socket on which nothing comes back for this long is dead or its server hangs: it is replaced. Longer than the deadline
// of a command, so that one slow answer does not fail its neighbours.
const SOCKET_DEADLINE_MS = 3_000;
const CONNECT_DEADLINE_MS = 3_000;
const RECONNECT_STEP_MS = 50;
// Low, because every watch is blind until the connection is back.
const RECONNECT_MAX_MS = 500;
// Every process asks one node this often who serves which slots.
const SLOTS_REFRESH_MS = 2_000;
const MAX_REDIRECTIONS = 5;

// ioredis' constructors tell by this member which reply types they give, and do not take `undefined` for it.
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;
type ClusterConnectionOptions = Omit<ClusterOptions, 'redisOptions'> & { redisOptions: ConnectionOptions };

/**
 * What all connections have in common.
 *
 * Nothing is queued while there is no connection (a caller gets an answer at once), and nothing is sent twice: a command
 * whose answer was lost may have been executed, and writes with conditions and counters must not be executed again.
 */
function commonOptions(address: RedisAddress): ConnectionOptions {
  const { username, password, tls } = address;
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: {} }),
    connectionName: 'corbel',
    connectTimeout: CONNECT_DEADLINE_MS,
    socketTimeout: SOCKET_DEADLINE_MS,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // After a failover the old master answers READONLY on a connection that looks healthy.
    reconnectOnError: (error) => error.message.includes('READONLY'),
  };
}

/** Options for a single Redis, or for the master that Sentinels name. */
export function redisOptions(address: RedisAddress, scripts: RedisScripts): ConnectionOptions {
  const options: ConnectionOptions = {
    ...commonOptions(address),
    db: address.db,
    scripts,
    lazyConnect: true,
    enableOfflineQueue: false,
    // Concurrent commands share one write; measured +75 % with 100 in flight, nothing lost when idle.
    enableAutoPipelining: true,
    retryStrategy: reconnectDelayMs,
  };
  if (address.topology === 'single') return { ...options, ...address.hosts[0] };
  const { masterName, sentinelUsername, sentinelPassword, tls, hosts } = address;
  return {
    ...options,
    sentinels: hosts,
    ...(masterName !== undefined && { name: masterName }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelRetryStrategy: reconnectDelayMs,
    sentinelCommandTimeout: COMMAND_DEADLINE_MS,
    // Not ioredis' detector of failovers: news that arrives while the client is connecting ends the client for good (seen in
    // every second failover). It is not needed: Sentinels close the connections of a master that they demote, and one that
    // is gone is noticed by the socket's deadline.
    failoverDetector: false,
  };
}

/** Options for a Redis Cluster. */
export function clusterOptions(address: RedisAddress, scripts: RedisScripts): ClusterConnectionOptions {
  return {
    redisOptions: commonOptions(address),
    scripts,
    lazyConnect: true,
    enableOfflineQueue: false,
    // Pipelines with several slots give up when one of them has moved; single commands follow the redirection.
    enableAutoPipelining: false,
    clusterRetryStrategy: reconnectDelayMs,
    slotsRefreshInterval: SLOTS_REFRESH_MS,
    slotsRefreshTimeout: COMMAND_DEADLINE_MS,
    maxRedirections: MAX_REDIRECTIONS,
    // 0: a command whose connection closed may have been executed, so that it is not sent again.
    retryDelayOnFailover: 0,
    // Host names stay names: certificates are issued for names, not for addresses.
    dnsLookup: (host, callback) => callback(null, host),
  };
}

/** Options for the connection on which changes arrive. It reconnects by itself, and says so by `ready`. */
export function subscriberOptions(): Partial<RedisOptions> {
  return {
    lazyConnect: true,
    // Subscribing again is done by hand: what was missed meanwhile has to be made known first.
    autoResubscribe: false,
    enableOfflineQueue: false,
    enableAutoPipelining: false,
    retryStrategy: reconnectDelayMs,
    readOnly: false,
  };
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(attempt * RECONNECT_STEP_MS, RECONNECT_MAX_MS);
}
