import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKey, type StoreFile, storeFile } from '../vault/support/fixture.ts';
import { CLIENT_SECRET, startNode, type Tally, testClock, tokenRequest } from './support/fixture.ts';
import { goodAnswer, startTokenServer, type TokenServer, tokenText } from './support/token-server.ts';

const RING = newKey('k1');
const PROCESSES = 4;
const HOUR_MS = 3_600_000;

let server: TokenServer;
let file: StoreFile;
let children: ChildProcess[];

beforeEach(async () => {
  server = await startTokenServer();
  file = storeFile();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server.close();
  await file.remove();
});

describe('several processes on one store', () => {
  it('make one token request for 1,000 callers of an expired token, and keep no secret in clear', async () => {
    const clock = testClock();
    const first = await startNode({ path: file.path, ring: RING, clock });
    await first.broker.appToken(tokenRequest(server.url, clock));
    await first.close();

    const processes = await Promise.all(Array.from({ length: PROCESSES }, () => startProcess(2 * HOUR_MS)));
    server.answer = (_request, number) => ({ ...goodAnswer(number), delayMs: 200 });
    const tallies = await Promise.all(processes.map((child) => call(child, { calls: 250 })));
    expect(server.requests).toHaveLength(2);
    for (const tally of tallies) expect(tally).toEqual({ ok: 250, tokens: [tokenText(2)], codes: [] });

    const bytes = Buffer.concat(readdirSync(file.directory).map((name) => readFileSync(join(file.directory, name))));
    expect(bytes.includes('app_token')).toBe(true);
    for (const secret of [CLIENT_SECRET, tokenText(1), tokenText(2)]) {
      const plain = Buffer.from(secret);
      const forms = [
        plain.toString('base64'),
        plain.toString('base64url'),
        plain.toString('hex'),
        encodeURIComponent(secret),
      ];
      for (const form of [secret, [...secret].reverse().join(''), ...forms]) {
        // Without its end, which in base64 depends on what follows.
        expect(bytes.includes(form.slice(0, -4)), form).toBe(false);
      }
    }
  });

  it('make one forced request when all of them met the refusal of one token', async () => {
    const processes = await Promise.all(Array.from({ length: PROCESSES }, () => startProcess()));
    const clock = testClock();
    const node = await startNode({ path: file.path, ring: RING, clock });
    const { generation } = await node.broker.appToken(tokenRequest(server.url, clock));
    await Promise.all(processes.map((child) => call(child, { calls: 1 })));
    expect(server.requests).toHaveLength(1);
    const tallies = await Promise.all(processes.map((child) => call(child, { calls: 250, newerThan: generation })));
    for (const tally of tallies) expect(tally).toEqual({ ok: 250, tokens: [tokenText(2)], codes: [] });
    expect(server.requests).toHaveLength(2);
    await node.close();
  });

  it('go on when the one that had the lease is killed in the middle of its request', async () => {
    let toldOfRequest = () => {};
    const requestArrived = new Promise<void>((resolve) => {
      toldOfRequest = resolve;
    });
    server.answer = (_request, number) => {
      toldOfRequest();
      return number === 1 ? { ...goodAnswer(number), delayMs: 60_000 } : goodAnswer(number);
    };
    const holder = await startProcess();
    holder.send({ calls: 1 });
    await requestArrived;

    const clock = testClock();
    const node = await startNode({ path: file.path, ring: RING, clock });
    const waiting = node.broker.appToken(tokenRequest(server.url, clock, { deadlineAt: clock.now() + 60_000 }));
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.requests).toHaveLength(1);
    // The dead holder's lease ends, by this node's clock.
    clock.advance(31_000);
    expect((await waiting).token.reveal()).toBe(tokenText(2));
    expect(server.requests).toHaveLength(2);
    await node.close();
  });

  it('lose no token when one of them sleeps through its lease: the newest stays, the sleeper uses it', async () => {
    let toldOfRequest = () => {};
    const requestArrived = new Promise<void>((resolve) => {
      toldOfRequest = resolve;
    });
    server.answer = (_request, number) => {
      toldOfRequest();
      return goodAnswer(number);
    };
    const sleeper = await startProcess();
    const answered = call(sleeper, { calls: 3 });
    await requestArrived;
    sleeper.kill('SIGSTOP');
    const clock = testClock();
    clock.advance(31_000);
    const node = await startNode({ path: file.path, ring: RING, clock });
    const taken = await node.broker.appToken(tokenRequest(server.url, clock));
    sleeper.kill('SIGCONT');
    const tally = await answered;
    expect(tally).toMatchObject({ ok: 3, codes: [] });
    const after = await startNode({ path: file.path, ring: RING, clock });
    const current = await after.broker.appToken(tokenRequest(server.url, clock));
    expect(current.token.reveal()).toBe(taken.token.reveal());
    await Promise.all([node.close(), after.close()]);
  });
});

async function startProcess(advanceMs = 0): Promise<ChildProcess> {
  const program = new URL('./support/broker-process.ts', import.meta.url);
  const child = fork(program, [file.path, RING, server.url.href, String(advanceMs)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  const failed = once(child, 'exit').then(() => {
    throw new Error('the process did not start');
  });
  await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => undefined);
  return child;
}

async function call(child: ChildProcess, message: { calls: number; newerThan?: number }): Promise<Tally> {
  const answered = once(child, 'message');
  child.send(message);
  const [tally]: Tally[] = await answered;
  if (!tally) throw new Error('no tally');
  return tally;
}
