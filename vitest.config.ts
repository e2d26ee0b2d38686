import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/support/long-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sandbox/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts', 'test/browser/console/build.ts'],
    // Twice the cores of the small machines: many suites wait for time to pass or for processes that start.
    maxWorkers: 4,
    sequence: { sequencer: LongFirst },
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
