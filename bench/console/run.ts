import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { consoleIsStale } from '../../scripts/build-console.ts';
import { type Corbel, startCorbel } from '../corbel.ts';
import { startSandbox } from '../sandbox.ts';
import { median, percentile } from '../statistics.ts';
import { measureLoad, type PageLoad } from './page-load.ts';

// How long an operator waits for the console: a real Chromium, the real server, the loopback. A page with nothing in it, loaded
// in turn with the others, tells what of that is the browser and the machine.

const LONGEST_MS = 120_000;
const KIB = 1024;
// Longer than this feels like waiting (Nielsen's second limit of response times).
const WANTED_INTERACTIVE_MS = 1_000;
const EMPTY = '<!doctype html><meta charset="utf-8"><title>Empty</title><link rel="icon" href="data:,"><h1>Empty</h1>';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50) {
  console.error(`--rounds must be a whole number from 1 to 50, not ${values.rounds}`);
  process.exit(2);
}
if (await consoleIsStale()) {
  console.error('The console is not built from its sources: npm run build:console');
  process.exit(2);
}

interface Subject {
  name: string;
  url: string;
  /** What it is used by. */
  selector: string;
  signedIn: boolean;
}

const directory = await mkdtemp(join(tmpdir(), 'corbel-bench-'));
const stops: (() => Promise<unknown>)[] = [];
const tooLong = setTimeout(() => {
  console.error(`The bench took longer than ${LONGEST_MS / 1_000} s.`);
  process.exit(1);
}, LONGEST_MS);
try {
  const sandbox = await startSandbox(join(directory, 'sandbox.log'));
  stops.push(sandbox.stop);
  const corbel = await startCorbel({
    sandbox,
    dataDirectory: join(directory, 'data'),
    connectorsDirectory: join(directory, 'connectors'),
    outputFile: join(directory, 'corbel.log'),
  });
  stops.push(corbel.stop);
  const empty = await serveEmpty();
  stops.push(empty.stop);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  stops.push(() => browser.close());
  const console_ = `${corbel.origin}/console`;
  const subjects: Subject[] = [
    { name: 'Empty page', url: empty.origin, selector: 'h1', signedIn: false },
    { name: 'Sign-in', url: console_, selector: 'input[name="operator-key"]', signedIn: false },
    { name: 'Overview', url: console_, selector: 'main dl dd', signedIn: true },
    { name: 'Accounts', url: `${console_}/accounts`, selector: 'main tbody td', signedIn: true },
    {
      name: 'Guide',
      url: `${corbel.origin}/guides/autodesk/two_legged`,
      selector: 'aside input[type="checkbox"]',
      signedIn: false,
    },
  ];
  const loads = await loadInTurn(browser, corbel, subjects);
  report(subjects, loads);
} catch (error) {
  console.error(`The bench failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  clearTimeout(tooLong);
  for (const stop of stops.reverse()) await stop();
  await rm(directory, { recursive: true, force: true });
}

interface Loads {
  cold: PageLoad[];
  warm: PageLoad[];
}

/** Every subject in every round: with an empty cache, and once more with what that left. The first round is not counted. */
async function loadInTurn(browser: Browser, { origin, operatorKey }: Corbel, subjects: readonly Subject[]) {
  const loads = new Map<Subject, Loads>(subjects.map((subject) => [subject, { cold: [], warm: [] }]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const subject of subjects) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      try {
        if (subject.signedIn) await context.request.post(`${origin}/console/session`, { data: { key: operatorKey } });
        const cold = await measureLoad(context, subject.url, subject.selector);
        const warm = await measureLoad(context, subject.url, subject.selector);
        if (round === 0) continue;
        loads.get(subject)?.cold.push(cold);
        loads.get(subject)?.warm.push(warm);
      } finally {
        await context.close();
      }
    }
  }
  return loads;
}

function report(subjects: readonly Subject[], loads: ReadonlyMap<Subject, Loads>): void {
  console.log(
    'Milliseconds until the page can be used, median (slowest); body bytes over the wire with an empty cache\n',
  );
  console.log(row('', 'empty cache', 'warm cache', 'loaded', 'requests'));
  for (const subject of subjects) {
    const { cold, warm } = loads.get(subject) ?? { cold: [], warm: [] };
    const first = cold[0];
    console.log(
      row(subject.name, times(cold), times(warm), `${((first?.bytes ?? 0) / KIB).toFixed(0)} KB`, `${first?.requests}`),
    );
    if (middle(cold) > WANTED_INTERACTIVE_MS) console.log(`  above the ${WANTED_INTERACTIVE_MS} ms that are aimed at`);
  }
}

function row(...cells: string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(12) : cell.padStart(16))).join('');
}

function times(loads: readonly PageLoad[]): string {
  const slowest = percentile(
    loads.map(({ interactiveMs }) => interactiveMs),
    1,
  );
  return `${middle(loads).toFixed(0)} (${slowest.toFixed(0)})`;
}

function middle(loads: readonly PageLoad[]): number {
  return median(loads.map(({ interactiveMs }) => interactiveMs));
}

async function serveEmpty(): Promise<{ origin: string; stop: () => Promise<void> }> {
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(EMPTY),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
