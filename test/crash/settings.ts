import { parseArgs } from 'node:util';

/** What a crash test does, all of it said by its seed but the exact times of faults. */
export interface CrashSettings {
  readonly seed: string;
  /** About how many calls the month has; its records are about a fifth more, and a tenth of them come twice. */
  readonly calls: number;
  readonly lines: number;
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
  'freeze-worker',
  'worker-joins',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

const SHORT: Omit<CrashSettings, 'seed'> = {
  calls: 9000,
  lines: 60,
  faults: {
    'kill-worker': 2,
    'kill-both-workers': 1,
    'kill-relay': 1,
    'kill-broker': 1,
    'stop-broker': 0,
    'kill-database': 1,
    'stop-database': 0,
    'terminate-backend': 2,
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
  faults: {
    'kill-worker': 68,
    'kill-both-workers': 8,
    'kill-relay': 6,
    'kill-broker': 7,
    'stop-broker': 3,
    'kill-database': 8,
    'stop-database': 3,
    'terminate-backend': 15,
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

/** From the command line: `--long`, `--seed TEXT`, `--calls N`. Throws on anything else. */
export function readSettings(args: readonly string[], defaultSeed: string): CrashSettings {
  const { values } = parseArgs({
    args: [...args],
    options: { long: { type: 'boolean' }, seed: { type: 'string' }, calls: { type: 'string' } },
  });
  const { long = false, seed = defaultSeed } = values;
  const settings = long ? longSettings(seed) : shortSettings(seed);
  if (values.calls === undefined) return settings;
  if (!/^\d{4,6}$/.test(values.calls)) throw new Error(`Cannot use --calls '${values.calls}': a number from 1000 on`);
  const calls = Number(values.calls);
  return { ...settings, calls, lines: Math.max(settings.lines, Math.ceil(calls / 160)) };
}
