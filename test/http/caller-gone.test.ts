import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, clientOf, expectData } from '../support/client.ts';
import { until } from '../support/redis.ts';
import { openSqlite, type Server, type StoreOfTest, sandboxEnv, seedAccount, startServer } from '../support/server.ts';

let store: StoreOfTest;
let upstream: HttpServer;
let server: Server;
let operator: Client;
let account: string;
/** What is done about requests that are no token requests. */
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  store = await openSqlite();
  upstream = createServer((request, response) => {
    if (request.url?.startsWith('/authentication/')) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: 'token-of-the-test', token_type: 'Bearer', expires_in: 3_600 }));
    } else answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  server = await startServer({ ...store.env, ...sandboxEnv(`http://127.0.0.1:${port}`) });
  operator = clientOf(server.origin, server.operatorKey);
  ({ account } = await seedAccount(operator, { clientId: 'client', clientSecret: 'secret-of-the-test' }));
});
afterAll(async () => {
  await server?.stop();
  upstream?.closeAllConnections();
  upstream?.close();
  await store?.remove();
});

it('a caller that goes away ends its request to the provider at once', async () => {
  let arrived = 0;
  let gone = 0;
  answer = (request) => {
    arrived += 1;
    request.socket.once('close', () => {
      gone += 1;
    });
  };
  const ending = new AbortController();
  const calls = Array.from({ length: 5 }, () =>
    operator.call('POST', '/actions/autodesk_list_hubs', {
      headers: { 'x-account-id': account },
      body: {},
      signal: ending.signal,
    }),
  );
  const settled = Promise.allSettled(calls);
  await until(30_000, 'the provider was not asked', () => arrived === 5);
  ending.abort();
  await settled;
  await until(30_000, 'the provider is still being waited for', () => gone === 5);
  // Nobody's fault but the caller's.
  const faults = () => server.records().flatMap(({ fault }) => (fault === undefined ? [] : [fault]));
  await until(30_000, 'the calls are not logged', () => faults().length === 5);
  expect(new Set(faults())).toEqual(new Set(['caller']));
  expect(server.records().filter(({ level }) => level === 'error')).toEqual([]);
});

it('a caller that goes away in the middle of its own request does no harm', async () => {
  const { hostname, port } = new URL(server.origin);
  for (let round = 0; round < 5; round += 1) {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      `POST /actions/autodesk_list_hubs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${operator.key}\r\n` +
        `x-account-id: ${account}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"id":`,
    );
    await delay(20);
    socket.destroy();
  }
  answer = (_request, response) => response.setHeader('content-type', 'application/json').end('{"data":[]}');
  expect(expectData(await operator.act('list_hubs', account))).toEqual([]);
  expect(server.records().filter(({ level, problem }) => level === 'error' || problem === 'internal')).toEqual([]);
  expect(server.running()).toBe(true);
});
