import { resolve } from 'node:path';
import { defaultNoise, filesInTheWay, generateInThread, MIN_LINES, type MonthOptions } from '../../traffic/index.ts';
import { usageError, CommandError, EXIT_INTERRUPTED } from '../command-error.ts';
import { heedSignals, notify, print, type Terminal } from '../terminal.ts';

/** As given on the command line. */
export interface GenerateOptions {
  /** The folder to write into. */
  readonly out: string;
  /** `2026-11`; the default. */
  readonly period?: string;
  readonly lines?: string;
  /** About how many calls in all. */
  readonly calls?: string;
  readonly seed?: string;
  /** Share of unanswered attempts among the records, from 0 to 0.9. */
  readonly attempts?: string;
  readonly gzip?: boolean;
  readonly shuffle?: boolean;
}

const DEFAULT_PERIOD = '2026-11';
const DEFAULT_LINES = 200;
const CALLS_A_LINE = 150;
/** Above it, ordinary lines would have to talk all day. */
const MAX_CALLS_A_LINE = 400;

/**
 * `fairtally generate --out FOLDER`: makes a month of traffic with all that must come of it, and returns the exit code.
 * Told to end, it leaves nothing behind. Throws `CommandError` with every fault of the options, or when the folder
 * already holds such files.
 */
export async function runGenerate(options: GenerateOptions, terminal: Terminal): Promise<number> {
  const month = monthOptions(options);
  const folder = resolve(terminal.folder, options.out);
  const inTheWay = filesInTheWay(folder);
  if (inTheWay.length > 0) {
    throw new CommandError(
      `Cannot generate into '${folder}': it already holds ${inTheWay.map((name) => `'${name}'`).join(', ')}`,
    );
  }
  const made = await heedSignals(terminal, () => generateInThread(folder, month, terminal.signal));
  if (made === null) {
    notify(terminal, 'Interrupted: nothing of it stays');
    return EXIT_INTERRUPTED;
  }
  const { total, calls, duplicates, notACall, quarantined } = made;
  print(
    terminal,
    `${month.lines} lines and ${total} records in '${folder}', by seed '${month.seed}':`,
    `  ${calls} calls, ${duplicates} duplicates, ${sum(notACall)} that are no call, ${sum(quarantined)} to be set aside`,
    `  What must come of each line is in 'expected.json'`,
  );
  return 0;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function monthOptions(options: GenerateOptions): MonthOptions {
  const faults: string[] = [];
  const { period = DEFAULT_PERIOD, seed = '1', attempts } = options;
  const [, year, monthOfYear] = /^(20(?:0[3-9]|[1-4]\d|5[0-8]))-(0[1-9]|1[0-2])$/.exec(period) ?? [];
  if (year === undefined)
    faults.push(`Cannot use --period '${period}': it must be a month such as '2026-11', from 2003 to 2058`);
  const givenCalls = wholeNumber('calls', options.calls, 1, 100_000_000, faults);
  const lines =
    wholeNumber('lines', options.lines, MIN_LINES, 1_000_000, faults) ??
    Math.max(DEFAULT_LINES, Math.ceil((givenCalls ?? 0) / CALLS_A_LINE));
  const calls = givenCalls ?? lines * CALLS_A_LINE;
  if (calls > lines * MAX_CALLS_A_LINE) {
    faults.push(
      `Cannot put '${calls}' calls on '${lines}' lines: at most ${MAX_CALLS_A_LINE} a line, without breaking conditions`,
    );
  }
  const share = attempts === undefined ? defaultNoise.attempts : Number(attempts);
  if (attempts === '' || !(share >= 0 && share <= 0.9)) {
    faults.push(`Cannot use --attempts '${attempts}': it must be a share of the records, from 0 to 0.9`);
  }
  if (faults.length > 0) throw usageError(faults);
  return {
    seed,
    period: Number(year) * 100 + Number(monthOfYear),
    lines,
    calls,
    noise: { ...defaultNoise, attempts: share },
    isShuffled: options.shuffle === true,
    isGzip: options.gzip === true,
  };
}

/** The number that an option gives, or `null` when it is not given or faulty. */
function wholeNumber(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
  faults: string[],
): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= min && number <= max) return number;
  faults.push(`Cannot use --${name} '${text}': it must be a whole number from ${min} to ${max}`);
  return null;
}
