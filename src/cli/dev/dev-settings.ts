import { resolve } from 'node:path';
import { readSettings, type Settings } from '../../settings.ts';
import { CommandFailure, EXIT } from '../outcome.ts';

/** Where `corbel dev` keeps its state unless told otherwise; ignored by git. */
export const DEV_DATA_DIRECTORY = '.corbel-dev';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/**
 * The server's own settings from the environment, with other defaults for a developer's machine: state of its own, and only
 * warnings in the log. `originOverrides` is looked at anew at every load, so that sandboxes may come later. Throws
 * `SettingsError`, and {@link CommandFailure} (usage) for a shared store: its accounts' credentials would go to sandboxes, and
 * what those give in return would be kept in the place of them.
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
  if (!settings.store.reveal().startsWith('sqlite:'))
    throw new CommandFailure(
      EXIT.usage,
      'CORBEL_STORE names a shared store; corbel dev works on one of its own.',
      'Unset it for this command, or run the server: npm start',
    );
  return {
    ...settings,
    originOverrides: new Map(settings.originOverrides),
    allowPrivateAddresses: [...settings.allowPrivateAddresses, ...(sandbox ? LOOPBACK : [])],
  };
}
