import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'sandbox/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts', 'test/browser/console/build.ts'],
    // One more than the small machines have cores: many suites wait for time to pass or for processes that start.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 40_000,
    reporters: ['default'],
  },
});
