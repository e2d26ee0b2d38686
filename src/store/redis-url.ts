import { StoreRefused } from './refused.ts';

const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26379;
const MAX_DB = 65_535;

const FORMS =
  'redis://[user:password@]host[:port][/db], rediss:// (TLS), redis-cluster://[user:password@]host:port,host:port, ' +
  'redis-sentinel://[user:password@]host:port,host:port/master-name[/db] (with rediss-cluster, rediss-sentinel for TLS)';

export interface RedisHost {
  host: string;
  port: number;
}

/** Where a Redis is, as its address says. */
export interface RedisAddress {
  topology: 'single' | 'cluster' | 'sentinel';
  tls: boolean;
  /** The server; start nodes of the cluster; Sentinels. At least one. */
  hosts: RedisHost[];
  username?: string;
  password?: string;
  db: number;
  /** Sentinel only: the name of the master group. */
  masterName?: string;
  /** Sentinel only: credentials for the Sentinels themselves. */
  sentinelUsername?: string;
  sentinelPassword?: string;
}

/**
 * Reads a Redis address. By hand, because `URL` does not know lists of hosts, and because its errors carry the whole input,
 * password included.
 *
 * Throws {@link StoreRefused}; its message never quotes the address.
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = /^(rediss?)(?:-(cluster|sentinel))?:\/\/(?:([^/?#]*)@)?([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(
    url,
  );
  if (parts === null) throw refused('it has none of the known forms');
  const [, scheme, form, credentials, hosts = '', path = '', query = ''] = parts;
  const topology = form === 'cluster' || form === 'sentinel' ? form : 'single';
  const address: RedisAddress = {
    topology,
    tls: scheme === 'rediss',
    hosts: parseHosts(hosts, topology),
    db: 0,
    ...parseCredentials(credentials),
  };
  if (topology === 'sentinel') return { ...address, ...parseSentinelPath(path), ...parseSentinelQuery(query) };
  if (query !== '') throw refused('it takes no query');
  if (topology === 'cluster' && path !== '')
    throw refused('a cluster has no databases, so nothing may follow the hosts');
  return { ...address, db: parseDb(path) };
}

function parseHosts(text: string, topology: RedisAddress['topology']): RedisHost[] {
  const defaultPort = topology === 'sentinel' ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT;
  const hosts = text.split(',').map((item) => {
    const parts = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(item);
    const host = parts?.[1] ?? parts?.[2];
    const port = parts?.[3] === undefined ? defaultPort : Number(parts[3]);
    if (host === undefined || port < 1 || port > 65_535) throw refused('a host is not of the form host:port');
    return { host, port };
  });
  if (topology === 'single' && hosts.length > 1)
    throw refused('it names several hosts; use redis-cluster:// or redis-sentinel://');
  return hosts;
}

function parseCredentials(text: string | undefined): { username?: string; password?: string } {
  if (text === undefined || text === '') return {};
  const colon = text.indexOf(':');
  const username = decode(colon < 0 ? text : text.slice(0, colon));
  const password = colon < 0 ? '' : decode(text.slice(colon + 1));
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function parseSentinelPath(path: string): { masterName: string; db: number } {
  const [name = '', db = '', ...rest] = path.split('/');
  if (name === '' || rest.length > 0) throw refused('the name of the master group must follow the Sentinels');
  return { masterName: decode(name), db: parseDb(db) };
}

function parseSentinelQuery(query: string): { sentinelUsername?: string; sentinelPassword?: string } {
  const result: { sentinelUsername?: string; sentinelPassword?: string } = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === 'sentinel_username') result.sentinelUsername = value;
    else if (name === 'sentinel_password') result.sentinelPassword = value;
    else throw refused('its query may only have sentinel_username and sentinel_password');
  }
  return result;
}

function parseDb(text: string): number {
  if (text === '') return 0;
  if (!/^\d{1,5}$/.test(text) || Number(text) > MAX_DB) throw refused('the database is not a number');
  return Number(text);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused('a percent sign in user or password must be written as %25');
  }
}

function refused(reason: string): StoreRefused {
  return new StoreRefused(`The Redis address cannot be used: ${reason}. Known forms: ${FORMS}.`);
}
