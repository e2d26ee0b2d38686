import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs, promisify } from 'node:util';
import { cleanEnvironment, projectPath } from './processes.ts';

// How much memory an upload in parts takes, whatever the length of the file. Fails when it is more than promised.

const MIB = 1024 ** 2;
const PROMISED_GROWTH_MIB = 64;
const LONGEST_MS = 120_000;

/** What the process under test reports of one upload. */
interface Report {
  bytes: number;
  parts: number;
  batches: number;
  durationMs: number;
  rssBefore: number;
  rssMost: number;
}

const { values } = parseArgs({ options: { mib: { type: 'string', default: '1024' } } });
const bytes = Number(values.mib) * MIB;
if (!Number.isSafeInteger(bytes) || bytes < MIB) {
  console.error(`--mib must be a whole number from 1, not ${values.mib}`);
  process.exit(2);
}

// A storage that throws everything away. The whole-process bench puts the sandbox here instead, and Corbel's own server in
// the place of upload-process.ts.
const stored = { bytes: 0 };
const sink = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => {
    stored.bytes += chunk.length;
  });
  request.on('end', () => response.writeHead(200, { etag: '"x"' }).end());
});
await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;

try {
  for (const size of ['known', 'unknown']) {
    stored.bytes = 0;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [projectPath('bench/upload-process.ts'), origin, String(bytes), size],
      { env: cleanEnvironment(), timeout: LONGEST_MS },
    );
    const report = JSON.parse(stdout) as Report;
    const growth = (report.rssMost - report.rssBefore) / MIB;
    console.log(
      `${values.mib} MiB, ${size} size: ${report.parts} parts, ${report.batches} requests for URLs, ` +
        `${((bytes / 1e6 / report.durationMs) * 1_000).toFixed(0)} MB/s; memory ${(report.rssBefore / MIB).toFixed(0)} MiB before, ` +
        `at most ${growth.toFixed(1)} MiB more (promised: ${PROMISED_GROWTH_MIB})`,
    );
    if (stored.bytes < bytes) throw new Error(`only ${stored.bytes} bytes arrived`);
    if (growth > PROMISED_GROWTH_MIB) process.exitCode = 1;
  }
} catch (error) {
  console.error(`The bench failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  sink.closeAllConnections();
  sink.close();
}
