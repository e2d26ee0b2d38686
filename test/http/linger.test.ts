import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { lingerAfterAnswer } from '../../src/http/linger.ts';
import { until } from '../support/redis.ts';

const LINGER_MS = 400;
const MIB = 1024 ** 2;

let server: Server | undefined;
let open = 0;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  open = 0;
});

/** Refuses everything without reading it. */
async function start(): Promise<number> {
  server = createServer((incoming, response) => {
    lingerAfterAnswer(incoming, LINGER_MS);
    response.writeHead(403, { connection: 'close' }).end('refused');
  });
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('an answer before the end of the body', () => {
  it('reaches a caller that is still sending, and the connection ends', async () => {
    const port = await start();
    for (let time = 0; time < 5; time += 1) {
      const outgoing = request({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': 64 * MIB } });
      const errors: Error[] = [];
      outgoing.on('error', (error) => errors.push(error));
      const sending = setInterval(() => outgoing.write(Buffer.alloc(MIB)), 1);
      const [response] = await once(outgoing, 'response').finally(() => clearInterval(sending));
      expect(response.statusCode).toBe(403);
      response.resume();
      await once(response, 'end');
      outgoing.destroy();
    }
    await until(LINGER_MS, 'connections are left', () => open === 0);
  });

  it('lets nobody hold the connection by sending on', async () => {
    const socket = connect(await start(), '127.0.0.1');
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error));
    const head = 'POST / HTTP/1.1\r\nhost: here\r\ntransfer-encoding: chunked\r\n\r\n';
    socket.write(head);
    let said = '';
    socket.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const sending = setInterval(() => socket.write('1\r\nx\r\n'), 10);
    await delay(LINGER_MS / 2);
    expect(said).toMatch(/^HTTP\/1\.1 403 .*refused/s);
    await until(2_000, 'the connection is still there', () => open === 0).finally(() => clearInterval(sending));
  });
});
