import { describe, expect, it } from 'vitest';
import type { Later } from '../../src/connector/compile-connector.ts';
import { ConnectorError } from '../../src/connector/diagnostics.ts';
import { loadRegistry } from '../../src/connector/load.ts';
import { changed, directoryOf, GOOD } from './support/sources.ts';

const EXAMPLES = Object.keys(GOOD).find((file) => file.startsWith('examples/')) ?? '';
const BROKEN = changed(GOOD, EXAMPLES, 'action: ', 'acktion: ');

async function loadForStart(directory: string) {
  const putOff: Parameters<Later>[0][] = [];
  const registry = await loadRegistry(directory, { later: (work) => putOff.push(work) });
  return { registry, putOff };
}

describe('a load for a start puts off the examples', () => {
  it('and has the same ones as soon as they are asked for', async () => {
    const { registry } = await loadForStart('connectors');
    const whole = await loadRegistry('connectors');
    expect(registry.hash).toBe(whole.hash);
    for (const [id, action] of whole.actions) expect(registry.actions.get(id)?.examples).toStrictEqual(action.examples);
  });

  it('and gives every piece of the work to whoever can do it later, which finds nothing in sound files', async () => {
    const { registry, putOff } = await loadForStart(await directoryOf({ acme: GOOD }));
    expect(putOff).toHaveLength(1);
    expect(putOff.flatMap((work) => work())).toEqual([]);
    expect(registry.actions.get('acme_get_thing')?.examples).toHaveLength(1);
    expect(putOff.flatMap((work) => work())).toEqual([]);
    expect(registry.actions.get('acme_get_thing')?.examples).toHaveLength(1);
  });

  it('and tells of their faults then, which a whole load refuses', async () => {
    const directory = await directoryOf({ acme: BROKEN });
    const error = await loadRegistry(directory).catch((thrown: unknown) => thrown);
    if (!(error instanceof ConnectorError)) throw new Error('was not refused');
    const { registry, putOff } = await loadForStart(directory);
    expect(putOff.flatMap((work) => work())).toEqual(error.diagnostics);
    expect(registry.actions.get('acme_get_thing')?.examples).toEqual([]);
  });

  it('but never the actions', async () => {
    const directory = await directoryOf({ acme: changed(GOOD, 'actions/things.yaml', 'label: Get', 'lable: Get') });
    await expect(loadForStart(directory)).rejects.toBeInstanceOf(ConnectorError);
  });
});
