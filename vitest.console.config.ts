import { defineConfig } from 'vitest/config';

/** `npm run test:console`: the console in a real browser, on the ledger of a demo. Apart from `npm test`: a minute. */
export default defineConfig({
  test: {
    include: ['test/console/browser/**/*.test.ts'],
    globalSetup: ['test/console/support/demo-ledgers.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // A browser and a server each: one after the other on small machines.
    fileParallelism: false,
  },
});
