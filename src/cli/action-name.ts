import type { Action, Registry } from '../connector/connector.ts';
import { didYouMean } from '../connector/suggest.ts';
import { CommandFailure, EXIT } from './outcome.ts';

/**
 * The action that a person names, as `connector.action` or by its public id. Throws {@link CommandFailure} (usage) with what
 * was probably meant.
 */
export function findAction(registry: Registry, name: string): Action {
  const action = registry.actions.get(name) ?? registry.actions.get(name.replace('.', '_'));
  if (action) return action;
  const meant = didYouMean(name.replace('.', '_'), registry.actions.keys());
  throw new CommandFailure(EXIT.usage, `There is no action "${name}"${meant}`, 'Actions are named connector.action.');
}
