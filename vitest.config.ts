import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

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
    // A process plays one file after the other, with modules loaded and compiled once: as the API's process answers one
    // request after the other. To start and to load anew for each of 280 files took a third of all computing.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Vitest leaves a core free: of two, half of the machine. And tests wait for clocks, servers and processes.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    // kafkajs 2.2.4 asks for a timer in the past now and then: harmless, and not ours to mend.
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
  },
});
