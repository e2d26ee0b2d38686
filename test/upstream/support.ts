import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { Problem } from '../../src/problems.ts';
import { systemRandom } from '../../src/random.ts';
import { createDoor, type DoorOptions } from '../../src/upstream/door.ts';
import type { Attempt, Door, OutgoingRequest, SendOptions } from '../../src/upstream/types.ts';

export const LOOPBACK: readonly string[] = ['127.0.0.0/8'];

/** Real time, but waits end at once and are noted. */
export function impatientClock(): Clock & { waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => Date.now(),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
    },
  };
}

/** A door onto the loopback that is closed when the test is over. */
export function openDoor(options: Partial<DoorOptions> = {}): Door {
  const door = createDoor({
    clock: impatientClock(),
    random: systemRandom,
    allowPrivateAddresses: LOOPBACK,
    ...options,
  });
  onTestFinished(() => door.close());
  return door;
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

export interface HttpUpstream {
  origin: string;
  port: number;
  requests: IncomingMessage[];
  connections: () => number;
}

/** A real HTTP server that notes what reaches it. */
export async function httpUpstream(answer: RequestListener, host = '127.0.0.1', port = 0): Promise<HttpUpstream> {
  const requests: IncomingMessage[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  const bound = await listen(server, host, port);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://${host}:${bound}`, port: bound, requests, connections: () => connections };
}

export interface TcpUpstream {
  origin: string;
  port: number;
  sockets: Socket[];
  /** What each connection sent, in order of arrival. */
  received: string[];
}

/** A server of bare TCP: `onData` decides, for each piece that arrives, what goes back. */
export async function tcpUpstream(onData: (socket: Socket, piece: number) => void): Promise<TcpUpstream> {
  const sockets: Socket[] = [];
  const received: string[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received.push(data.toString('latin1'));
      onData(socket, received.length);
    });
  });
  const port = await listen(server, '127.0.0.1', 0);
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${port}`, port, sockets, received };
}

export function read(url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return { method: 'GET', url: new URL(url), headers: {}, ...more };
}

export function write(url: string): OutgoingRequest {
  return { method: 'POST', url: new URL(url), headers: { 'content-type': 'application/json' }, body: '{"a":1}' };
}

/** Options that allow the request's own origin, unless said otherwise. */
export function sending(request: OutgoingRequest, more: Partial<SendOptions> = {}): SendOptions {
  return {
    allowedOrigins: new Set([request.url.origin]),
    deadlineAt: Date.now() + 5_000,
    maxResponseBytes: 1024 * 1024,
    retry: request.method === 'GET' ? 'safe' : 'unsent',
    ...more,
  };
}

/** The problem with which a promise rejects; fails the test when it does not reject with one. */
export async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof Problem) return outcome.error;
  throw new Error(`expected a problem, got ${'error' in outcome ? outcome.error : 'an answer'}`);
}

export function attemptLog(): { attempts: Attempt[]; onAttempt: (attempt: Attempt) => void } {
  const attempts: Attempt[] = [];
  return { attempts, onAttempt: (attempt) => void attempts.push(attempt) };
}
