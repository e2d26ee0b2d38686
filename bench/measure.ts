import { isDeepStrictEqual } from 'node:util';
import type { LoadGenerator } from './load.ts';
import { percentile } from './statistics.ts';
import type { Subject, SubjectId } from './subjects.ts';

/** One cell of the bench: a list of so many items, so many callers at once. */
export interface Cell {
  items: number;
  concurrency: number;
  /** Most calls of one round: enough that ticks of 10 ms are small beside the processor time that they use. */
  calls: number;
}

/** What one round of one cell gave for one subject. */
export interface Sample {
  subject: SubjectId;
  cell: Cell;
  round: number;
  /** Why it does not count, or undefined. */
  failure: string | undefined;
  /** Milliseconds of processor time per call; NaN where that is not measured. */
  cpuMs: number;
  p50Ms: number;
  p99Ms: number;
  callsPerSecond: number;
}

// Bounds the bench on slow and busy machines, where a round then has fewer calls.
const LONGEST_ROUND_MS = 1_500;

export interface MeasureOptions {
  subjects: readonly Subject[];
  cells: readonly Cell[];
  rounds: number;
  generator: LoadGenerator;
  /** Milliseconds of processor time that a process has used. */
  cpuMs: (pid: number) => number;
  /** What every list must hold, by its number of items. */
  expected: ReadonlyMap<number, unknown>;
  /** Nothing more is measured once it is aborted. */
  signal: AbortSignal;
  progress: (text: string) => void;
}

/**
 * Measures every subject in every cell, interleaved: within a round all subjects of a cell follow each other, and who goes
 * first changes from round to round, so that what else the machine does hits them alike.
 */
export async function measure(options: MeasureOptions): Promise<Sample[]> {
  const { subjects, cells, rounds, progress, signal } = options;
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const cell of cells) {
      for (const position of subjects.keys()) {
        const subject = subjects[(position + round) % subjects.length];
        if (subject === undefined) continue;
        signal.throwIfAborted();
        const sample = await measureOne(options, subject, cell, round);
        samples.push(sample);
        if (sample.failure !== undefined)
          progress(
            `FAILED round ${round}, ${subject.label}, ${cell.items} items, ${cell.concurrency} callers: ${sample.failure}`,
          );
      }
    }
    progress(`round ${round} of ${rounds} done`);
  }
  return samples;
}

async function measureOne(
  { generator, cpuMs, expected }: MeasureOptions,
  subject: Subject,
  cell: Cell,
  round: number,
): Promise<Sample> {
  const { items, concurrency } = cell;
  const none = { cpuMs: Number.NaN, p50Ms: Number.NaN, p99Ms: Number.NaN, callsPerSecond: Number.NaN };
  const head = { subject: subject.id, cell, round };
  try {
    const before = subject.pid === undefined ? Number.NaN : cpuMs(subject.pid);
    const answer = await generator.run({
      request: subject.call(items),
      concurrency,
      calls: cell.calls,
      longestMs: LONGEST_ROUND_MS,
    });
    const after = subject.pid === undefined ? Number.NaN : cpuMs(subject.pid);
    const refused = Object.entries(answer.refused).map(([what, count]) => `${count} × ${what}`);
    if (refused.length > 0) return { ...head, ...none, failure: `calls not answered 200: ${refused.join(', ')}` };
    if (subject.id !== 'direct' && !isDeepStrictEqual(dataOf(answer.body), expected.get(items)))
      return { ...head, ...none, failure: 'the data is not that of the check before the rounds' };
    return {
      ...head,
      failure: undefined,
      cpuMs: (after - before) / answer.calls,
      p50Ms: percentile(answer.latenciesMs, 0.5),
      p99Ms: percentile(answer.latenciesMs, 0.99),
      callsPerSecond: (answer.calls * 1_000) / answer.durationMs,
    };
  } catch (error) {
    return { ...head, ...none, failure: String(error) };
  }
}

/** The list in an answer of Corbel or of a handler. */
export function dataOf(body: string): unknown {
  return (JSON.parse(body) as { data?: unknown }).data;
}
