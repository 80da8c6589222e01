import type { Queryable, Transaction } from '../database/database.ts';

/** What a person does with records that nothing mends: they wait no longer, or wait again. */
export type WriteOffKind = 'written-off' | 'reopened';

/** Who does it, and why: kept for good. */
export interface WriteOffActor {
  readonly by: string;
  readonly note: string;
}

/** A record that was written off or opened again. */
export interface KeptWriteOff extends WriteOffActor {
  /** Number of the record in quarantine. */
  readonly record: number;
  readonly act: WriteOffKind;
  /** ms since the epoch. */
  readonly at: number;
}

/**
 * Writes off those of the records that wait, and keeps who did and why. Answers their numbers: whoever finds one
 * missing rolls back.
 */
export function writeOffWaiting(tx: Transaction, nos: readonly number[], actor: WriteOffActor): Promise<Set<number>> {
  return act(tx, nos, actor, 'written-off', WRITE_OFF);
}

/**
 * Has those of the records wait again that are written off, and keeps who did and why; one that could be read is
 * settled again with the facts of now. Answers their numbers, as `writeOffWaiting` does.
 */
export function reopenWrittenOff(tx: Transaction, nos: readonly number[], actor: WriteOffActor): Promise<Set<number>> {
  return act(tx, nos, actor, 'reopened', REOPEN);
}

// In one order, so that two who name the same records never wait for one another.
const WRITE_OFF = `
  update quarantine set state = 'written-off', is_stale = false where no in (
    select no from quarantine where no = any($1::bigint[]) and state = 'waiting' order by no for update)
  returning no`;
const REOPEN = `
  update quarantine set state = 'waiting', is_stale = cdr is not null where no in (
    select no from quarantine where no = any($1::bigint[]) and state = 'written-off' order by no for update)
  returning no`;

async function act(
  tx: Transaction,
  nos: readonly number[],
  { by, note }: WriteOffActor,
  kind: WriteOffKind,
  change: string,
): Promise<Set<number>> {
  const rows = await tx.query<{ no: bigint }>(change, [nos]);
  const changed = rows.map(({ no }) => Number(no)).toSorted((a, b) => a - b);
  await tx.query(
    `insert into quarantine_write_off (quarantine, act, taken_by, note)
     select g.no, $2, $3, $4 from unnest($1::bigint[]) with ordinality as g (no, place) order by g.place`,
    [changed, kind, by, note],
  );
  return new Set(changed);
}

/** How many of these records were rated. */
export async function countRated(q: Queryable, nos: readonly number[]): Promise<number> {
  const [row] = await q.query<{ records: number }>(
    `select count(*)::int as records from quarantine where no = any($1::bigint[]) and state = 'rated'`,
    [nos],
  );
  return row?.records ?? 0;
}

/** Who wrote these records off or opened them again, oldest first. */
export async function writeOffsOf(q: Queryable, nos: readonly number[]): Promise<KeptWriteOff[]> {
  if (nos.length === 0) return [];
  return q.query<KeptWriteOff>(
    `select quarantine::float8 as record, act, taken_by as by, note, taken_at as at from quarantine_write_off
     where quarantine = any($1::bigint[]) order by no`,
    [nos],
  );
}
