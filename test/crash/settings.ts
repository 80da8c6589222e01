import { parseArgs } from 'node:util';

/** What a crash test does, all of it said by its seed but the exact times of faults. */
export interface CrashSettings {
  readonly seed: string;
  /** About how many calls the month has; its records are about a fifth more, and a tenth of them come twice. */
  readonly calls: number;
  readonly lines: number;
  /** How many calls of several rows, and how many registrations of lines, come among them. */
  readonly ofLegs: number;
  /** What is done at the very start, when nothing was ever committed: one of each, in an order of the seed's. */
  readonly opening: readonly (readonly FaultKind[])[];
  /** How often each fault happens. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Longest wait before a fault, and before what was killed is started again, ms. */
  readonly pauseMs: number;
  /** Records a transaction of the workers: few, so that there are many to die in. */
  readonly batchRecords: number;
  /** After how long without a sign of life a worker's partitions are given to others, ms. */
  readonly sessionMs: number;
}

/** Everything that is done to the system. */
export const FAULT_KINDS = [
  'kill-worker',
  'kill-both-workers',
  'kill-relay',
  'kill-broker',
  'stop-broker',
  'kill-database',
  'stop-database',
  'terminate-backend',
  'cut-database',
  'cut-kafka',
  'freeze-worker',
  'worker-joins',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** The relay, and each of the two servers in one of several ways. */
const OPENING: CrashSettings['opening'] = [
  ['kill-relay', 'kill-worker', 'kill-both-workers'],
  ['kill-database', 'cut-database', 'terminate-backend'],
  ['kill-broker', 'cut-kafka'],
];

const SHORT: Omit<CrashSettings, 'seed'> = {
  calls: 9000,
  lines: 60,
  ofLegs: 300,
  opening: OPENING,
  faults: {
    'kill-worker': 1,
    'kill-both-workers': 1,
    'kill-relay': 1,
    'kill-broker': 1,
    'stop-broker': 0,
    'kill-database': 1,
    'stop-database': 0,
    'terminate-backend': 1,
    'cut-database': 1,
    'cut-kafka': 1,
    'freeze-worker': 0,
    'worker-joins': 1,
  },
  pauseMs: 600,
  batchRecords: 100,
  sessionMs: 4000,
};

const LONG: Omit<CrashSettings, 'seed'> = {
  calls: 100_000,
  lines: 600,
  ofLegs: 3000,
  opening: OPENING,
  faults: {
    'kill-worker': 68,
    'kill-both-workers': 8,
    'kill-relay': 6,
    'kill-broker': 7,
    'stop-broker': 3,
    'kill-database': 8,
    'stop-database': 3,
    'terminate-backend': 15,
    'cut-database': 10,
    'cut-kafka': 10,
    'freeze-worker': 4,
    'worker-joins': 5,
  },
  pauseMs: 1500,
  batchRecords: 100,
  sessionMs: 4000,
};

/** The few faults that a test run has time for. */
export function shortSettings(seed: string): CrashSettings {
  return { ...SHORT, seed };
}

/** More than a hundred processes killed. */
export function longSettings(seed: string): CrashSettings {
  return { ...LONG, seed };
}

/** What the command line asks for: runs one after the other, each with a seed of its own. */
export interface CrashRuns {
  readonly runs: readonly CrashSettings[];
  /** Whether there is time for a hundred kills of each. */
  readonly isLong: boolean;
  /** Whether something else keeps every core of the machine busy meanwhile. */
  readonly isBesideLoad: boolean;
}

const OPTIONS = {
  long: { type: 'boolean' },
  seed: { type: 'string' },
  seeds: { type: 'string' },
  calls: { type: 'string' },
  'beside-load': { type: 'boolean' },
} as const;

/**
 * From the command line: `--long`, `--seed TEXT`, `--seeds N` (the seed with `-1` to `-N` behind), `--calls N`,
 * `--beside-load`. Throws on anything else.
 */
export function readRuns(args: readonly string[], defaultSeed: string): CrashRuns {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { long = false, seed = defaultSeed, seeds, calls } = values;
  if (seeds !== undefined && !/^[1-9]\d{0,2}$/.test(seeds)) {
    throw new Error(`Cannot use --seeds '${seeds}': a number from 1 to 999`);
  }
  const all = seeds === undefined ? [seed] : Array.from({ length: Number(seeds) }, (_, at) => `${seed}-${at + 1}`);
  const runs = all.map((one) => withCalls(long ? longSettings(one) : shortSettings(one), calls));
  return { runs, isLong: long, isBesideLoad: values['beside-load'] ?? false };
}

function withCalls(settings: CrashSettings, calls: string | undefined): CrashSettings {
  if (calls === undefined) return settings;
  if (!/^\d{4,6}$/.test(calls)) throw new Error(`Cannot use --calls '${calls}': a number from 1000 on`);
  const count = Number(calls);
  const lines = Math.max(settings.lines, Math.ceil(count / 160));
  return { ...settings, calls: count, lines, ofLegs: Math.ceil(count / 30) };
}
