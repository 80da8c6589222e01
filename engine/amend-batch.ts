import { type LineState, factKeys, partiesOf, partyKeys } from '../rater/index.ts';
import type { Adopted } from './adopt-heads.ts';
import type { Batch } from './batch.ts';

/**
 * Makes up for what a batch could not know when it was rated: lines whose facts, verdicts or calls are others by now
 * are judged from the ledger, and so are lines with calls that name a party which changed; what was set aside for
 * facts of before is settled again. Returns how many months.
 */
export function amendBatch(batch: Batch, { changed, grown }: Adopted): number {
  let amended = 0;
  for (const { line, period } of batch.touched()) {
    if (!changed.has(line) && !grown.has(line)) continue;
    batch.markStale(line, period);
    amended++;
  }
  if (changed.size === 0) return amended;
  batch.quarantine = batch.quarantine.map((record) => (record.cdr === null ? record : { ...record, isStale: true }));
  return amended + amendUnresolved(batch, changed);
}

function amendUnresolved(batch: Batch, changed: ReadonlySet<LineState>): number {
  const { plan, civilTime } = batch.catalogue;
  const keys = new Set([...changed].flatMap(({ id, epochs }) => factKeys({ id, spans: epochs })));
  const concerned = batch.unresolved.filter(({ cdr }) => partyKeys(partiesOf(cdr), plan).some((key) => keys.has(key)));
  for (const { line, cdr } of concerned) batch.markStale(line, civilTime.periodOf(cdr.startedAt));
  return concerned.length;
}
