import { defineConfig } from 'vitest/config';

/** Soak and chaos: minutes to an hour, one suite after the other. `npm run test:long`. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.long.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    maxWorkers: 1,
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
  },
});
