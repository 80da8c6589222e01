import { defineConfig } from 'vitest/config';

/**
 * `npm run test:switches`: real switches, installed where they are not there, take calls of sipp; what they write is
 * rated. Debian, as root.
 */
export default defineConfig({
  test: {
    include: ['test/switches/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 400_000,
    pool: 'forks',
    // They install packages by one apt, and take ports.
    fileParallelism: false,
  },
});
