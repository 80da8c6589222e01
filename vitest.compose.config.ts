import { defineConfig } from 'vitest/config';

/** `npm run test:compose`: apart from `npm test`, as it needs a Docker engine and takes minutes. */
export default defineConfig({
  test: {
    include: ['test/compose/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    pool: 'forks',
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
