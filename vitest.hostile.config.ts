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
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
