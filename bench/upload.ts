import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { Agent, request } from 'undici';
import { SANDBOX_S3_ORIGINS } from '../sandbox/aps/signed-urls.ts';
import { type Corbel, startCorbel } from './corbel.ts';
import { startSandbox } from './sandbox.ts';

// How much memory an upload takes, whatever the length of the file: the real server, the sandbox as provider and storage, a
// caller that sends as fast as it can. Fails when it is more than promised.

const MIB = 1024 ** 2;
const PROMISED_GROWTH_MIB = 64;
const LONGEST_MS = 170_000;
const SAMPLE_MS = 50;
const PIECE_BYTES = 64 * 1024;
const ACTION = 'autodesk_signed_s3_upload';
const BUCKET = 'bench-bucket';
// Loads and compiles the code; each is too small to fill the buffers that the measured uploads need.
const WARM_UP_BYTES = MIB;
const WARM_UPS = 10;

const { values } = parseArgs({ options: { mib: { type: 'string', default: '1024' } } });
const bytes = Number(values.mib) * MIB;
if (!Number.isSafeInteger(bytes) || bytes < MIB) {
  console.error(`--mib must be a whole number from 1, not ${values.mib}`);
  process.exit(2);
}

const directory = await mkdtemp(join(tmpdir(), 'corbel-bench-'));
const stops: (() => Promise<void>)[] = [];
const tooLong = AbortSignal.timeout(LONGEST_MS);
// Uploads take longer than undici's own limits.
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
try {
  const sandbox = await startSandbox(join(directory, 'sandbox.log'));
  stops.push(sandbox.stop);
  const corbel = await startCorbel({
    sandbox,
    dataDirectory: join(directory, 'data'),
    connectorsDirectory: join(directory, 'connectors'),
    outputFile: join(directory, 'corbel.log'),
    actions: ['autodesk_create_bucket', ACTION],
    scopes: ['data:write', 'data:create', 'bucket:create'],
    overrides: SANDBOX_S3_ORIGINS.map((origin) => `${origin}=${sandbox.origin}`),
  });
  stops.push(corbel.stop);
  await call(corbel, 'autodesk_create_bucket', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ bucket_key: BUCKET, policy_key: 'transient' }),
  });
  const idle = await residentBytes(corbel.pid);
  for (let time = 0; time < WARM_UPS; time += 1) await upload(corbel, WARM_UP_BYTES, time % 2 === 0);

  for (const known of [true, false]) {
    const before = await residentBytes(corbel.pid);
    let most = before;
    const sampling = setInterval(() => {
      residentBytes(corbel.pid).then(
        (now) => {
          most = Math.max(most, now);
        },
        () => {},
      );
    }, SAMPLE_MS);
    const startedAt = performance.now();
    const answer = await upload(corbel, bytes, known).finally(() => clearInterval(sampling));
    const durationMs = performance.now() - startedAt;
    if (answer.size !== bytes) throw new Error(`only ${String(answer.size)} bytes arrived`);
    const growth = (most - before) / MIB;
    console.log(
      `${values.mib} MiB, length ${known ? 'known' : 'unknown'}: ${(bytes / 1e3 / durationMs).toFixed(0)} MB/s; ` +
        `memory ${(idle / MIB).toFixed(0)} MiB after the start, ${(before / MIB).toFixed(0)} MiB before, at most ${growth.toFixed(1)} MiB more (promised: ${PROMISED_GROWTH_MIB})`,
    );
    if (growth > PROMISED_GROWTH_MIB) process.exitCode = 1;
  }
} catch (error) {
  console.error(`The bench failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await dispatcher.close();
  for (const stop of stops.reverse()) await stop();
  await rm(directory, { recursive: true, force: true });
}

/** Uploads a file that is made up as it goes. */
async function upload(corbel: Corbel, length: number, known: boolean): Promise<Record<string, unknown>> {
  return call(corbel, `${ACTION}?bucket_key=${BUCKET}&object_key=file-${length}.bin`, {
    headers: { 'content-type': 'application/octet-stream', ...(known && { 'content-length': String(length) }) },
    body: generated(length),
  });
}

async function call(
  corbel: Corbel,
  action: string,
  init: { headers: Record<string, string>; body: string | Readable },
): Promise<Record<string, unknown>> {
  const response = await request(`${corbel.origin}/actions/${action}`, {
    method: 'POST',
    dispatcher,
    signal: tooLong,
    headers: { authorization: `Bearer ${corbel.key}`, 'x-account-id': corbel.account, ...init.headers },
    body: init.body,
  });
  const answer = (await response.body.json()) as { data: Record<string, unknown> };
  if (response.statusCode !== 200) throw new Error(`${action} answered ${JSON.stringify(answer)}`);
  return answer.data;
}

/** What the process has in memory, as Linux tells it. */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

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
