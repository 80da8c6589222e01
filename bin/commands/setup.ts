import type { PlaceOptions } from '../config.ts';
import { describePlace } from '../config.ts';
import { isRightMissing, makePeriods } from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import { withLedger } from '../open-ledger.ts';
import { parsePeriod, showPeriod } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

export interface SetUpOptions extends PlaceOptions {
  /** Months to be made beside those of today: `2026-11`, or `2026-01..2026-12`. */
  readonly months?: string;
}

/** `fairtally setup`: brings a ledger's schema up to date and gives it what it can't rate without. */
export function setUp(options: SetUpOptions, terminal: Terminal): Promise<void> {
  const months = options.months === undefined ? [] : monthsOf(options.months);
  return withLedger(options, terminal, async ({ place, db, engine }) => {
    const made = await makePeriods(db, months).catch((error: unknown) => {
      if (!isRightMissing(error)) throw error;
      throw new CommandError(`Cannot make months '${options.months ?? ''}': only the owner of the tables may`);
    });
    if (made.length > 0) print(terminal, `Months made: ${made.map(showPeriod).join(', ')}`);
    if (made.length > 0) await engine.catchUp();
    print(terminal, `The ledger in ${describePlace(place)} is ready`);
  });
}

/** So many at once: more are a mistake in the year. */
const MOST_MONTHS = 240;

function monthsOf(text: string): number[] {
  const [from, to, ...others] = text.split('..').map(parsePeriod);
  const last = to === undefined ? from : to;
  const isRange = others.length === 0 && from !== undefined && from !== null && last !== undefined && last !== null;
  const months = isRange ? monthsBetween(from, last) : [];
  if (months.length > 0 && months.length <= MOST_MONTHS && from! >= 200_001 && last! <= 206_012) return months;
  throw usageError(
    `Cannot use --months '${text}': it is no month such as '2026-11', nor a range such as '2026-01..2026-12' from ` +
      `2000-01 to 2060-12 of at most ${MOST_MONTHS} months`,
  );
}

function monthsBetween(from: number, to: number): number[] {
  const months: number[] = [];
  for (let month = from; month <= to; month = month % 100 === 12 ? month + 89 : month + 1) months.push(month);
  return months;
}
