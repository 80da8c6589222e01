import type { Queryable, Transaction } from '../database/database.ts';

/** What an account was called, and is. */
export interface NamedOtherwise {
  readonly account: string;
  /** `null`: the account was new. */
  readonly before: string | null;
  readonly after: string;
}

/** A change of an account's name: who made it, and what it was and is. */
export interface AccountChange extends Omit<NamedOtherwise, 'account'> {
  readonly no: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly by: string;
  readonly note: string;
}

/** Keeps changes of accounts, in the transaction that makes them. */
export async function addAccountChanges(
  tx: Transaction,
  changes: readonly NamedOtherwise[],
  { by, note }: { readonly by: string; readonly note: string },
): Promise<void> {
  if (changes.length === 0) return;
  await tx.query(
    `insert into account_change (account, changed_by, note, before, after)
     select g.account, $2, $3, g.before, g.after
     from unnest($1::text[], $4::text[], $5::text[]) as g (account, before, after)`,
    [
      changes.map(({ account }) => account),
      by,
      note,
      changes.map(({ before }) => before),
      changes.map(({ after }) => after),
    ],
  );
}

/** The changes of an account, newest first, before one of them if such is named by its number. */
export async function accountChanges(
  q: Queryable,
  account: string,
  limit: number,
  beforeNo: number | null,
): Promise<AccountChange[]> {
  const rows = await q.query<Omit<AccountChange, 'no'> & { no: bigint }>(
    `select no, changed_at as at, changed_by as by, note, before, after from account_change
     where account = $1 and ($3::bigint is null or no < $3) order by no desc limit $2`,
    [account, limit, beforeNo],
  );
  return rows.map((row) => ({ ...row, no: Number(row.no) }));
}
