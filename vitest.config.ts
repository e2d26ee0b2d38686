import { configDefaults, defineConfig } from 'vitest/config';
import { COMPILE_CACHE } from './test/support/compile-cache.ts';
import { LongFirst } from './test/support/long-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sandbox/**/*.test.ts'],
    exclude: [
      ...configDefaults.exclude,
      // For people to look at; there is nothing in it that could fail for a caller.
      ...(process.env.TEST_SCREENSHOTS === undefined ? ['test/browser/console/pictures.test.ts'] : []),
    ],
    globalSetup: ['test/support/global-setup.ts', 'test/browser/console/build.ts'],
    // Twice the cores of the small machines: many suites wait for time to pass or for processes that start.
    maxWorkers: 4,
    sequence: { sequencer: LongFirst },
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    // A worker serves many files one after the other, with the modules that it has loaded: a process for each file costs half
    // a second of a core, and two hundred of them a quarter of the run. Files leave nothing behind that others could see.
    isolate: false,
    // For failures only: on a machine that is busy with other work, starting a few processes takes long.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    reporters: ['default'],
  },
});
