import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/compose/**', 'test/hostile/**', 'test/restore/**', 'test/console/browser/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // kafkajs 2.2.4 asks for a timer in the past now and then: harmless, and not ours to mend.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
