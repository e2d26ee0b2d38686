import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const compose = parse(readFileSync('docker-compose.yml', 'utf8'));
const proxy = readFileSync('docker/nginx.conf', 'utf8');
const engineAnswers = spawnSync('docker', ['info'], { timeout: 10_000 }).status === 0;

/** The instructions of a Dockerfile, continuation lines joined. */
function instructions(text: string): { name: string; value: string }[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => /^[A-Z]+ /.test(line))
    .map((line) => ({ name: line.slice(0, line.indexOf(' ')), value: line.slice(line.indexOf(' ') + 1).trim() }));
}

describe('the image', () => {
  const all = instructions(dockerfile);
  const last = all.slice(all.map(({ name }) => name).lastIndexOf('FROM'));
  const one = (name: string) => last.find((instruction) => instruction.name === name)?.value ?? '';

  it('is made in stages from the same official Node.js image', () => {
    const bases = all.filter(({ name }) => name === 'FROM').map(({ value }) => value.split(' ')[0]);
    expect(bases).toEqual(Array(3).fill('node:24-slim'));
  });

  it('runs no install scripts and takes no development dependencies', () => {
    expect(dockerfile).toMatch(/npm ci --omit=dev --ignore-scripts/);
  });

  it('runs without root, and the user is set after the last file is copied', () => {
    expect(one('USER')).toBe('node');
    const names = last.map(({ name }) => name);
    expect(names.lastIndexOf('COPY')).toBeLessThan(names.indexOf('USER'));
  });

  it('starts the server directly, so that it gets the signals', () => {
    expect(JSON.parse(one('CMD'))).toEqual(['node', 'src/main.ts']);
  });

  it('has a health check that asks for readiness', () => {
    expect(one('HEALTHCHECK')).toContain('/readyz');
  });

  it('copies only what the context lets in', () => {
    const allowed = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = all
      .filter(({ name, value }) => name === 'COPY' && !value.startsWith('--from'))
      .flatMap(({ value }) => value.split(/\s+/).slice(0, -1));
    expect(new Set(copied)).toEqual(new Set(allowed));
  });
});

describe('the composition', () => {
  it('puts two replicas behind one port that only this machine can reach', () => {
    expect(compose.services.corbel.deploy.replicas).toBe(2);
    expect(compose.services.corbel.ports).toBeUndefined();
    expect(compose.services.proxy.ports).toEqual(['127.0.0.1:8080:8080']);
    expect(proxy).toMatch(/listen 8080;/);
    expect(proxy).toMatch(/http:\/\/corbel:8080;/);
    expect(proxy).toMatch(/proxy_next_upstream off;/);
    expect(proxy).toMatch(/proxy_request_buffering off;/);
    expect(proxy).toMatch(/proxy_set_header X-Forwarded-For \$remote_addr;/);
    expect(compose.services.corbel.environment.CORBEL_TRUSTED_PROXIES).toMatch(/172\.16\.0\.0\/12/);
    expect(compose.services.corbel.environment.CORBEL_PUBLIC_URL).toBe('http://localhost:8080');
  });

  it('keeps Redis append-only and never lets it evict', () => {
    const command: string[] = compose.services.redis.command;
    expect(command[command.indexOf('--appendonly') + 1]).toBe('yes');
    expect(command[command.indexOf('--maxmemory-policy') + 1]).toBe('noeviction');
    expect(compose.services.redis.volumes).toContain('redis:/data');
  });

  it('gives both replicas the same keys, from a file that is made before they start', () => {
    const { corbel, keys } = compose.services;
    expect(corbel.environment.CORBEL_ENCRYPTION_KEYS_FILE).toBe(keys.command.at(-1));
    expect(corbel.depends_on.keys.condition).toBe('service_completed_successfully');
    expect(corbel.volumes).toContain('keys:/keys:ro');
  });

  it('runs the replicas read-only, without capabilities, and lets them finish before they are killed', () => {
    const { corbel } = compose.services;
    expect(corbel).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    const grace = Number.parseInt(corbel.stop_grace_period, 10);
    expect(grace).toBeGreaterThan(25 + Number(corbel.environment.CORBEL_DRAIN_DELAY_S));
  });

  // Only a Docker engine can run it; everything above holds without one.
  it.runIf(engineAnswers)('comes up and answers on its port', { timeout: 600_000 }, async () => {
    const project = `corbel-test-${process.pid}`;
    const docker = (...parameters: string[]) =>
      execFileSync('docker', ['compose', '-p', project, ...parameters], { timeout: 540_000, encoding: 'utf8' });
    try {
      docker('up', '--build', '--wait', '--detach');
      const answer = await fetch('http://127.0.0.1:8080/readyz');
      expect(answer.status).toBe(200);
      expect(docker('logs', 'corbel').match(/Operator key/g)).toHaveLength(1);
    } finally {
      docker('down', '--volumes', '--timeout', '40');
    }
  });
});
