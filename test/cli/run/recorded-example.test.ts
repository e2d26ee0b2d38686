import { describe, expect, it } from 'vitest';
import { scrubbedExample } from '../../../src/cli/run/recorded-example.ts';
import { loadRegistry } from '../../../src/connector/load.ts';

// Each is played through an engine of its own: some of every connector are enough here.
const EVERY = 14;

const registry = await loadRegistry('connectors');
const recordings = [...registry.actions.values()]
  .filter((_action, index) => index % EVERY === 0)
  .flatMap((action) =>
    action.examples
      .filter(({ exchanges }) => exchanges.length > 0)
      .slice(0, 1)
      .map((example) => ({ action, example })),
  );

describe('what real answers become when they are recorded', () => {
  it.each(recordings)('$action.id passes its test, ids of people scrubbed', async ({ action, example }) => {
    const connector = registry.connectors.get(action.connector);
    if (!connector) throw new Error(`there is no connector ${action.connector}`);
    const { name, source, inputs, account, output, problem, file } = example;
    const exchanges = example.exchanges.map(({ request, response }) => ({
      request: { ...request, headers: { ...request.headers }, bytes: request.bytes ?? 0 },
      response: { ...response, headers: { ...response.headers } },
    }));
    for (const [index, { request }] of example.exchanges.entries())
      if (request.bytes === undefined) Reflect.deleteProperty(exchanges[index]?.request ?? {}, 'bytes');
    const recording = {
      name,
      source,
      inputs,
      account,
      exchanges,
      output,
      problem,
      file: file && { bytes: file.bytes },
    };
    const options = { credentials: [], personIds: true };
    const { differences, declared } = await scrubbedExample(registry, connector, action, recording, options);
    expect(differences).toEqual([]);
    expect(JSON.stringify(declared)).not.toMatch(/John Doe|jennyrosen/);
  });
});
