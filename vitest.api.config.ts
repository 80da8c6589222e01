import { defineConfig } from 'vitest/config';

/**
 * `npm run test:api`: what others' tools (PyPI) make of the OpenAPI document: schemathesis, a fuzzer, over the whole of
 * it, and a client that openapi-python-client generates from it. Apart from `npm test`, as it needs Python, and takes
 * two minutes.
 */
export default defineConfig({
  test: {
    include: ['test/schemathesis/**/*.test.ts', 'test/generated-client/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    pool: 'forks',
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
