import { basename } from 'node:path';
import { watch } from 'chokidar';
import { isYamlName } from '../../connector/read-sources.ts';

/** Watches a folder of connectors. */
export interface ConnectorsWatch {
  close(): Promise<void>;
}

export interface ConnectorsWatcher {
  /** A file that is loaded was added, changed or removed, or a whole folder was. */
  onChange(path: string, what: 'changed' | 'removed'): void;
  /** The folder cannot be watched (any more). */
  onError(error: Error): void;
}

/** Resolves when every change from now on is told. What editors leave beside the files is passed over. */
export async function watchConnectors(
  directory: string,
  { onChange, onError }: ConnectorsWatcher,
): Promise<ConnectorsWatch> {
  // Not `atomic`: it holds removals back, and would tell of no change when a file is replaced by another.
  const watcher = watch(directory, { ignoreInitial: true, atomic: false, ignorePermissionErrors: true });
  watcher.on('all', (event, path) => {
    const folder = event === 'addDir' || event === 'unlinkDir';
    if (!folder && !isYamlName(basename(path))) return;
    onChange(path, event === 'unlink' || event === 'unlinkDir' ? 'removed' : 'changed');
  });
  watcher.on('error', (error) => onError(error instanceof Error ? error : new Error(String(error))));
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return { close: () => watcher.close() };
}
