import { type ListedAccount, lineChanges, listAccounts, listLineIds, loadLines } from '../../ledger/index.ts';
import { isoInstant } from '../as-data/values.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { type LineData, lineData } from './line-data.ts';

/** Some of a list, and after which of them it goes on; `null`: there are no more. */
export interface AccountPage {
  readonly accounts: readonly ListedAccount[];
  readonly next: string | null;
}

export interface LinePage {
  readonly lines: readonly LineData[];
  readonly next: string | null;
}

/** Accounts by id. */
export async function readAccounts(
  { db }: LedgerReading,
  { after = null, limit, id = null }: { after?: string | null | undefined; limit: number; id?: string | null },
): Promise<AccountPage> {
  const found = await listAccounts(db, { after, limit: limit + 1, id });
  const accounts = found.slice(0, limit);
  return { accounts, next: found.length > limit ? (accounts.at(-1)?.id ?? null) : null };
}

/** Lines by id, with all their dated facts: of an account, or that have or had a number. */
export async function readLines(
  { db, plan }: LedgerReading,
  asked: {
    after?: string | null | undefined;
    limit: number;
    account: string | null;
    number?: string | undefined;
    ids?: readonly string[] | undefined;
  },
): Promise<LinePage> {
  const { after = null, limit, account = null, number, ids: wanted = null } = asked;
  const classified = number === undefined ? null : plan.classify(number);
  // What is no number is nobody's.
  if (classified !== null && classified.kind !== 'number') return { lines: [], next: null };
  const found = await listLineIds(db, {
    after,
    limit: limit + 1,
    account,
    number: classified?.called ?? null,
    ids: wanted,
  });
  const ids = found.slice(0, limit);
  const byId = new Map((await loadLines(db, { ids })).map((line) => [line.id, line]));
  return {
    lines: ids.flatMap((id) => byId.get(id) ?? []).map(lineData),
    next: found.length > limit ? (ids.at(-1) ?? null) : null,
  };
}

/** A line with all its dated facts. */
export async function readLine(
  { db }: LedgerReading,
  id: string,
): Promise<Refused | { readonly kind: 'line'; readonly line: LineData }> {
  const [line] = await loadLines(db, { ids: [id] });
  return line === undefined ? refused(refusal('line-unknown', { line: id })) : { kind: 'line', line: lineData(line) };
}

/** A change of a line, as data. */
export interface LineChangeData {
  readonly no: number;
  readonly at: string;
  readonly by: string;
  readonly note: string;
  readonly before: LineData | null;
  readonly after: LineData;
}

/** Who changed what of a line, newest first. */
export async function readLineHistory(
  { db }: LedgerReading,
  line: string,
  limit: number,
  before: number | null,
): Promise<LineChangeData[]> {
  const changes = await lineChanges(db, line, limit, before);
  return changes.map(({ no, at, by, note, before: was, after }) => ({
    no,
    at: isoInstant(at),
    by,
    note,
    before: was === null ? null : lineData(was),
    after: lineData(after),
  }));
}
