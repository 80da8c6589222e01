import {
  countRated,
  type Database,
  reopenWrittenOff,
  repeatUnlessInDoubt,
  type Transaction,
  type WriteOffActor,
  writeOffWaiting,
} from '../../ledger/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Refused, refusal, refusedFor } from '../refusals.ts';
import { recordFaults } from './list-quarantine.ts';

/** Records that somebody writes off, since nothing mends them; or that she opens again. */
export interface WriteOffRequest {
  /** Their numbers in quarantine. */
  readonly records: readonly string[];
  /** Who does so, and why: kept for good. */
  readonly by: string;
  readonly note: string;
}

export interface WrittenOff {
  readonly kind: 'written-off';
  readonly records: number;
}

export interface Reopened {
  readonly kind: 'reopened';
  readonly records: number;
  /** Of these; the others wait. */
  readonly rated: number;
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkWriteOff({ records, by, note }: WriteOffRequest, act: 'write off' | 'reopen'): Refused | null {
  const named = { act: `${act} records` };
  return refusedFor([
    ...records.flatMap(recordFaults),
    ...(by.trim() === '' ? [refusal('name-missing', named)] : []),
    ...(note.trim() === '' ? [refusal('reason-missing', named)] : []),
  ]);
}

/**
 * Writes off records that wait, all or none: they wait no longer, nothing rates them, and they do not keep a month from
 * being closed. They stay as they came, and wait again once they are reopened or come again.
 */
export async function writeOffRecords(
  { db, engine }: LedgerAccess,
  request: WriteOffRequest,
): Promise<WrittenOff | Refused> {
  const fault = checkWriteOff(request, 'write off');
  if (fault !== null) return fault;
  // What facts have mended by now is rated, and not written off.
  await engine.catchUp();
  const changed = await changeAll(db, request, writeOffWaiting);
  return 'missing' in changed ? refusedAll('record-not-waiting', changed.missing) : { kind: 'written-off', ...changed };
}

/** Opens records again that were written off, all or none: they are rated if they can be, or wait as before. */
export async function reopenRecords(
  { db, engine }: LedgerAccess,
  request: WriteOffRequest,
): Promise<Reopened | Refused> {
  const fault = checkWriteOff(request, 'reopen');
  if (fault !== null) return fault;
  const changed = await changeAll(db, request, reopenWrittenOff);
  if ('missing' in changed) return refusedAll('record-not-written-off', changed.missing);
  await engine.catchUp();
  return { kind: 'reopened', ...changed, rated: await countRated(db, request.records.map(Number)) };
}

type Change = (tx: Transaction, nos: readonly number[], actor: WriteOffActor) => Promise<ReadonlySet<number>>;

/** Thrown to roll back: some of the records are not as they must be. */
class MissingRecords extends Error {
  readonly nos: readonly number[];

  constructor(nos: readonly number[]) {
    super(`Cannot change records ${nos.join(', ')} of quarantine: they are in another state`);
    this.nos = nos;
  }
}

async function changeAll(
  db: Database,
  { records, by, note }: WriteOffRequest,
  change: Change,
): Promise<{ readonly records: number } | { readonly missing: readonly number[] }> {
  const nos = [...new Set(records.map(Number))].toSorted((a, b) => a - b);
  try {
    await repeatUnlessInDoubt(() =>
      db.transaction(async (tx) => {
        const changed = await change(tx, nos, { by, note });
        const missing = nos.filter((no) => !changed.has(no));
        if (missing.length > 0) throw new MissingRecords(missing);
      }),
    );
  } catch (error) {
    if (error instanceof MissingRecords) return { missing: error.nos };
    throw error;
  }
  return { records: nos.length };
}

function refusedAll(code: 'record-not-waiting' | 'record-not-written-off', nos: readonly number[]): Refused {
  return refusedFor(nos.map((no) => refusal(code, { record: String(no) })))!;
}
