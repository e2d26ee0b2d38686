import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureLines } from '../../src/cli/test/show-failure.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { type Checked, checkExample } from '../../src/local/check/check-example.ts';
import { coverageOf } from '../../src/local/check/coverage.ts';
import { openReplayStage, type ReplayStage } from '../../src/local/replay.ts';

const registry = await loadRegistry('connectors');

describe.each([...registry.connectors.values()])('the examples of $id', (connector) => {
  const actions = [...connector.actions.values()];
  const checked: Checked[] = [];
  let stage: ReplayStage;
  beforeAll(async () => {
    stage = await openReplayStage(registry);
  });
  afterAll(() => stage.close());

  const examples = actions.flatMap((action) =>
    action.examples.map((example) => ({ title: `${action.id}: ${example.name}`, action, example })),
  );

  it.each(examples)('$title', async ({ action, example }) => {
    const one = await checkExample(stage, connector, action, example);
    checked.push(one);
    const told = one.differences.length > 0 ? failureLines(one, (_style, text) => text, true) : [];
    expect(told.join('\n')).toBe('');
  });

  it('show all of it: answers, refusals, inputs, branches, pages, fields, error rules', async () => {
    const { parts } = await coverageOf(connector, actions, checked);
    expect(Object.values(parts).flatMap(({ missing }) => missing)).toEqual([]);
  });
});
