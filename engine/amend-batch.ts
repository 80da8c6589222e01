import { type LineState, factKeys, partiesOf, partyKeys } from '../rater/index.ts';
import { type Adopted, StaleStateError } from './adopt-heads.ts';
import type { Batch } from './batch.ts';
import type { RatedWork } from './rated-work.ts';
import type { Work } from './work.ts';

/** Lines that are judged from the ledger because another writer had them, too: with more, rating anew is cheaper. */
const MAX_AMENDED = 200;

/**
 * Makes up for what a batch could not know when it was rated: lines whose facts, verdicts or calls are others by now
 * are judged from the ledger, and so are lines with calls that name a party which changed; what was set aside for
 * facts of before is settled again. Returns how many months.
 */
function amendBatch(batch: Batch, { changed, grown }: Adopted): number {
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

/**
 * Amends the batches that memory holds and the ledger does not, the one whose turn it is first. Throws
 * `StaleStateError` where they are better rated anew.
 */
export function amendBatches(underWay: readonly RatedWork[], adopted: Adopted): void {
  for (const { work, batch } of underWay) {
    refuseMet(work, batch, adopted.met);
    if (amendBatch(batch, adopted) > MAX_AMENDED) throw new StaleStateError('Other writers changed too many lines');
  }
  const first = underWay[0];
  if (first !== undefined) for (const [line, period] of adopted.remeasured) first.batch.markStale(line, period);
}

/** What another writer posted and a batch would post once more: only the ledger can settle it. */
function refuseMet(work: Work, batch: Batch, met: ReadonlySet<string>): void {
  if (met.size === 0) return;
  for (const key of work.newIdentities(batch)) {
    if (met.has(key)) throw new StaleStateError('Another writer posted a call of the batch');
  }
}
