import { cpus } from 'node:os';
import { countBuffersWithTheHeap } from '../bin/garbage-collection.ts';
import { benchApi } from './api.ts';
import { benchCases } from './cases.ts';
import { benchConsole } from './console.ts';
import { benchFaultyImport } from './faulty-import.ts';
import { benchFirstCommit } from './first-commit.ts';
import { benchPglite, benchPostgres } from './files.ts';
import { benchKafka } from './kafka.ts';
import { benchMemory } from './memory.ts';
import { benchPricing } from './pricing.ts';
import { benchQuotes } from './quotes.ts';
import { benchRating } from './rating.ts';
import { benchRegistrations } from './registrations.ts';
import { benchRekeying } from './rekeying.ts';
import { benchSwitches } from './switches.ts';
import { benchWaiting } from './waiting.ts';

const LARGE_MONTH = 20_000_000;

/**
 * `npm run bench` runs all but those with `large`; `npm run bench -- rating pricing` runs those named. `large`,
 * `kafka-large` and `first-commit-large` fill a month with 20 million entries first, which takes minutes and 30 GB of
 * disk; `cases-large`, `console-large`,
 * `faulty-import-large` and `waiting-large` fill one with 5 million; `switches-large` reads a million
 * rows of each kind.
 */
const BENCHMARKS: Readonly<Record<string, () => Promise<void> | void>> = {
  pricing: benchPricing,
  memory: benchMemory,
  rating: benchRating,
  rekeying: benchRekeying,
  pglite: () => benchPglite(),
  postgres: () => benchPostgres(),
  switches: () => benchSwitches(),
  kafka: () => benchKafka(),
  registrations: () => benchRegistrations(),
  cases: () => benchCases(100_000, 500_000),
  waiting: () => benchWaiting(),
  'faulty-import': () => benchFaultyImport(),
  'first-commit': () => benchFirstCommit(),
  api: () => benchApi(),
  quotes: () => benchQuotes(),
  console: () => benchConsole(),
  large: () => benchPostgres(1_000_000, LARGE_MONTH),
  'kafka-large': () => benchKafka(1_000_000, LARGE_MONTH),
  'switches-large': () => benchSwitches(1_000_000),
  'cases-large': () => benchCases(),
  'console-large': () => benchConsole(100_000, 5_000_000),
  'faulty-import-large': () => benchFaultyImport(5_000_000, 1),
  'first-commit-large': () => benchFirstCommit([LARGE_MONTH]),
  'waiting-large': () => benchWaiting(200_000, 5_000_000),
};

// As `fairtally` does: some benchmarks rate in this process.
countBuffersWithTheHeap();
const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(BENCHMARKS).filter((name) => !name.endsWith('large'));
console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n`);
for (const name of names) {
  const run = BENCHMARKS[name];
  if (run === undefined)
    throw new Error(`Cannot run benchmark '${name}': known are ${Object.keys(BENCHMARKS).join(', ')}`);
  await run();
  console.log('');
}
