import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { ApiKey } from '../../src/domain/api-key.ts';
import { newRequestId } from '../../src/domain/ids.ts';
import { logRequests } from '../../src/http/call-log.ts';
import { goneSignal } from '../../src/http/gone-signal.ts';
import { answerWithProblems } from '../../src/http/problem-responses.ts';
import { loggableName, recordCalls } from '../../src/http/recorded-calls.ts';
import { systemRandom } from '../../src/random.ts';
import { createRequestLog, type RequestLog } from '../../src/request-log/request-log.ts';
import { openStore } from '../../src/store/open.ts';
import { cpuMsOf } from '../support/cpu-time.ts';
import { temporarySqlite } from '../support/sqlite.ts';

// For failures only.
const WAIT = { timeout: 10_000 };

const PROJECT = `prj_${'p'.repeat(22)}`;
// Only what the log looks at.
const KEY = { id: `key_${'k'.repeat(22)}`, project: PROJECT, role: 'backend' } as ApiKey;
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A server whose keys take so long to be looked up and whose calls end when their callers go. */
async function start(keyMs: number): Promise<{ app: FastifyInstance; log: RequestLog; calls: AbortSignal[] }> {
  const file = await temporarySqlite();
  const store = await openStore({ url: file.url, clock: systemClock, random: systemRandom, allowVolatile: true });
  const logger = pino({ level: 'silent' });
  const log = createRequestLog({ store, clock: systemClock, logger, retentionMs: 0 });
  const app = Fastify({ genReqId: () => newRequestId(systemRandom, Date.now()), forceCloseConnections: true });
  cleanUps.push(
    file.remove,
    () => store.close(),
    () => app.close(),
  );
  const calls: AbortSignal[] = [];
  logRequests(app, logger);
  answerWithProblems(app, logger);
  app.decorateRequest('problem', undefined);
  app.decorateRequest('key', undefined);
  app.addHook('onRequest', async (request) => {
    await delay(keyMs);
    request.key = KEY;
  });
  recordCalls(app, log);
  app.post('/actions/:id', { config: { recorded: true } }, async (_request, reply) => {
    const signal = goneSignal(reply);
    calls.push(signal);
    if (!signal.aborted) await once(signal, 'abort');
    throw signal.reason;
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, log, calls };
}

const CALL = 'POST /actions/example_list HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';

async function callAndLeave(app: FastifyInstance, text: string, afterMs: number): Promise<void> {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(text);
  await delay(afterMs);
  socket.destroy();
}

const running = async (log: RequestLog) => (await log.list(PROJECT, {}, { limit: 100 })).data.length;

it('a call whose caller leaves while its key is looked up is not begun, and none stays in the log as running', async () => {
  const { app, log, calls } = await start(150);
  await callAndLeave(app, CALL, 50);
  await delay(300);
  expect(calls).toEqual([]);
  expect(await running(log)).toBe(0);
});

it('calls sent in one go end, each, when the connection closes', async () => {
  const { app, log, calls } = await start(0);
  const left = callAndLeave(app, CALL.repeat(5), 300);
  await vi.waitFor(async () => expect(await running(log)).toBe(5), WAIT);
  await left;
  await vi.waitFor(async () => expect(await running(log)).toBe(0), WAIT);
  expect(calls.map(({ aborted }) => aborted)).toEqual(Array(5).fill(true));
});

it('a name that a caller made to be hard to look through costs nothing', async () => {
  const names = [`ck_${'a.'.repeat(500_000)}`, 'eyJ-'.repeat(250_000), '"token":['.repeat(100_000)];
  const tookMs = await cpuMsOf(() => {
    for (const name of names) loggableName(name);
  });
  expect(tookMs).toBeLessThan(1_000);
  expect(loggableName('list Bearer abcdefghijkl')).toBe('list Bearer [secret]');
});
