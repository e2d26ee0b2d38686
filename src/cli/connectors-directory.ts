import { resolve } from 'node:path';
import type { Terminal } from './terminal.ts';

/** The folder of the connectors: the option `--connectors`, else CORBEL_CONNECTORS_DIR, else `./connectors`. Absolute. */
export function connectorsDirectory({ env, cwd }: Terminal, option: string | undefined): string {
  return resolve(cwd, option ?? (env.CORBEL_CONNECTORS_DIR || 'connectors'));
}
