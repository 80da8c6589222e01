import {
  type KeptHoleSettlement,
  readHoles,
  readHoleSettlements,
  repeatUnlessInDoubt,
  settleHole,
} from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { type Terminal, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';

/**
 * `fairtally holes list`: positions of sources that were passed and nothing explains, and those that people
 * explained.
 */
export async function listHoles(options: PlaceOptions, terminal: Terminal): Promise<void> {
  await withExistingLedger(options, terminal, async ({ db, option }) => {
    const holes = await readHoles(db);
    if (holes.length === 0) print(terminal, 'No source has a hole');
    else {
      const rows = holes.map(({ source, partition, position, hole }) => [
        source,
        String(partition),
        String(position),
        String(hole),
      ]);
      print(terminal, ...textTable(COLUMNS, rows));
      print(terminal, '', `Once one is explained: ${PROGRAM} holes settle SOURCE PARTITION --hole COUNT${option}`);
    }
    const settled = await readHoleSettlements(db);
    if (settled.length > 0) print(terminal, '', 'Settled:', ...settlementLines(settled));
  });
}

const COLUMNS = [
  { heading: 'source', align: 'left' },
  { heading: 'partition', align: 'right' },
  { heading: 'position', align: 'right' },
  { heading: 'hole', align: 'right' },
] as const;

/** Who settled holes, one a line. */
export function settlementLines(settlements: readonly KeptHoleSettlement[]): string[] {
  return settlements.map(
    ({ source, partition, position, hole, by, note, at }) =>
      `  ${new Date(at).toISOString()}: ${source}/${partition}: hole of ${hole} up to ${position} settled by ${by}: ${note}`,
  );
}

export interface SettleOptions extends PlaceOptions {
  /** How large the hole is, as the person saw it. */
  readonly hole: string;
  readonly by: string;
  readonly note: string;
}

/** `fairtally holes settle SOURCE PARTITION`: a person has explained a hole; who and why is kept for good. */
export async function settle(
  [source, partitionText]: readonly [string, string],
  options: SettleOptions,
  terminal: Terminal,
): Promise<void> {
  const { by, note } = options;
  const faults: string[] = [];
  if (!/^\d{1,9}$/.test(partitionText))
    faults.push(`Cannot settle a hole of partition '${partitionText}': it is no number`);
  if (!/^-?[1-9]\d{0,14}$/.test(options.hole)) {
    faults.push(`Cannot use --hole '${options.hole}': it must be the number that '${PROGRAM} holes list' shows`);
  }
  if (by.trim() === '') faults.push(`Cannot settle for nobody: '--by' is empty`);
  if (note.trim() === '') faults.push(`Cannot settle a hole without a reason: '--note' is empty`);
  if (faults.length > 0) throw usageError(faults);
  const settlement = { source, partition: Number(partitionText), hole: Number(options.hole), by, note };
  await withExistingLedger(options, terminal, async ({ db }) => {
    const position = await repeatUnlessInDoubt(() => db.transaction((tx) => settleHole(tx, settlement)));
    if (position === null) {
      const now = (await readHoles(db)).find(
        (each) => each.source === source && each.partition === settlement.partition,
      );
      throw new CommandError(
        `Cannot settle the hole of '${source}/${partitionText}': it is ${now?.hole ?? 0}, not ${options.hole}`,
      );
    }
    print(terminal, `${source}/${partitionText}: the hole of ${options.hole} up to ${position} is settled`);
  });
}
