import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { hasRedisServer, type RedisSource, startRedis } from './redis.ts';

const run = promisify(execFile);

// `docker info` of a daemon that hangs must not hang the run.
const DOCKER_DEADLINE_MS = 5_000;
const REDIS_IMAGE = 'redis:7.4-alpine';
const REDIS_PORT = 6379;

interface Provision {
  source: RedisSource;
  line: string;
  end(): Promise<unknown>;
}

/** Finds a Redis for the run, says in one line which one, and gives it to the suites (`inject('redis')`). */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { source, line, end } = await findRedis();
  const forbidSkips = process.env.TEST_FORBID_SKIPS === '1';
  process.stdout.write(`${line}\n`);
  if (forbidSkips && !source.canStartServers) {
    await end();
    throw new Error('TEST_FORBID_SKIPS=1, but there is no redis-server on the PATH: Redis suites would be skipped.');
  }
  project.provide('redis', source);
  return async () => {
    await end();
  };
}

async function findRedis(): Promise<Provision> {
  const url = process.env.TEST_REDIS_URL;
  const canStartServers = await hasRedisServer();
  const rest = canStartServers
    ? ''
    : '; Cluster, Sentinel and kill suites SKIPPED: they need a redis-server on the PATH';
  if (url) {
    return { source: { kind: 'url', url, canStartServers }, line: `Redis: TEST_REDIS_URL${rest}`, end: async () => {} };
  }
  if (canStartServers) {
    const server = await startRedis();
    return {
      source: { kind: 'binary', url: server.url, canStartServers },
      line: `Redis: redis-server from the PATH, process ${server.pid}`,
      end: () => server.stop({ kill: true }),
    };
  }
  if (await dockerAnswers()) {
    const { GenericContainer } = await import('testcontainers');
    const container = await new GenericContainer(REDIS_IMAGE)
      .withCommand(['redis-server', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--save', ''])
      .withExposedPorts(REDIS_PORT)
      .start();
    const dockerUrl = `redis://${container.getHost()}:${container.getMappedPort(REDIS_PORT)}`;
    return {
      source: { kind: 'docker', url: dockerUrl, canStartServers },
      line: `Redis: ${REDIS_IMAGE} in Docker${rest}`,
      end: () => container.stop(),
    };
  }
  return {
    source: { kind: 'none', url: undefined, canStartServers },
    line: '!!! REDIS TESTS SKIPPED: install redis-server (apt/brew install redis), or set TEST_REDIS_URL, or start Docker !!!',
    end: async () => {},
  };
}

async function dockerAnswers(): Promise<boolean> {
  return await run('docker', ['info'], { timeout: DOCKER_DEADLINE_MS }).then(
    () => true,
    () => false,
  );
}
