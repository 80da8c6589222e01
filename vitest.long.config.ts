import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/** `npm run test:long`: what `npm test` tries on a few made-up histories, on six times as many, and more embedded. */
export default defineConfig({
  test: {
    ...ordinary.test,
    include: globSync('test/**/*.test.ts').filter((file) => readFileSync(file, 'utf8').includes('/runs.ts')),
    env: { LONGER: '6' },
  },
});
