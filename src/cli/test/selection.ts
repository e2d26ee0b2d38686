import type { Action, Connector, Example, Registry } from '../../connector/connector.ts';
import { ConnectorError, type Diagnostic } from '../../connector/diagnostics.ts';
import { byPlace, type LoadOptions, loadRegistry } from '../../connector/load.ts';
import { findAction } from '../action-name.ts';
import { loadNamed } from '../load-named.ts';
import { CommandFailure, EXIT } from '../outcome.ts';

/** What is to be tested. */
export interface Selection {
  registry: Registry;
  /** In the order of the files. */
  connectors: readonly {
    connector: Connector;
    actions: readonly Action[];
    examples: readonly { action: Action; example: Example }[];
  }[];
  /** Whether `only` left examples out, so that what the others show says nothing. */
  partial: boolean;
}

/**
 * Loads what the targets (`connector`, `connector.action`, or public ids; none: everything) name, and nothing else, so that a
 * fault in another connector is in nobody's way. `only` keeps the examples with that text in their name. Who is `mending`
 * examples also gets those whose requests are not of their action any more. Throws `ConnectorError`, and
 * {@link CommandFailure} (usage) for what is not there.
 */
export async function selectExamples(
  directory: string,
  targets: readonly string[],
  only: string | undefined,
  { mending = false }: { mending?: boolean } = {},
): Promise<Selection> {
  const load = (options: LoadOptions = {}) =>
    targets.length === 0 ? loadRegistry(directory, options) : loadNamed(directory, targets, options);
  const registry = mending ? await loadToMend(load) : await load();
  const actions = targets.flatMap((target) => {
    const connector = registry.connectors.get(target);
    return connector ? [...connector.actions.values()] : [findAction(registry, target)];
  });
  const wanted = new Set(targets.length === 0 ? registry.actions.values() : actions);
  const text = only?.toLowerCase();
  const connectors = [...registry.connectors.values()].map((connector) => {
    const own = [...connector.actions.values()].filter((action) => wanted.has(action));
    const examples = own
      .flatMap((action) => action.examples.map((example) => ({ action, example })))
      .filter(({ example }) => text === undefined || example.name.toLowerCase().includes(text));
    return { connector, actions: own, examples };
  });
  if (text !== undefined && connectors.every(({ examples }) => examples.length === 0))
    throw new CommandFailure(EXIT.usage, `No example has ${JSON.stringify(only)} in its name.`);
  return { registry, connectors, partial: text !== undefined };
}

/** Examples with requests that their action does not send: played, they show what it sends instead. */
async function loadToMend(load: (options: LoadOptions) => Promise<Registry>): Promise<Registry> {
  const readings: (() => readonly Diagnostic[])[] = [];
  const registry = await load({ later: (read) => readings.push(read) });
  const faults = readings.flatMap((read) => read()).filter(({ rule }) => rule !== 'EXA006');
  if (faults.length > 0) throw new ConnectorError(faults.sort(byPlace));
  return registry;
}
