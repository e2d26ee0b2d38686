import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { actionUrl, startCorbel } from './corbel.ts';
import { startLoadGenerator } from './load.ts';
import { projectPath } from './processes.ts';
import { startSandbox } from './sandbox.ts';

// Where Corbel spends the processor's time per warm call: `node bench/profile.ts --items 10`. With --keep the profile itself
// stays, for a viewer.

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '10' },
    calls: { type: 'string', default: '10000' },
    callers: { type: 'string', default: '32' },
    top: { type: 'string', default: '40' },
    keep: { type: 'string' },
  },
});
const LONGEST_MS = 30_000;
const WARM_UP_CALLS = 1_000;
const SAMPLE_US = 200;

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

const directory = await mkdtemp(join(tmpdir(), 'corbel-profile-'));
const profiles = values.keep ?? join(directory, 'profiles');
const stops: (() => Promise<void>)[] = [];
try {
  const sandbox = await startSandbox(join(directory, 'sandbox.log'));
  stops.push(sandbox.stop);
  const corbel = await startCorbel({
    sandbox,
    dataDirectory: join(directory, 'data'),
    connectorsDirectory: join(directory, 'connectors'),
    outputFile: join(directory, 'corbel.log'),
    nodeOptions: ['--cpu-prof', `--cpu-prof-interval=${SAMPLE_US}`, `--cpu-prof-dir=${profiles}`],
  });
  stops.push(corbel.stop);
  const generator = startLoadGenerator();
  stops.push(generator.stop);
  const request = {
    url: actionUrl(corbel.origin),
    method: 'POST' as const,
    headers: {
      authorization: `Bearer ${corbel.key}`,
      'content-type': 'application/json',
      'x-account-id': corbel.account,
    },
    body: JSON.stringify({ hub_id: sandbox.hub, page_size: Number(values.items) }),
  };
  const load = { request, concurrency: Number(values.callers), longestMs: LONGEST_MS };
  await generator.run({ ...load, calls: WARM_UP_CALLS });
  const { calls, refused, durationMs } = await generator.run({ ...load, calls: Number(values.calls) });
  console.log(`${calls} calls in ${Math.round(durationMs)} ms, refused: ${JSON.stringify(refused)}`);
  await corbel.stop();
  const [file = ''] = await readdir(profiles);
  show(JSON.parse(await readFile(join(profiles, file), 'utf8')) as CpuProfile, calls, durationMs);
} finally {
  await Promise.allSettled(stops.map((stop) => stop()));
  await rm(directory, { recursive: true, force: true });
}

/** Self time per function, and self plus called time per function of `src/`, in microseconds per call. */
function show(profile: CpuProfile, calls: number, durationMs: number): void {
  const selfUs = measuredPart(profile, durationMs);
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  for (const [id, us] of selfUs) {
    add(self, names.get(id) ?? '', us);
    const seen = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) seen.add(names.get(at) ?? '');
    for (const name of seen) if (name.includes(' src/')) add(total, name, us);
  }
  print('self time', self, calls);
  print('self and called time, functions of src/', total, calls);
}

/** Self time by node of the end of the profile, as long as the measured load was: start and warm-up are left out. */
function measuredPart({ samples, timeDeltas }: CpuProfile, durationMs: number): Map<number, number> {
  const selfUs = new Map<number, number>();
  let leftUs = durationMs * 1_000;
  for (let index = samples.length - 1; index >= 0 && leftUs > 0; index -= 1) {
    const us = timeDeltas[index] ?? 0;
    leftUs -= us;
    const id = samples[index] ?? 0;
    selfUs.set(id, (selfUs.get(id) ?? 0) + us);
  }
  return selfUs;
}

function print(title: string, times: ReadonlyMap<string, number>, calls: number): void {
  console.log(`\n${title}, µs per call`);
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, Number(values.top));
  for (const [name, us] of sorted) console.log(`${(us / calls).toFixed(1).padStart(9)}  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const path = url.startsWith('file:') ? fileURLToPath(url).replace(projectPath(''), '') : url;
  return `${functionName || '(anonymous)'} ${path}${path === '' ? '' : `:${lineNumber + 1}`}`;
}

function add(times: Map<string, number>, name: string, us: number): void {
  times.set(name, (times.get(name) ?? 0) + us);
}
