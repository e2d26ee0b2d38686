import type { Connector } from '../../connector/connector.ts';
import { type Checked, checkExample } from '../../local/check/check-example.ts';
import { type Coverage, coverageOf } from '../../local/check/coverage.ts';
import { openReplayStage } from '../../local/replay.ts';
import type { Selection } from './selection.ts';

/** What came of a run. */
export interface TestRun {
  readonly checked: readonly Checked[];
  /** Undefined where only some examples of the actions were run. */
  readonly coverage: readonly Coverage[] | undefined;
  readonly durationMs: number;
}

/** Told when the examples of a connector are through. */
export type OnConnector = (connector: Connector, checked: readonly Checked[], durationMs: number) => void;

/** Replays everything that is selected, one example after the other. */
export async function runExamples(
  { registry, connectors, partial }: Selection,
  now: () => number,
  onConnector: OnConnector,
): Promise<TestRun> {
  const started = now();
  const all: Checked[] = [];
  const coverage: Coverage[] = [];
  const stage = await openReplayStage(registry);
  try {
    for (const { connector, actions, examples } of connectors) {
      if (actions.length === 0) continue;
      const begun = now();
      const checked: Checked[] = [];
      for (const { action, example } of examples) checked.push(await checkExample(stage, connector, action, example));
      all.push(...checked);
      coverage.push(await coverageOf(connector, actions, checked));
      onConnector(connector, checked, now() - begun);
    }
  } finally {
    await stage.close();
  }
  return { checked: all, coverage: partial ? undefined : coverage, durationMs: now() - started };
}

export function failuresOf(checked: readonly Checked[]): Checked[] {
  return checked.filter(({ differences }) => differences.length > 0);
}
