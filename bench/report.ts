import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import type { Cell, Sample } from './measure.ts';
import { projectPath } from './processes.ts';
import type { StartTime } from './start-time.ts';
import { median } from './statistics.ts';
import type { Subject, SubjectId } from './subjects.ts';

export interface Results {
  subjects: readonly Subject[];
  cells: readonly Cell[];
  rounds: number;
  samples: readonly Sample[];
  starts: readonly StartTime[];
  /** With the compile cache of Node. */
  cachedStarts: readonly StartTime[];
  bareNodeMs: readonly number[];
  machine: Machine;
  command: string;
  /** ISO 8601. */
  date: string;
  note: string | undefined;
}

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  libraries: Readonly<Record<string, string>>;
  /** Load average of the minute before the rounds; near 0 on a machine that does nothing else. */
  loadBefore: number;
}

const LIBRARIES = ['fastify', 'undici', '@aps_sdk/data-management', '@aps_sdk/autodesk-sdkmanager', 'axios', 'jsonata'];

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    libraries: Object.fromEntries(LIBRARIES.map((name) => [name, installedVersion(name)])),
    loadBefore: loadavg()[0] ?? Number.NaN,
  };
}

/** The results as Markdown, which is also what the terminal shows. */
export function report(results: Results): string {
  const { machine, samples, rounds } = results;
  const failures = samples.filter(({ failure }) => failure !== undefined);
  const libraries = Object.entries(machine.libraries).map(([name, version]) => `${name} ${version}`);
  return [
    '# Results of the bench',
    '',
    `Made by \`${results.command}\` on ${results.date}; what is measured, and how: [README.md](README.md).`,
    '',
    `- machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; load average before: ${machine.loadBefore.toFixed(2)}`,
    `- Node ${machine.node}; ${libraries.join(', ')}`,
    `- medians of ${rounds} interleaved rounds; servers, provider and load generator share the machine`,
    ...(results.note === undefined ? [] : [`- ${results.note}`]),
    '',
    ...failureLines(failures),
    '## Processor time per warm call',
    '',
    ...cpuTable(results),
    '',
    '## Latency and throughput',
    '',
    ...latencyTable(results),
    '',
    '## Start',
    '',
    ...startLines(results),
    '',
  ].join('\n');
}

function failureLines(failures: readonly Sample[]): string[] {
  if (failures.length === 0) return ['No round failed.', ''];
  const lines = failures.map(
    ({ round, subject, cell, failure }) =>
      `- round ${round}, ${subject}, ${cell.items} items, ${cell.concurrency} callers: ${failure}`,
  );
  return [`**${failures.length} measurements failed** and are left out of the medians:`, '', ...lines, ''];
}

function cpuTable({ subjects, cells, samples }: Results): string[] {
  const measured = subjects.filter(({ pid }) => pid !== undefined);
  const rows = cells.map((cell) => {
    const [corbel, byHand, sdk] = (['corbel', 'undici', 'sdk'] as const).map((id) => cpuOf(samples, cell, id));
    return [
      ...head(cell),
      ...measured.map(({ id }) => micros(cpuOf(samples, cell, id))),
      ratio(corbel, byHand),
      ratio(corbel, sdk),
    ];
  });
  return table(['items', 'callers', ...measured.map(({ label }) => label), 'Corbel / (a)', 'Corbel / (b)'], rows);
}

function latencyTable({ subjects, cells, samples }: Results): string[] {
  const rows = cells.flatMap((cell) =>
    subjects.map(({ id, label }) => {
      const good = goodOf(samples, cell, id);
      return [
        ...head(cell),
        label,
        millis(median(good.map(({ p50Ms }) => p50Ms))),
        millis(median(good.map(({ p99Ms }) => p99Ms))),
        Math.round(median(good.map(({ callsPerSecond }) => callsPerSecond))).toString(),
      ];
    }),
  );
  return table(['items', 'callers', 'server', 'p50', 'p99', 'calls/s'], rows);
}

function startLines({ starts, cachedStarts, bareNodeMs }: Results): string[] {
  if (starts.length === 0) return ['Not measured.'];
  return [
    `From spawning the process to the line "listening", with the ${starts[0]?.actions} actions of the shipped connectors: ` +
      `${startTimes(starts)}; with Node's compile cache (\`NODE_COMPILE_CACHE\`) ${startTimes(cachedStarts)}. A Node that ` +
      `does nothing takes ${median(bareNodeMs).toFixed(0)} ms from spawn to end.`,
  ];
}

function startTimes(starts: readonly StartTime[]): string {
  const times = starts.map(({ ms }) => ms);
  return `median ${median(times).toFixed(0)} ms of ${times.length} starts (${times.map((ms) => ms.toFixed(0)).join(', ')})`;
}

function goodOf(samples: readonly Sample[], cell: Cell, id: SubjectId): Sample[] {
  return samples.filter((sample) => sample.subject === id && sample.cell === cell && sample.failure === undefined);
}

function cpuOf(samples: readonly Sample[], cell: Cell, id: SubjectId): number {
  return median(goodOf(samples, cell, id).map(({ cpuMs }) => cpuMs));
}

function head({ items, concurrency }: Cell): string[] {
  return [String(items), String(concurrency)];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(header), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}

function ratio(number: number | undefined, base: number | undefined): string {
  return ((number ?? Number.NaN) / (base ?? Number.NaN)).toFixed(2);
}

function micros(ms: number): string {
  return `${(ms * 1_000).toFixed(0)} µs`;
}

function millis(ms: number): string {
  return `${ms.toFixed(2)} ms`;
}

function installedVersion(name: string): string {
  const description = readFileSync(projectPath(`node_modules/${name}/package.json`), 'utf8');
  return (JSON.parse(description) as { version: string }).version;
}
