import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { corbelEnvironment } from './corbel.ts';
import { createCpuClock } from './cpu-time.ts';
import { type LoadGenerator, startLoadGenerator } from './load.ts';
import { type Cell, dataOf, measure, type Sample } from './measure.ts';
import { projectPath } from './processes.ts';
import { describeMachine, report } from './report.ts';
import { startSandbox } from './sandbox.ts';
import { measureBareNode, measureStart, type StartTime } from './start-time.ts';
import { type Subject, startSubjects } from './subjects.ts';

const CELLS: readonly Cell[] = [
  { items: 10, concurrency: 1, calls: 1_000 },
  { items: 10, concurrency: 32, calls: 2_500 },
  { items: 200, concurrency: 1, calls: 250 },
  { items: 200, concurrency: 32, calls: 600 },
];
const ROUNDS = 5;
const STARTS = 5;
// Enough for the compilers of Node and for every cache.
const WARM_UP_CALLS = { 10: 3_000, 200: 600 } as const;
const WARM_UP_CONCURRENCY = 32;
const LONGEST_WARM_UP_MS = 4_000;
// A machine that takes longer is too slow or too busy for the figures to mean anything.
const LONGEST_MS = 240_000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: String(ROUNDS) },
    output: { type: 'string', default: projectPath('bench/results.md') },
    note: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20) {
  console.error(`--rounds must be 1 to 20, not ${values.rounds}`);
  process.exit(2);
}

const stops: (() => Promise<void>)[] = [];
const opened = (running: { stop(): Promise<void> }) => stops.push(running.stop);
const tooLong = new AbortController();
const late = setTimeout(() => tooLong.abort(new Error(`the bench took longer than ${LONGEST_MS} ms`)), LONGEST_MS);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => tooLong.abort(new Error(`stopped by ${signal}`)));
const directory = await mkdtemp(join(tmpdir(), 'corbel-bench-'));
try {
  const machine = describeMachine();
  const sandbox = await startSandbox(join(directory, 'sandbox.log'));
  opened(sandbox);
  const starts = await measureStarts(corbelEnvironment(sandbox, join(directory, 'starts')));
  const cachedStarts = await measureStarts({
    ...corbelEnvironment(sandbox, join(directory, 'starts')),
    NODE_COMPILE_CACHE: join(directory, 'compile-cache'),
  });
  const bareNodeMs = await repeat(STARTS, measureBareNode);
  const subjects = await startSubjects(sandbox, directory, opened);
  const generator = startLoadGenerator();
  opened(generator);

  const expected = await checkIdentical(subjects, generator);
  console.log('The three give identical data.');
  for (const subject of subjects) await warmUp(subject, generator);
  console.log('Warm.');
  const samples = await measure({
    subjects,
    cells: CELLS,
    rounds,
    generator,
    cpuMs: createCpuClock(),
    expected,
    signal: tooLong.signal,
    progress: (text) => console.log(text),
  });
  const text = report({
    subjects,
    cells: CELLS,
    rounds,
    samples,
    starts,
    cachedStarts,
    bareNodeMs,
    machine,
    command: 'npm run bench',
    date: new Date().toISOString().slice(0, 10),
    note: values.note,
  });
  console.log(`\n${text}`);
  await writeFile(values.output, text);
  if (samples.some(failed)) {
    console.error('Some measurements failed; see above.');
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`The bench failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  clearTimeout(late);
  await Promise.allSettled(stops.map((stop) => stop()));
  await rm(directory, { recursive: true, force: true });
}

/** The lists that every subject gives alike. Throws when they differ, or are not of the length that was asked for. */
async function checkIdentical(
  subjects: readonly Subject[],
  generator: LoadGenerator,
): Promise<ReadonlyMap<number, unknown>> {
  const expected = new Map<number, unknown>();
  for (const { items } of CELLS) {
    for (const subject of subjects) {
      if (subject.id === 'direct') continue;
      const { body, refused } = await generator.run({
        request: subject.call(items),
        concurrency: 1,
        calls: 1,
        longestMs: LONGEST_WARM_UP_MS,
      });
      if (Object.keys(refused).length > 0)
        throw new Error(`${subject.label} does not answer: ${JSON.stringify(refused)}`);
      const data = dataOf(body);
      if (!Array.isArray(data) || data.length !== items)
        throw new Error(`${subject.label} does not give ${items} items`);
      if (!expected.has(items)) expected.set(items, data);
      else if (!isDeepStrictEqual(data, expected.get(items)))
        throw new Error(`${subject.label} gives other data for ${items} items than the subjects before it`);
    }
  }
  return expected;
}

async function warmUp(subject: Subject, generator: LoadGenerator): Promise<void> {
  for (const [items, calls] of Object.entries(WARM_UP_CALLS))
    await generator.run({
      request: subject.call(Number(items)),
      concurrency: WARM_UP_CONCURRENCY,
      calls,
      longestMs: LONGEST_WARM_UP_MS,
    });
}

/** The first start makes the store, the keys and Node's cache, which happens once in the life of an installation: it is not counted. */
async function measureStarts(environment: Record<string, string>): Promise<StartTime[]> {
  await measureStart(environment);
  return repeat(STARTS, () => measureStart(environment));
}

async function repeat<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let time = 0; time < times; time += 1) results.push(await work());
  return results;
}

function failed({ failure }: Sample): boolean {
  return failure !== undefined;
}
