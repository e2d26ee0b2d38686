import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { incomingStream } from '../../src/http/incoming-stream.ts';
import { readMultipart } from '../../src/http/multipart.ts';

const IDLE_MS = 300;
const HEADERS = { 'content-type': 'multipart/form-data; boundary=b' };
const FIELD = '--b\r\ncontent-disposition: form-data; name="text"\r\n\r\n';
const FILE = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nbytes';

/** Writes a piece from time to time until it is stopped. */
function trickle(into: PassThrough, piece: string, everyMs: number): () => void {
  const timer = setInterval(() => into.write(piece), everyMs);
  return () => clearInterval(timer);
}

async function readToEnd(stream: AsyncIterable<Buffer>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

it.each([
  ['an endless field', FIELD],
  ['fields without end', `${FIELD}x\r\n`],
  ['what stands before the first part', 'nothing'],
])('a multipart body that brings %s for too long is refused', async (_what, begin) => {
  const payload = new PassThrough();
  payload.write(begin);
  const stop = trickle(payload, 'x', 20);
  await expect(readMultipart(HEADERS, payload, 1_000_000, IDLE_MS)).rejects.toMatchObject({ code: 'request_timeout' });
  stop();
});

it('a multipart body that is over, or at its file, in time is not disturbed', async () => {
  const whole = new PassThrough();
  whole.end(`${FIELD}x\r\n--b--\r\n`);
  expect(await readMultipart(HEADERS, whole, 1_000_000, IDLE_MS)).toMatchObject({ fields: [['text', 'x']] });
  const withFile = new PassThrough();
  withFile.write(FILE);
  const { file } = await readMultipart(HEADERS, withFile, 1_000_000, IDLE_MS);
  await delay(IDLE_MS + 100);
  withFile.end('\r\n--b--\r\n');
  expect(await readToEnd(file?.stream as AsyncIterable<Buffer>)).toBe(5);
});

it('a file whose bytes come one at a time, each before the time-out, is given up', async () => {
  const source = new PassThrough();
  const stop = trickle(source, 'x', 50);
  const since = performance.now();
  const reading = readToEnd(incomingStream(source, { maxBytes: 1_000_000, idleTimeoutMs: IDLE_MS }));
  await expect(reading).rejects.toMatchObject({ code: 'file_interrupted' });
  expect(performance.now() - since).toBeLessThan(5_000);
  stop();
});

it('a file that pauses, and then comes fast again, arrives', async () => {
  const source = new PassThrough();
  const reading = readToEnd(incomingStream(source, { maxBytes: 1_000_000, idleTimeoutMs: 1_000 }));
  for (let round = 0; round < 4; round += 1) {
    await delay(400);
    source.write('x'.repeat(10_000));
  }
  source.end();
  expect(await reading).toBe(40_000);
});

it('what must happen before the end is not waited for without end', async () => {
  const source = new PassThrough();
  source.end('x');
  const never = () => new Promise<void>(() => {});
  const stream = incomingStream(source, { maxBytes: 10, idleTimeoutMs: IDLE_MS, beforeEnd: never });
  await expect(readToEnd(stream)).rejects.toMatchObject({ code: 'file_interrupted' });
});
