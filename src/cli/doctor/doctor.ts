import type { Clock } from '../../clock.ts';
import type { Registry } from '../../connector/connector.ts';
import { ConnectorError } from '../../connector/diagnostics.ts';
import { loadRegistry } from '../../connector/load.ts';
import { maskSecrets } from '../../logger.ts';
import type { Random } from '../../random.ts';
import type { Settings } from '../../settings.ts';
import { checkFiles } from './check-files.ts';
import { checkProviders } from './check-providers.ts';
import { checkPublicUrl } from './check-public-url.ts';
import { checkNode, checkSettings } from './check-settings.ts';
import { checkStore } from './check-store.ts';
import { type Finding, fault, ok } from './finding.ts';

export interface DoctorSurroundings {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  clock: Clock;
  random: Random;
  nodeVersion: string;
}

/** Looks at everything that a server needs, all at once, and changes nothing. Bounded in time. */
export async function examine(surroundings: DoctorSurroundings): Promise<Finding[]> {
  const { settings, findings } = checkSettings(surroundings.env);
  const first = [...findings, checkNode(surroundings.nodeVersion)];
  if (!settings) return first;
  const looks = await Promise.all([
    guarded('store', () => checkStore({ ...surroundings, settings })),
    guarded('files', () => checkFiles(settings, surroundings)),
    guarded('public URL', () => checkPublicUrl(settings)),
    guarded('connectors', () => checkConnectors(settings, surroundings)),
  ]);
  return [...first, ...looks.flat()];
}

async function checkConnectors(settings: Settings, surroundings: DoctorSurroundings): Promise<Finding[]> {
  const { connectorsDirectory, originOverrides } = settings;
  let registry: Registry;
  try {
    registry = await loadRegistry(connectorsDirectory, { originOverrides });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const [one] = error.diagnostics;
    const count = error.diagnostics.length;
    const where = one ? `: ${one.file}:${one.line}:${one.column} ${one.rule} ${one.message}` : '';
    const message = `${count} ${count === 1 ? 'fault' : 'faults'}${where}${count > 1 ? ' …' : ''}`;
    return [fault('connectors', message, 'The server does not start with it. Run: corbel validate')];
  }
  const loaded = `${registry.connectors.size} loaded, ${registry.actions.size} actions`;
  return [ok('connectors', loaded), ...(await checkProviders(registry, { ...surroundings, settings }))];
}

/** One look that fails in a way nobody foresaw must not hide the others. */
async function guarded(check: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const message = maskSecrets(error instanceof Error ? error.message : String(error));
    return [fault(check, `could not be looked at: ${message}`, 'This is unexpected; please report it.')];
  }
}
