import { createFormatChecks } from '../connector/compile-connector.ts';
import type { Connector, Registry } from '../connector/connector.ts';
import { ConnectorError, type Diagnostic } from '../connector/diagnostics.ts';
import { type LoadOptions, loadFolder } from '../connector/load.ts';
import { connectorFolders } from '../connector/read-sources.ts';
import { didYouMean } from '../connector/suggest.ts';
import { CommandFailure, EXIT } from './outcome.ts';

/**
 * Loads the connectors that targets name (`connector`, `connector.action`, or public ids), and nothing else: it is quicker, and
 * a fault in another connector is in nobody's way. Throws `ConnectorError`, and {@link CommandFailure} (usage) where there is
 * no such connector.
 */
export async function loadNamed(
  directory: string,
  targets: readonly string[],
  options: LoadOptions = {},
): Promise<Registry> {
  const faults: Diagnostic[] = [];
  const folders = await connectorFolders(directory, faults);
  const wanted = new Set(targets.map((target) => folderOf(target, folders)));
  const checks = createFormatChecks();
  const connectors = new Map<string, Connector>();
  for (const folder of wanted) {
    const loaded = await loadFolder(directory, folder, checks, options);
    faults.push(...loaded.faults);
    if (loaded.connector) connectors.set(loaded.connector.id, loaded.connector);
  }
  if (faults.length > 0) throw new ConnectorError(faults);
  const actions = [...connectors.values()].flatMap((connector) => [...connector.actions]);
  return { hash: '', connectors, actions: new Map(actions) };
}

/** The longest name wins: `a_b` has the action `a_b_c`, although there may be an `a`. */
function folderOf(target: string, folders: readonly string[]): string {
  const fits = folders.filter(
    (folder) => folder === target || (/^[._]/.test(target.replace(folder, '')) && target.startsWith(folder)),
  );
  const [folder] = fits.sort((one, other) => other.length - one.length);
  if (folder !== undefined) return folder;
  const [name = ''] = target.split('.');
  throw new CommandFailure(
    EXIT.usage,
    `There is no connector for ${JSON.stringify(target)}${didYouMean(name, folders)}`,
    'Name a connector, or an action as connector.action.',
  );
}
