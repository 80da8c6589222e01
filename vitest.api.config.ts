import { defineConfig } from 'vitest/config';

/**
 * `npm run test:api`: schemathesis, a fuzzer of others (PyPI), over the whole OpenAPI document. Apart from `npm test`,
 * as it needs Python, and takes two minutes.
 */
export default defineConfig({
  test: {
    include: ['test/schemathesis/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    pool: 'forks',
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
