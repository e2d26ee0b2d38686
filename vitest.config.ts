import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sandbox/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Several suites start real server processes; more workers than cores only makes them wait for each other.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 40_000,
    reporters: ['default'],
  },
});
