import { once } from 'node:events';
import { basename } from 'node:path';
import { watch } from 'chokidar';

// Editors write a file in several steps, some of them as a new file in the place of the old one.
const SETTLE_MS = 30;

/**
 * Does the work now and after each change below the folders, until `ended` resolves; then gives what the last one gave. Changes
 * during the work lead to one more, so that the last one has seen them all.
 */
export async function repeatOnChange<T>(
  folders: readonly string[],
  ended: Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  const isHidden = (path: string) => basename(path).startsWith('.') && !folders.includes(path);
  const watcher = watch([...folders], {
    ignoreInitial: true,
    // It holds removals back, and would tell of no change when a file is replaced by another.
    atomic: false,
    ignored: isHidden,
  });
  // Whoever saves while the first answer is written must not be overlooked.
  await once(watcher, 'ready');
  let working = work();
  let timer: NodeJS.Timeout | undefined;
  const again = () => {
    timer = undefined;
    working = working.then(work, work);
    // Whoever waits for the end hears of a failure then.
    working.catch(() => {});
  };
  watcher.on('all', () => {
    timer ??= setTimeout(again, SETTLE_MS);
  });
  const broken = new Promise<never>((_resolve, reject) => watcher.on('error', reject));
  try {
    await Promise.race([ended, broken]);
  } finally {
    clearTimeout(timer);
    await watcher.close();
  }
  return working;
}
