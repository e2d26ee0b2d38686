#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { openCustody } from '../assemble.ts';
import { systemClock } from '../clock.ts';
import { createApiKey } from '../domain/api-key.ts';
import { partitions } from '../domain/project.ts';
import { rootProject } from '../first-start.ts';
import { createLogger } from '../logger.ts';
import { systemRandom } from '../random.ts';
import { readSettings } from '../settings.ts';
import { describeStartFailure } from '../start-failure.ts';
import { loadOrCreateKeyFile } from '../vault/key-ring.ts';
import { rotate } from '../vault/rotate.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('corbel')
  .description("Tools for the server's keeper. Settings come from the environment, as for the server.")
  .version(version);

program
  .command('rotate')
  .description(
    'Seal everything anew with the first key of CORBEL_ENCRYPTION_KEYS, while servers run. Afterwards the other keys can go.',
  )
  .action(() =>
    withCustody(async ({ store, vault }) => {
      const result = await rotate(store, vault, { partitions: partitions(store) });
      console.log(JSON.stringify(result));
      return result.remaining === 0;
    }),
  );

program
  .command('operator-key')
  .description('Make a new operator key for the root project and print it: for when the first one was lost.')
  .action(() =>
    withCustody(async ({ store }) => {
      const project = await rootProject(store);
      if (project === undefined) {
        console.error('This store has never been started: start the server once.');
        return false;
      }
      const { token } = await createApiKey(store, systemRandom, systemClock.now(), project, {
        name: 'Made by corbel operator-key',
        role: 'operator',
      });
      console.log(token.reveal());
      return true;
    }),
  );

program
  .command('encryption-key')
  .argument('<file>', 'where the key is kept')
  .description('Make a file with a new key for CORBEL_ENCRYPTION_KEYS_FILE, unless it is there already.')
  .action(async (file: string) => {
    try {
      await loadOrCreateKeyFile(file, systemRandom);
    } catch (error) {
      console.error(describeStartFailure(error));
      process.exitCode = 1;
    }
  });

await program.parseAsync();

async function withCustody(
  work: (custody: Awaited<ReturnType<typeof openCustody>>) => Promise<boolean>,
): Promise<void> {
  try {
    const settings = readSettings(process.env);
    // Logs go to standard error: standard output is the command's answer.
    const logger = createLogger(settings.logLevel, process.stderr);
    const custody = await openCustody({ settings, clock: systemClock, random: systemRandom, logger, version });
    try {
      if (!(await work(custody))) process.exitCode = 1;
    } finally {
      await custody.store.close();
    }
  } catch (error) {
    console.error(describeStartFailure(error));
    process.exitCode = 1;
  }
}
