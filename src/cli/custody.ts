import type { Custody } from '../assemble.ts';
import type { Terminal } from './terminal.ts';

/**
 * Works on the server's own store with the server's own settings, and closes it. Rejects as `openCustody` does, and with
 * `SettingsError`. Logs go to standard error: standard output is the command's answer.
 */
export async function withCustody<Result>(
  { env }: Terminal,
  work: (custody: Custody) => Promise<Result>,
): Promise<Result> {
  const [{ openCustody }, { systemClock }, { createLogger }, { systemRandom }, { readSettings }] = await Promise.all([
    import('../assemble.ts'),
    import('../clock.ts'),
    import('../logger.ts'),
    import('../random.ts'),
    import('../settings.ts'),
  ]);
  const settings = readSettings(env);
  const logger = createLogger(settings.logLevel, process.stderr);
  const custody = await openCustody({ settings, clock: systemClock, random: systemRandom, logger, version: '' });
  try {
    return await work(custody);
  } finally {
    await custody.store.close();
  }
}
