import { watchConnectors } from '../dev/watch-connectors.ts';
import { reportFailure } from '../outcome.ts';
import type { Terminal } from '../terminal.ts';
import { type TestOptions, testOnce } from './test-command.ts';

// Editors write a file in several pieces, and several files at once.
const QUIET_MS = 100;

/** Runs the examples, and again whenever a file of the connectors was saved, until stopped. Broken files are told, and waited for. */
export async function watchTests(terminal: Terminal, options: TestOptions, stop: AbortSignal): Promise<void> {
  let wanted = true;
  let wake: () => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const ask = () => {
    wanted = true;
    wake();
  };
  const watching = await watchConnectors(options.directory, {
    onChange: () => {
      clearTimeout(timer);
      timer = setTimeout(ask, QUIET_MS);
    },
    onError: (error) => void reportFailure(terminal, error),
  });
  stop.addEventListener('abort', ask, { once: true });
  try {
    while (!stop.aborted) {
      if (wanted) {
        wanted = false;
        await testOnce(terminal, options).catch((error: unknown) => reportFailure(terminal, error));
        terminal.note(terminal.paintNote('dim', '\nWaiting for a change; Ctrl-C ends.'));
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    clearTimeout(timer);
    await watching.close();
  }
}
