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
import { unlessWithdrawn, withdraw } from '../withdraw.ts';
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
  const changed = await changeAll(db, request, writeOffWaiting, 'record-not-waiting');
  return changed.kind === 'refused' ? changed : { ...changed, kind: 'written-off' };
}

/** Opens records again that were written off, all or none: they are rated if they can be, or wait as before. */
export async function reopenRecords(
  { db, engine }: LedgerAccess,
  request: WriteOffRequest,
): Promise<Reopened | Refused> {
  const fault = checkWriteOff(request, 'reopen');
  if (fault !== null) return fault;
  const changed = await changeAll(db, request, reopenWrittenOff, 'record-not-written-off');
  if (changed.kind === 'refused') return changed;
  await engine.catchUp();
  return { ...changed, kind: 'reopened', rated: await countRated(db, request.records.map(Number)) };
}

type Change = (tx: Transaction, nos: readonly number[], actor: WriteOffActor) => Promise<ReadonlySet<number>>;

/** Changes all of the records, or none where some are in another state: those are refused by this code. */
function changeAll(
  db: Database,
  { records, by, note }: WriteOffRequest,
  change: Change,
  code: 'record-not-waiting' | 'record-not-written-off',
): Promise<{ readonly kind: 'changed'; readonly records: number } | Refused> {
  const nos = [...new Set(records.map(Number))].toSorted((a, b) => a - b);
  return unlessWithdrawn(async () => {
    await repeatUnlessInDoubt(() =>
      db.transaction(async (tx) => {
        const changed = await change(tx, nos, { by, note });
        const refused = refusedFor(
          nos.filter((no) => !changed.has(no)).map((no) => refusal(code, { record: String(no) })),
        );
        if (refused !== null) withdraw(refused);
      }),
    );
    return { kind: 'changed', records: nos.length };
  });
}
