import { DatabaseError, type LineKey, type Transaction, isLineStale } from '../ledger/index.ts';
import type { Batch } from './tasks/batch.ts';
import { LinesMissingError } from './memory/sync-heads.ts';
import { FROM_THE_LEDGER, type Task } from './tasks/task.ts';

/** What somebody changes of lines: their facts, or what was decided on them; or a period that somebody closes. */
export interface FactChange<Outcome> {
  /** What it is for, as the postings of the transaction say. */
  readonly cause: string;
  /** Buckets of the lines: they are locked. */
  readonly buckets: readonly number[];
  /**
   * Whether it changes what names lines to the calls of every bucket: then it waits for all batches under way, of
   * other processes too, and no other begins before it is committed.
   */
  readonly changesDirectory: boolean;
  /**
   * The calls of the lines that it judges stay theirs, unless other facts wait to be judged: the lines of other
   * buckets need not be in memory.
   */
  readonly keepsCalls?: true;
  /**
   * Makes the change. What it throws undoes all of it, and reaches who asked. It is called again where the transaction
   * is done again.
   */
  readonly make: (tx: Transaction) => Promise<MadeChange<Outcome>>;
}

/** A change that was made, or nothing: then `counted` is empty. */
export interface MadeChange<Outcome> {
  readonly outcome: Outcome;
  /** Buckets of which the change has counted one change of facts (`countFactChange`). */
  readonly counted: readonly number[];
  /** Which lines of them have changed; all of them may have, where it is not given. */
  readonly lines?: readonly LineKey[];
  /** Lines that are judged again in the same transaction; others that it marked are judged by `catchUp`. */
  readonly judged: readonly LineKey[];
  /** A period was closed: what is posted from now on is billed and judged by that. */
  readonly closesPeriod?: true;
}

/** Who asked for a change is told why it was not made; nothing of it is in the ledger, and memory is as it was. */
export class ChangeRefusedError extends Error {
  override readonly name = 'ChangeRefusedError';

  constructor(cause: unknown) {
    super('The change was refused', { cause });
  }
}

/** Makes a change, and judges lines by it, in one transaction; `keep` is told what came of it. */
export function factChangeTask<Outcome>(change: FactChange<Outcome>, keep: (outcome: Outcome) => void): Task {
  const { cause, buckets, changesDirectory } = change;
  return {
    ...FROM_THE_LEDGER,
    cause,
    changesFacts: changesDirectory ? 'directory' : 'lines',
    ...(change.keepsCalls === true ? { onlyBuckets: new Set(buckets) } : {}),
    reach: () => ({ periods: new Set(), buckets: new Set(buckets), months: [] }),
    settle: async ({ tx, batch }) => {
      const made = await make(tx, change);
      if (!batch.state.isWhole) await refuseStale(tx, made.judged);
      keep(made.outcome);
      await takeChange(tx, batch, made);
    },
  };
}

/** Facts that wait to be judged may give calls of these lines to lines that are not in memory. */
async function refuseStale(tx: Transaction, lines: readonly LineKey[]): Promise<void> {
  for (const line of lines) {
    if (await isLineStale(tx, line)) throw new LinesMissingError('Calls of the line may be those of others by now');
  }
}

async function make<Outcome>(tx: Transaction, { make: change }: FactChange<Outcome>): Promise<MadeChange<Outcome>> {
  try {
    return await change(tx);
  } catch (cause) {
    throw cause instanceof DatabaseError ? cause : new ChangeRefusedError(cause);
  }
}

/** Has memory follow the change, and what it leaves to be judged judged with the batch. */
async function takeChange(tx: Transaction, batch: Batch, made: MadeChange<unknown>): Promise<void> {
  const { counted, lines, judged } = made;
  if (counted.length === 0) return;
  for (const bucket of counted) batch.changedBuckets.add(bucket);
  const { state } = batch;
  if (made.closesPeriod === true) await state.loadCloses(tx);
  await state.lines.load(tx, lines === undefined ? { buckets: counted } : { lines });
  batch.hasDecisions = true;
  for (const { no } of judged) batch.markStale(state.lineOf(no), 0);
}
