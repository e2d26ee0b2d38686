import { readSettings, type Settings, SettingsError } from '../../settings.ts';
import { type Finding, fault, ok } from './finding.ts';

/** The release that runs TypeScript without a flag and has the SQLite that the store uses; images and tests have it. */
export const LEAST_NODE_MAJOR = 24;

/** The settings of an environment as far as they can be used; every fault is a finding. */
export function checkSettings(env: Readonly<Record<string, string | undefined>>): {
  settings: Settings | undefined;
  findings: Finding[];
} {
  try {
    const settings = readSettings(env);
    const given = Object.keys(env).filter((name) => name.startsWith('CORBEL_')).length;
    return { settings, findings: [ok('settings', `${given} given, the others have their defaults`)] };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const remedy = 'Mend the environment variable; the README lists them all.';
    return { settings: undefined, findings: error.faults.map((message) => fault('settings', message, remedy)) };
  }
}

/** `version` is like 24.1.0. */
export function checkNode(version: string): Finding {
  return Number(version.split('.')[0]) >= LEAST_NODE_MAJOR
    ? ok('node', `Node.js ${version}`)
    : fault(
        'node',
        `Node.js ${version}, at least ${LEAST_NODE_MAJOR} is needed`,
        'Start it with npm, which has the right one, or install it.',
      );
}
