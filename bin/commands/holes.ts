import type { KeptHoleSettlement } from '../../ledger/index.ts';
import { checkSettle, listHoles as readHoleList, settleHole, type SettleRequest } from '../../services/index.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { refusalError } from '../refusal-error.ts';
import { type Terminal, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';

/**
 * `fairtally holes list`: positions of sources that were passed and nothing explains, and those that people
 * explained.
 */
export async function listHoles(options: PlaceOptions, terminal: Terminal): Promise<void> {
  await withExistingLedger(options, terminal, async (ledger) => {
    const { holes, settled } = await readHoleList(ledger);
    if (holes.length === 0) print(terminal, 'No source has a hole');
    else {
      const rows = holes.map(({ source, partition, position, hole }) => [
        source,
        String(partition),
        String(position),
        String(hole),
      ]);
      print(terminal, ...textTable(COLUMNS, rows));
      const command = `${PROGRAM} holes settle SOURCE PARTITION --hole COUNT${ledger.option}`;
      print(terminal, '', `Once one is explained: ${command}`);
    }
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

export interface SettleOptions extends PlaceOptions, Pick<SettleRequest, 'hole' | 'by' | 'note'> {}

/** `fairtally holes settle SOURCE PARTITION`: a person has explained a hole; who and why is kept for good. */
export async function settle(
  [source, partition]: readonly [string, string],
  options: SettleOptions,
  terminal: Terminal,
): Promise<void> {
  const { hole, by, note } = options;
  const request: SettleRequest = { source, partition, hole, by, note };
  const fault = checkSettle(request);
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    const settled = await settleHole(ledger, request);
    if (settled.kind === 'refused') throw refusalError(settled);
    print(terminal, `${source}/${partition}: the hole of ${hole} up to ${settled.position} is settled`);
  });
}
