import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { openCustody } from '../../../src/assemble.ts';
import { spaceFinding } from '../../../src/cli/doctor/check-files.ts';
import { checkNode } from '../../../src/cli/doctor/check-settings.ts';
import { examine } from '../../../src/cli/doctor/doctor.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { systemClock } from '../../../src/clock.ts';
import { createLogger } from '../../../src/logger.ts';
import { systemRandom } from '../../../src/random.ts';
import { Secret } from '../../../src/secret.ts';
import { readSettings } from '../../../src/settings.ts';
import { sealRecord } from '../../../src/vault/sealed-records.ts';
import { startRedis } from '../../support/redis.ts';
import { encryptionKey } from '../../support/server.ts';
import { temporaryDirectory } from '../dev/support.ts';
import { corbel } from '../support/corbel.ts';

const API = 'https://api.acme.test';
const CONNECTOR = `id: acme
label: Acme
description: Acme.
hosts: {api: "${API}"}
scopes: {read: {description: Reads.}}
authentication:
  - id: app
    label: App
    grant: client_credentials
    token_endpoint: {path: /token}
    client_authentication: client_secret_basic
    tokens: [app]
`;

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A folder with a data folder, a connector, and the settings that name them. */
async function machine(): Promise<{ cwd: string; data: string; env: Record<string, string> }> {
  const { path: cwd, remove } = await temporaryDirectory('corbel-doctor-');
  endings.push(remove);
  const data = join(cwd, 'data');
  await mkdir(join(cwd, 'connectors/acme'), { recursive: true });
  await writeFile(join(cwd, 'connectors/acme/connector.yaml'), CONNECTOR);
  const provider = await listen((_request, response) => response.end());
  return {
    cwd,
    data,
    env: {
      CORBEL_DATA_DIR: data,
      CORBEL_CONNECTORS_DIR: join(cwd, 'connectors'),
      CORBEL_ORIGIN_OVERRIDES: `${API}=${provider}`,
      CORBEL_ALLOW_PRIVATE_ADDRESSES: '127.0.0.1/32',
    },
  };
}

async function listen(answer: RequestListener): Promise<string> {
  const server: HttpServer = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endings.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedPort(): Promise<string> {
  const origin = await listen(() => {});
  await endings.pop()?.();
  return origin;
}

function look(cwd: string, env: Record<string, string>): Promise<Finding[]> {
  return examine({ env, cwd, clock: systemClock, random: systemRandom, nodeVersion: '24.0.0' });
}

const of = (findings: readonly Finding[], check: string) => findings.filter((finding) => finding.check === check);
const outcomes = (findings: readonly Finding[], check: string) => of(findings, check).map(({ outcome }) => outcome);

/** Starts and stops a store, as a server would; `work` may write. */
async function used(
  env: Record<string, string>,
  work: (custody: Awaited<ReturnType<typeof openCustody>>) => Promise<unknown>,
) {
  const settings = readSettings(env);
  const logger = createLogger('silent');
  const custody = await openCustody({ settings, clock: systemClock, random: systemRandom, logger, version: '' });
  await work(custody);
  await custody.store.close();
}

/** A record with a secret in it, so that a key is in use. */
const sealSomething: Parameters<typeof used>[1] = async ({ store, vault }) => {
  const key = { partition: 'global', kind: 'webhook_endpoint', id: 'whe_1' };
  await store.put(key, sealRecord(vault, key, { generation: 1, secret: new Secret('planted-secret') }));
};

/** Names, sizes, times and contents of everything below a folder. */
async function snapshot(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return Promise.all(
    entries.sort().map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path);
      const content = found.isFile() ? (await readFile(path)).toString('base64') : '';
      return `${name} ${found.size} ${found.mtimeMs} ${found.mode} ${content}`;
    }),
  );
}

