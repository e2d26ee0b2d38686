import { resolve } from 'node:path';
import { readSettings, type Settings } from '../../settings.ts';

/** Where `corbel dev` keeps its state unless told otherwise; ignored by git. */
export const DEV_DATA_DIRECTORY = '.corbel-dev';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/**
 * The server's own settings from the environment, with other defaults for a developer's machine: state of its own, and only
 * warnings in the log. `originOverrides` is looked at anew at every load, so that sandboxes may come later. Throws
 * `SettingsError`.
 */
export function devSettings(
  env: Readonly<Record<string, string | undefined>>,
  options: { cwd: string; directory: string; port: number | undefined; data: string | undefined; sandbox: boolean },
): Settings & { readonly originOverrides: Map<string, string> } {
  const { cwd, directory, port, data, sandbox } = options;
  const settings = readSettings({
    CORBEL_DATA_DIR: resolve(cwd, DEV_DATA_DIRECTORY),
    CORBEL_LOG_LEVEL: 'warn',
    ...env,
    CORBEL_CONNECTORS_DIR: directory,
    ...(port !== undefined && { CORBEL_PORT: String(port) }),
    ...(data !== undefined && { CORBEL_DATA_DIR: resolve(cwd, data) }),
  });
  return {
    ...settings,
    originOverrides: new Map(settings.originOverrides),
    allowPrivateAddresses: [...settings.allowPrivateAddresses, ...(sandbox ? LOOPBACK : [])],
  };
}
