import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/compose/**',
      'test/generated-client/**',
      'test/hostile/**',
      'test/restore/**',
      'test/schemathesis/**',
      'test/switches/**',
      'test/console/browser/**',
    ],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Vitest leaves a core free: of two, half of the machine. And tests wait for clocks, servers and processes.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // kafkajs 2.2.4 asks for a timer in the past now and then: harmless, and not ours to mend.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