describe('corbel doctor', () => {
  it('finds nothing wrong with a sound machine, and changes nothing on it', async () => {
    const { cwd, data, env } = await machine();
    await used(env, sealSomething);
    const before = await snapshot(cwd);
    const findings = await look(cwd, env);
    expect(findings.filter(({ outcome }) => outcome === 'fault')).toEqual([]);
    expect(of(findings, 'connectors')[0]?.message).toBe('1 loaded, 0 actions');
    expect(of(findings, 'provider')[0]?.message).toContain(`${API} (really http://127.0.0.1`);
    expect(outcomes(findings, 'encryption keys')).toEqual(['ok']);
    expect(outcomes(findings, 'store')).toEqual(['ok']);
    expect(outcomes(findings, 'clock and providers')).toEqual(['ok']);
    expect(await snapshot(cwd)).toEqual(before);
    await rm(data, { recursive: true });
    expect(outcomes(await look(cwd, env), 'store')).toEqual(['warning']);
    expect(await readdir(cwd)).toEqual(['connectors']);
  });

  it('tells of all settings that are wrong at once', async () => {
    const findings = await look('/', { CORBEL_PORT: 'x', CORBEL_STOER: 'y', CORBEL_LOG_LEVEL: 'loud' });
    expect(outcomes(findings, 'settings')).toEqual(['fault', 'fault', 'fault']);
    expect(findings).toHaveLength(4);
    expect([checkNode('22.9.0').outcome, checkNode('24.0.0').outcome]).toEqual(['fault', 'ok']);
  });

  it('tells of keys that do not open the store, of a key file that is gone, and of records under old keys', async () => {
    const { cwd, data, env } = await machine();
    await used(env, sealSomething);
    const other = await look(cwd, { ...env, CORBEL_ENCRYPTION_KEYS: encryptionKey('k9') });
    expect(outcomes(other, 'encryption keys')).toEqual(['fault']);
    const file = join(data, 'encryption.key');
    const old = (await readFile(file, 'utf8')).trim();
    const rotated = await look(cwd, { ...env, CORBEL_ENCRYPTION_KEYS: `${encryptionKey('k9')},${old}` });
    expect(of(rotated, 'rotation')).toMatchObject([
      { outcome: 'warning', message: expect.stringContaining('1 record is') },
    ]);
    await chmod(file, 0o644);
    const open = await look(cwd, env);
    expect([outcomes(open, 'encryption keys'), outcomes(open, 'key file')]).toEqual([['fault'], ['fault']]);
    expect(of(open, 'key file')[0]?.remedy).toContain('chmod 600');
    await rm(file);
    expect(outcomes(await look(cwd, env), 'encryption keys')).toEqual(['fault']);
  });

  it('tells of folders and files that others may read or write', async () => {
    const { cwd, data, env } = await machine();
    await used(env, sealSomething);
    await mkdir(join(data, 'grant-journal'), { mode: 0o700 });
    await chmod(data, 0o755);
    await writeFile(join(cwd, '.env'), 'CORBEL_PORT=1', { mode: 0o644 });
    expect(outcomes(await look(cwd, env), 'data folder')).toEqual(['warning']);
    await chmod(data, 0o777);
    await chmod(join(data, 'grant-journal'), 0o770);
    const findings = await look(cwd, env);
    for (const check of ['data folder', 'journal folder', '.env'])
      expect(outcomes(findings, check), check).toEqual(['fault']);
    expect(spaceFinding(10 * 1024 * 1024, '/').outcome).toBe('fault');
  });

  it('tells of providers that are not reached, or whose clock differs', async () => {
    const { cwd, env } = await machine();
    const override = (origin: string): Record<string, string> => ({
      ...env,
      CORBEL_ORIGIN_OVERRIDES: `${API}=${origin}`,
    });
    const closed = await look(cwd, override(await closedPort()));
    expect(of(closed, 'provider')).toMatchObject([
      { outcome: 'fault', message: expect.stringContaining('ECONNREFUSED') },
    ]);
    const skewed = await listen((_request, response) => {
      response.setHeader('date', new Date(Date.now() + 120_000).toUTCString());
      response.writeHead(403).end();
    });
    const late = await look(cwd, override(skewed));
    expect(outcomes(late, 'provider')).toEqual(['ok']);
    expect(outcomes(late, 'clock and providers')).toEqual(['fault']);
    const { CORBEL_ALLOW_PRIVATE_ADDRESSES: _allowed, ...strict } = override(skewed);
    expect(of(await look(cwd, strict), 'provider')[0]?.remedy).toContain('CORBEL_ALLOW_PRIVATE_ADDRESSES');
  });

  it('tells of a public URL that is no https, not reached, or another server', async () => {
    const { cwd, env } = await machine();
    const at = async (url: string) => of(await look(cwd, { ...env, CORBEL_PUBLIC_URL: url }), 'public URL');
    expect((await at('http://corbel.invalid')).map(({ outcome }) => outcome)).toEqual(['fault', 'fault']);
    expect(await at(await closedPort())).toMatchObject([{ outcome: 'warning' }]);
    expect(await at(await listen((_request, response) => response.end('hello')))).toMatchObject([{ outcome: 'fault' }]);
    const corbelLike = await listen((_request, response) => response.end('{"registry":{}}'));
    expect(await at(corbelLike)).toMatchObject([{ outcome: 'ok' }]);
  });

  it('says where the connectors have faults', async () => {
    const { cwd, env } = await machine();
    await writeFile(join(cwd, 'connectors/acme/connector.yaml'), CONNECTOR.replace('label:', 'lable:'));
    expect(of(await look(cwd, env), 'connectors')).toMatchObject([
      {
        outcome: 'fault',
        message: expect.stringMatching(/connector\.yaml:\d+:\d+ FMT00\d/),
        remedy: expect.stringContaining('corbel validate'),
      },
    ]);
  });

  describe.skipIf(!inject('redis').canStartServers)('with a Redis', () => {
    it('looks at how it keeps records and at its clock, changes nothing in it, and tells when it is stopped', async () => {
      const { cwd, env } = await machine();
      const redis = await startRedis();
      endings.push(() => redis.stop({ kill: true }));
      const shared = { ...env, CORBEL_STORE: redis.url, CORBEL_ENCRYPTION_KEYS: encryptionKey('k1') };
      await used(shared, sealSomething);
      const client = new Redis(redis.url);
      const contents = async () => {
        const keys = (await client.keys('*')).sort();
        return Promise.all(keys.map(async (key) => [key, (await client.dumpBuffer(key))?.toString('base64')]));
      };
      const before = await contents();
      const sound = await look(cwd, shared);
      expect(sound.filter(({ outcome }) => outcome === 'fault')).toEqual([]);
      for (const check of ['store', 'persistence', 'encryption keys', 'clock and store'])
        expect(outcomes(sound, check), check).toEqual(['ok']);
      expect(await contents()).toEqual(before);
      await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      expect(outcomes(await look(cwd, shared), 'persistence')).toEqual(['fault']);
      client.disconnect();

      const { CORBEL_ENCRYPTION_KEYS: _keys, ...keyless } = shared;
      expect(outcomes(await look(cwd, keyless), 'encryption keys')).toEqual(['fault']);
      await redis.stop({ kill: true, keepData: true });
      expect(outcomes(await look(cwd, shared), 'store')).toEqual(['fault']);
    });
  });

  it('prints it all with remedies, never a secret, and exits with 1 when there is a fault', async () => {
    const { cwd, data, env } = await machine();
    await used(env, sealSomething);
    await chmod(data, 0o777);
    const planted = {
      ...env,
      CORBEL_STORE: 'redis://user:planted-password@127.0.0.1:1',
      CORBEL_ENCRYPTION_KEYS: 'planted',
    };
    const [shown, json] = await Promise.all([corbel(['doctor'], env), corbel(['doctor', '--json'], planted)]);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toMatch(/✗ data folder +.*mode 777\)\n +→ Run: chmod 700/);
    expect(shown.stdout).toMatch(/\n1 fault, \d warnings?\n$/);
    expect(json.code).toBe(1);
    const document = JSON.parse(json.stdout);
    expect(document.faults).toBe(document.findings.filter(({ outcome }: Finding) => outcome === 'fault').length);
    expect(cwd).not.toBe('');
    for (const { stdout, stderr } of [shown, json]) expect(stdout + stderr).not.toContain('planted');
  });
});
