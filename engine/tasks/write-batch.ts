import {
  ENTRY_COPY_STATEMENT,
  type Transaction,
  addPostings,
  addBilledCalls,
  addQuarantine,
  addStretches,
  addUnresolvedParties,
  countFactChange,
  PostingDigests,
  watchHashes,
} from '../../ledger/index.ts';
import { partiesOf, partyKeys } from '../../rater/index.ts';
import type { Batch } from './batch.ts';
import type { RatingState } from '../memory/rating-state.ts';
import { reconcileLines } from '../verdicts/reconcile.ts';
import { saveVerdicts } from '../verdicts/save-verdicts.ts';
import type { Settlement } from '../settling/settlement.ts';
import { saveLastStarts } from '../registrations/take-registrations.ts';
import type { Task } from './task.ts';

/** How far a transaction moved the heads of its buckets: memory follows once it is committed. */
export interface HeadMoves {
  /** The last feed position given, of every bucket. */
  readonly positions: ReadonlyMap<number, number>;
  /** Buckets whose count of changed facts was raised, once for each time. */
  readonly factsChanged: readonly number[];
}

/** What is rated in memory while the database works. */
export interface Meanwhile {
  /** The database has the entries that memory rated, and is busy with them for a while. */
  begin(): void;
  /** What memory knows is about to be looked at, and changed. */
  finish(): void;
}

/**
 * Writes all of a batch whose buckets are locked, in order: what memory rated, what the ledger must settle and judge,
 * verdicts, heads.
 */
export async function writeBatch(tx: Transaction, task: Task, batch: Batch, meanwhile: Meanwhile): Promise<HeadMoves> {
  const { state } = batch;
  const positions = new Map([...state.heads].map(([bucket, { position }]) => [bucket, position]));
  const digests = new PostingDigests();
  state.runs.begin();
  const flush = (): Promise<void> => flushBatch(tx, batch, positions, digests);
  const settlement: Settlement = { tx, batch, believed: new Set(), repeats: new Map(), flush };
  const flushed = settlement.flush();
  if (task.changesFacts === undefined) meanwhile.begin();
  await flushed;
  if (task.locksFirst || batch.possibleDuplicates.length > 0 || batch.stale.size > 0) meanwhile.finish();
  await task.settle(settlement);
  await reconcileLines(settlement);
  await settlement.flush();
  await saveLastStarts(tx, batch);
  const rejudged = await saveVerdicts(tx, batch);
  const moved = [...positions].filter(([bucket, position]) => !stoodAt(state, bucket, position));
  await addStretches(tx, state.runs.full());
  await addPostings(
    tx,
    task.cause,
    moved.map(([bucket, upTo]) => ({ bucket, upTo, digest: digests.digestOf(bucket) })),
  );
  // A verdict may change without an entry: whoever caches the bucket must see that, too.
  const unmoved = rejudged.filter((bucket) => stoodAt(state, bucket, positions.get(bucket)));
  const factsChanged = [...new Set([...unmoved, ...(await watchHashes(tx, batch.watched))])];
  if (factsChanged.length > 0) await countFactChange(tx, factsChanged);
  await task.end(tx, batch);
  return { positions, factsChanged: [...factsChanged, ...batch.changedBuckets] };
}

function stoodAt({ heads }: RatingState, bucket: number, position: number | undefined): boolean {
  return heads.get(bucket)?.position === position;
}

/** @param positions the last feed position given of each bucket, moved on */
async function flushBatch(
  tx: Transaction,
  batch: Batch,
  positions: Map<number, number>,
  digests: PostingDigests,
): Promise<void> {
  const { entries, catalogue } = batch;
  if (entries.count > 0) {
    const copy = entries.takeInOrder((bucket) => {
      const position = (positions.get(bucket) ?? 0) + 1;
      positions.set(bucket, position);
      return position;
    });
    const copied = tx.copyIn(ENTRY_COPY_STATEMENT, copy.bytes);
    // The database has them, and works on them meanwhile; what it says is heard below.
    copied.catch(() => undefined);
    await digests.add(copy);
    batch.state.runs.add(copy);
    await copied;
  }
  await addQuarantine(tx, batch.quarantine.splice(0), batch.noteRepeat);
  await addBilledCalls(tx, batch.billedCalls.splice(0));
  const unresolved = batch.unresolved
    .splice(0)
    .flatMap(({ line: { bucket, no: line }, cdr }) =>
      partyKeys(partiesOf(cdr), catalogue.plan).map((party) => ({ party, bucket, line })),
    );
  await addUnresolvedParties(tx, unresolved);
}
