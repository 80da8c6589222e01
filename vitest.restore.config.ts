import { defineConfig } from 'vitest/config';

/**
 * `npm run test:restore`: the drill of restoring the ledger from its backups. Apart from `npm test`, as it takes
 * minutes.
 */
export default defineConfig({
  test: {
    include: ['test/restore/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // One drill after the other: each has a broker, two database servers and three processes of ours.
    fileParallelism: false,
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
