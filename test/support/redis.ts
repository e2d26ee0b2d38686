import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';

const run = promisify(execFile);

// For failures only: on a machine that is busy with other work, everything takes long.
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;
// A free port can be taken by somebody else between asking and binding.
const PORT_ATTEMPTS = 5;

/** Where the Redis of the test run comes from; given to the tests by the global set-up. */
export interface RedisSource {
  kind: 'url' | 'binary' | 'docker' | 'none';
  /** A single Redis that every suite may use, with partitions of its own. Undefined when there is none. */
  url: string | undefined;
  /** Whether suites may start servers of their own (persistence, kills, Cluster, Sentinel). */
  canStartServers: boolean;
}

declare module 'vitest' {
  export interface ProvidedContext {
    redis: RedisSource;
  }
}

export interface RedisServer {
  url: string;
  port: number;
  pid: number;
  /** The data directory: start again with it (and the port) to get the same data back. */
  dir: string;
  /** Ends the process (SIGKILL with `kill: true`); removes the directory unless `keepData`. */
  stop(options?: { kill?: boolean; keepData?: boolean }): Promise<void>;
}

export interface RedisServerOptions {
  /** Further arguments; the last one given for a setting wins. */
  args?: string[];
  port?: number;
  dir?: string;
}

/** Whether a `redis-server` is on the PATH. */
export async function hasRedisServer(): Promise<boolean> {
  return await run('redis-server', ['--version']).then(
    () => true,
    () => false,
  );
}

/** Starts a Redis of one's own on loopback, persistent and never evicting unless `args` say otherwise. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'corbel-redis-')));
  const server = await startProcess(dir, options.port, (port) => [
    ...['--port', String(port), '--dir', dir],
    ...['--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--save', ''],
    ...(options.args ?? []),
  ]);
  return { ...server, url: `redis://127.0.0.1:${server.port}` };
}

export interface RedisCluster {
  url: string;
  nodes: RedisServer[];
  stop(): Promise<void>;
}

/** Starts three masters that share the slots, and waits until all of them call the cluster whole. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'];
  const nodes = await Promise.all([startRedis({ args }), startRedis({ args }), startRedis({ args })]);
  const clients = nodes.map((node) => new Redis(node.port, '127.0.0.1'));
  try {
    const slotsEach = Math.ceil(16_384 / nodes.length);
    for (const [index, client] of clients.entries()) {
      const first = index * slotsEach;
      await client.call('CLUSTER', 'ADDSLOTSRANGE', first, Math.min(first + slotsEach, 16_384) - 1);
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }
    for (const client of clients.slice(1)) {
      await client.call('CLUSTER', 'MEET', '127.0.0.1', nodes[0]?.port ?? 0);
    }
    await until(START_DEADLINE_MS, 'cluster not whole in time', async () => {
      const states = await Promise.all(clients.map(async (client) => String(await client.call('CLUSTER', 'INFO'))));
      return states.every((state) => /cluster_state:ok/.test(state) && /cluster_known_nodes:3/.test(state));
    });
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop({ kill: true })));
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
  return {
    url: `redis-cluster://${nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`,
    nodes,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop({ kill: true })));
    },
  };
}

export interface RedisSentinel {
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts one Sentinel that watches the given master under the name `corbel-master`, is quick to replace it, and knows the
 * given replica.
 */
export async function startSentinel(master: RedisServer, replica: RedisServer): Promise<RedisSentinel> {
  const dir = await mkdtemp(join(tmpdir(), 'corbel-sentinel-'));
  const config = join(dir, 'sentinel.conf');
  const settings = [
    `sentinel monitor corbel-master 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds corbel-master 500',
    'sentinel failover-timeout corbel-master 3000',
  ];
  await writeFile(config, `${settings.join('\n')}\n`);
  const server = await startProcess(dir, undefined, (port) => [config, '--sentinel', '--port', String(port)]);
  const client = new Redis(server.port, '127.0.0.1');
  try {
    await until(START_DEADLINE_MS, 'Sentinel did not find the replica in time', async () => {
      const replicas = String(await client.call('SENTINEL', 'REPLICAS', 'corbel-master'));
      return replicas.includes(`port,${replica.port},`) && replicas.includes('master-link-status,ok');
    });
  } catch (error) {
    await server.stop({ kill: true });
    throw error;
  } finally {
    client.disconnect();
  }
  return {
    url: `redis-sentinel://127.0.0.1:${server.port}/corbel-master`,
    stop: () => server.stop({ kill: true }),
  };
}

type RunningServer = Omit<RedisServer, 'url'>;

async function startProcess(
  dir: string,
  wantedPort: number | undefined,
  args: (port: number) => string[],
): Promise<RunningServer> {
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort ?? (await freePort());
    const child = spawn('redis-server', [...args(port), '--bind', '127.0.0.1', '--daemonize', 'no'], {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    });
    try {
      await answers(child, port);
    } catch (error) {
      await end(child, true);
      if (attempt >= PORT_ATTEMPTS || wantedPort !== undefined)
        throw new Error(`redis-server: ${output}`, { cause: error });
      continue;
    }
    const { pid } = child;
    if (pid === undefined) throw new Error('redis-server has no process id');
    return {
      port,
      pid,
      dir,
      stop: async (options = {}) => {
        await end(child, options.kill ?? false);
        if (!options.keepData) await rm(dir, { recursive: true, force: true, maxRetries: 3 });
      },
    };
  }
}

async function answers(child: ChildProcess, port: number): Promise<void> {
  const client = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: () => 25,
    maxRetriesPerRequest: null,
  });
  client.on('error', () => {});
  try {
    await until(START_DEADLINE_MS, 'redis-server did not answer in time', async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('redis-server ended at once');
      if (client.status === 'wait') await client.connect().catch(() => {});
      return client.status === 'ready';
    });
  } finally {
    client.disconnect();
  }
}

async function end(child: ChildProcess, kill: boolean): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill(kill ? 'SIGKILL' : 'SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(late);
}

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  // A cluster node also listens on its port + 10000.
  return address.port > 55_000 ? await freePort() : address.port;
}

/** Asks again and again until the answer is true; rejects with `message` after `deadlineMs`. */
export async function until(deadlineMs: number, message: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(message);
    await delay(20);
  }
}
