import { type LineState, factKeys, partiesOf, partyKeys } from '../../rater/index.ts';
import { type Synced, StaleStateError } from './sync-heads.ts';
import type { Batch } from '../tasks/batch.ts';
import type { RatedTask } from '../tasks/rated-task.ts';
import type { Task } from '../tasks/task.ts';

/** Lines that are judged from the ledger because another writer had them, too: with more, rating anew is cheaper. */
const MAX_AMENDED = 200;

/**
 * Makes up for what a batch could not know when it was rated: lines whose facts, verdicts or calls are others by now
 * are judged from the ledger, and so are lines with calls that name a party which changed; what was set aside for
 * facts of before is settled again. Returns how many months.
 */
function amendBatch(batch: Batch, { changed, grown }: Synced): number {
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
  const keys = new Set([...changed].flatMap(({ id, factSpans }) => factKeys({ id, spans: factSpans })));
  const concerned = batch.unresolved.filter(({ cdr }) => partyKeys(partiesOf(cdr), plan).some((key) => keys.has(key)));
  for (const { line, cdr } of concerned) batch.markStale(line, civilTime.periodOf(cdr.startedAt));
  return concerned.length;
}

/**
 * Amends the batches that memory holds and the ledger does not, the one whose turn it is first. Throws
 * `StaleStateError` where they are better rated anew.
 */
export function amendBatches(underWay: readonly RatedTask[], synced: Synced): void {
  for (const { task, batch } of underWay) {
    if (batch.closes !== batch.state.closes) throw new StaleStateError('A period was closed that the batch bills in');
    refusePostedElsewhere(task, batch, synced.postedElsewhere);
    if (amendBatch(batch, synced) > MAX_AMENDED) throw new StaleStateError('Other writers changed too many lines');
  }
  const first = underWay[0];
  if (first !== undefined) for (const [line, period] of synced.remeasured) first.batch.markStale(line, period);
}

/** What another writer posted and a batch would post once more: only the ledger can settle it. */
function refusePostedElsewhere(task: Task, batch: Batch, postedElsewhere: ReadonlySet<string>): void {
  if (postedElsewhere.size === 0) return;
  for (const key of task.newIdentities(batch)) {
    if (postedElsewhere.has(key)) throw new StaleStateError('Another writer posted a call of the batch');
  }
}
