import type { Queryable } from '../database/database.ts';

/** An account, and how many lines it has. */
export interface ListedAccount {
  /** The ledger's number of it. */
  readonly no: number;
  readonly id: string;
  readonly name: string;
  readonly lines: number;
}

/** Accounts by id, after one of them (the ledger's number of it); of one id, where that is given. */
export async function listAccounts(
  q: Queryable,
  { after, limit, id }: { readonly after: number | null; readonly limit: number; readonly id: string | null },
): Promise<ListedAccount[]> {
  return q.query<ListedAccount>(
    `select a.no, a.id, a.name, (select count(*)::int from line l where l.account = a.no) as lines from account a
     where ($1::int is null or a.id collate "C" > (select id from account where no = $1))
       and ($3::text is null or a.id = $3)
     order by a.id collate "C" limit $2`,
    [after, limit, id],
  );
}

/** A line's id, and the ledger's number of it. */
export interface ListedLine {
  readonly no: number;
  readonly id: string;
}

/** Lines by id, after one of them (the ledger's number of it): of an account, or that had a number (E.164 digits). */
export async function listLines(
  q: Queryable,
  asked: {
    readonly after: number | null;
    readonly limit: number;
    readonly account: string | null;
    readonly number: number | null;
    /** Of these alone; `null`: of all. */
    readonly ids: readonly string[] | null;
  },
): Promise<ListedLine[]> {
  return q.query<ListedLine>(
    `select l.no, l.id from line l join account a on a.no = l.account
     where ($1::int is null or l.id collate "C" > (select id from line where no = $1))
       and ($3::text is null or a.id = $3)
       and ($4::bigint is null or exists (select from line_fact f where f.line = l.no and f.number = $4))
       and ($5::text[] is null or l.id = any($5))
     order by l.id collate "C" limit $2`,
    [asked.after, asked.limit, asked.account, asked.number, asked.ids],
  );
}
