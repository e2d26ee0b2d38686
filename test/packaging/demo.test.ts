import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { inChromium, visitor } from '../browser/support/chromium.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

const run = promisify(execFile);
const shell = async (line: string) => JSON.parse((await run('/bin/sh', ['-c', line], { timeout: 15_000 })).stdout);

interface Demo {
  process: ChildProcess;
  output: () => string;
  ended: Promise<number | null>;
}

async function startDemo(environment: Record<string, string>): Promise<Demo> {
  const child = spawn('npm', ['run', '--silent', 'demo'], {
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const deadline = Date.now() + 90_000;
  while (!output.includes('Ctrl-C stops everything.')) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`the demo did not come up:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { process: child, output: () => output, ended };
}

/** What Ctrl-C does: the signal goes to the whole group of the terminal's foreground process. */
function interrupt(demo: Demo): void {
  const { pid, exitCode, signalCode } = demo.process;
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGINT');
}

async function demoFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('corbel-demo-'));
}

const redisAvailable = inject('redis').canStartServers;

describe.each(['sqlite', 'redis'])('npm run demo on %s', (kind) => {
  let demo: Demo;
  let redis: RedisServer | undefined;
  let lines: string[];
  let foldersBefore: string[];
  const skipped = kind === 'redis' && !redisAvailable;

  beforeAll(async () => {
    if (skipped) return;
    foldersBefore = await demoFolders();
    redis = kind === 'redis' ? await startRedis() : undefined;
    demo = await startDemo(redis ? { CORBEL_STORE: redis.url } : {});
    lines = demo
      .output()
      .split('\n')
      .filter((line) => line.startsWith('curl -s'));
  });
  afterAll(async () => {
    if (skipped) return;
    interrupt(demo);
    await demo.ended;
    await redis?.stop();
  });

  it.skipIf(skipped)('prints five whole curl lines, each with a key and an account', () => {
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      expect(line).toMatch(/ -H 'authorization: Bearer ck_\w+'/);
      expect(line).toMatch(/ -H 'x-account-id: acc_\w+'| -H "x-account-id: \$\(curl .*\)"/);
    }
  });

  it.skipIf(skipped)('tells the app that profiles of your own can be made with', () => {
    expect(demo.output()).toMatch(/^App +\S+, secret \S+/m);
  });

  it.skipIf(skipped)('lists both hubs with the first line', async () => {
    const answer = await shell(lines[0] ?? '');
    expect(answer.data.map((hub: { region: string }) => hub.region).sort()).toEqual(['EMEA', 'US']);
  });

  it.skipIf(skipped)('lists ten projects of a hub with the second line, and a cursor for more', async () => {
    const answer = await shell(lines[1] ?? '');
    expect(answer.data).toHaveLength(10);
    expect(answer.next).toEqual(expect.any(String));
  });

  it.skipIf(skipped)('is refused by the scope gate with the third line', async () => {
    const answer = await shell(lines[2] ?? '');
    expect(answer).toMatchObject({ code: 'scopes_missing', status: 403, missing_scopes: ['data:read'] });
  });

  it.skipIf(skipped)(
    'prints a link that is open, and has no account for the fifth line until somebody used it',
    async () => {
      const link = /^http\S+\/hub#ht_\w+$/m.exec(demo.output())?.[0] ?? '';
      expect((await fetch(link)).status).toBe(200);
      expect(await shell(lines[4] ?? '')).toMatchObject({ code: 'account_missing' });
    },
  );

  it.skipIf(skipped)('shows the request instead of sending it with the fourth line', async () => {
    const answer = await shell(lines[3] ?? '');
    expect(answer.data.requests).toHaveLength(1);
    expect(answer.data.requests[0].headers.authorization).toBe('Bearer [secret]');
    expect(answer.data.token).toEqual({ kind: 'app', scopes: ['data:read'] });
  });

  // The page is the same whatever the store is.
  if (kind === 'sqlite')
    inChromium('the link that it prints', (launch) => {
      it('links a second account, whose person the last line names', async () => {
        const browser = await launch();
        try {
          const { context, faults } = await visitor(browser);
          const page = await context.newPage();
          await page.goto(/^http\S+\/hub#\S+$/m.exec(demo.output())?.[0] ?? '');
          await page.getByRole('button', { name: /^Continue to/ }).click();
          await page.getByRole('button', { name: 'Allow' }).click();
          await page.getByRole('heading', { name: /is connected$/ }).waitFor();
          expect((await shell(lines.at(-1) ?? '')).data).toMatchObject({ id: 'SANDBOXUSER1' });
          expect(faults).toEqual([]);
        } finally {
          await browser.close();
        }
      });
    });

  it.skipIf(skipped)('stops everything on Ctrl-C and leaves nothing behind', async () => {
    const address = /^Corbel +(http:\S+)/m.exec(demo.output())?.[1] ?? '';
    const sandbox = /^Sandbox +(http:\S+)/m.exec(demo.output())?.[1] ?? '';
    interrupt(demo);
    // npm itself ends by the signal, the demo a moment later.
    await demo.ended;
    await vi.waitFor(async () => expect(await demoFolders()).toEqual(foldersBefore), { timeout: 30_000 });
    await expect(fetch(address)).rejects.toThrow();
    await expect(fetch(sandbox)).rejects.toThrow();
    if (redis) {
      const client = new Redis(redis.url);
      await vi.waitFor(async () => expect(await client.keys('*')).toEqual([]), { timeout: 30_000 });
      client.disconnect();
    }
  });
});

it('stops its processes also when nobody reads its output any more', async () => {
  const script = 'node sandbox/aps/demo.ts & demo=$!; sleep 4; kill -INT $demo; wait $demo; echo "ended with $?" >&2';
  const { stderr } = await run('/bin/sh', ['-c', `( ${script} ) | head -1`], { timeout: 30_000 });
  // Interrupted before everything was up it says so, which is fine.
  expect(stderr).toMatch(/(^|\n)ended with 0\n$/);
});
