import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * `npm run test:hostile`: hostile input, faults and attacks, one file a kind. Apart from `npm test`, as it takes
 * minutes.
 */
export default defineConfig({
  test: {
    include: ['test/hostile/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // Vitest leaves a core free, of two half of the machine: each file has servers, folders and names of its own.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
