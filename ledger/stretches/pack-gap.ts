import { CallRun } from './call-runs.ts';
import { copyRows } from '../database/copy-rows.ts';
import type { Transaction } from '../database/database.ts';
import { ENTRY_COLUMNS, positionOfRow } from '../entries/entry-columns.ts';
import { type UnpackedGap, addStretches } from './stretch-store.ts';

/**
 * Packs a gap's entries, read in the same transaction, into stretches, and writes them. What can't be packed is left
 * out. Costs some 3 µs an entry: for gaps of some thousand entries. Fails with a `unique-violation` where
 * another process has packed it meanwhile.
 */
export async function packGap(tx: Transaction, { bucket, after, upTo }: UnpackedGap): Promise<void> {
  const statement = `copy (
    select ${ENTRY_COLUMNS} from entry
    where bucket = ${Number(bucket)} and position > ${Number(after)} and position <= ${Number(upTo)} order by position
  ) to stdout (format binary)`;
  // A month whose entries are not in order of their positions is read faster as a whole, but not for a few of them.
  await tx.query('set local enable_seqscan to off');
  const runs: CallRun[] = [];
  for await (const row of copyRows(tx.copyOut(statement))) {
    const view = new DataView(row.buffer, row.byteOffset, row.length);
    const last = runs.at(-1);
    if (last !== undefined && last.add(view, 0) >= 0) continue;
    const next = new CallRun(bucket, positionOfRow(view, 0) - 1);
    if (next.add(view, 0) >= 0) runs.push(next);
  }
  await addStretches(tx, runs);
}
