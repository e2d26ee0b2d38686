import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../src/clock.ts';
import type { UploadPartsStep } from '../src/connector/connector.ts';
import { compileOriginPattern } from '../src/connector/origin-pattern.ts';
import type { CallEvent } from '../src/engine/call.ts';
import type { StepTools } from '../src/engine/step-tools.ts';
import { uploadParts } from '../src/engine/upload-parts.ts';
import { compileExpression } from '../src/expression/compile.ts';
import { systemRandom } from '../src/random.ts';
import { createDoor } from '../src/upstream/door.ts';

// The process whose memory is measured: uploads files that it makes up, and writes one JSON line for each.

const MIB = 1024 ** 2;
const PIECE_BYTES = 64 * 1024;
const SAMPLE_MS = 50;
const SIGNED_ORIGIN = 'https://bucket.storage.test';
// Loads and compiles the code, and is too small to fill the buffers that the measured upload needs.
const WARM_UP_BYTES = MIB;
const WARM_UPS = 5;

const [origin = '', bytesText = '0', sizeIs = ''] = process.argv.slice(2);
const bytes = Number(bytesText);

const door = createDoor({ clock: systemClock, random: systemRandom, allowPrivateAddresses: ['127.0.0.1/32'] });
const step: UploadPartsStep = {
  kind: 'upload_parts',
  id: 'parts',
  when: undefined,
  // Never rendered: `send` below answers in its place.
  urls: {} as UploadPartsStep['urls'],
  urlList: compileExpression('body.urls'),
  origins: compileOriginPattern(['https://*.storage.test'], new Map([[SIGNED_ORIGIN, origin]])),
  maxUrls: 25,
  minPartBytes: 5 * MIB,
  maxParts: 10_000,
  expiredWhen: compileExpression('status = 403'),
};

for (let time = 0; time < WARM_UPS; time += 1) await upload(WARM_UP_BYTES, () => {});
await delay(SAMPLE_MS);

const rssBefore = process.memoryUsage.rss();
let rssMost = rssBefore;
const peaks: string[] = [];
const sampling = setInterval(() => {
  const u = process.memoryUsage(); peaks.push([u.rss, u.arrayBuffers, u.external, u.heapTotal, u.heapUsed].map((x) => Math.round(x / MIB)).join(' '));
  rssMost = Math.max(rssMost, process.memoryUsage.rss());
}, SAMPLE_MS);
let batches = 0;
const startedAt = performance.now();
const { parts } = await upload(bytes, () => {
  batches += 1;
});
const durationMs = performance.now() - startedAt;
clearInterval(sampling);
rssMost = Math.max(rssMost, process.memoryUsage.rss());
process.stdout.write(`${JSON.stringify({ bytes, sizeIs, parts, batches, durationMs, rssBefore, rssMost })}\n`);
console.error(peaks.filter((_, i) => i % 6 === 0).join('\n'));
await door.close();

function upload(length: number, onBatch: () => void): Promise<Record<string, unknown>> {
  const send: StepTools['send'] = async (_step, _plan, context) => {
    onBatch();
    const { first, count } = context.parts as { first: number; count: number };
    const urls = Array.from({ length: count }, (_, index) => `${SIGNED_ORIGIN}/object/${first + index}?signature=x`);
    return { status: 200, headers: {}, body: { urls } };
  };
  const tools: StepTools = {
    send,
    door,
    clock: systemClock,
    random: systemRandom,
    errors: { code: undefined, message: undefined, requestId: undefined, rules: [] },
    requestTimeoutMs: 30_000,
    maxResponseBytes: MIB,
    signal: new AbortController().signal,
    observe: (_event: CallEvent) => {},
  };
  const file = {
    stream: generated(length),
    name: undefined,
    contentType: undefined,
    size: sizeIs === 'known' ? length : undefined,
  };
  return uploadParts(step, file, {}, tools);
}

/** Gives every piece memory of its own, as a socket does. */
function generated(length: number): Readable {
  let left = length;
  return new Readable({
    read() {
      const piece = Buffer.alloc(Math.min(left, PIECE_BYTES), 7);
      left -= piece.length;
      this.push(piece.length === 0 ? null : piece);
    },
  });
}
