import {
  type AccountChange,
  type ListedAccount,
  accountChanges,
  accountOfId,
  lineChanges,
  listAccounts,
  listLines,
  loadLines,
} from '../../ledger/index.ts';
import { isoInstant } from '../as-data/values.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { type LineData, lineData } from './line-data.ts';

/** The largest number that the ledger can have of an account or a line. */
const LARGEST_NO = 2_147_483_647;

/** Some of a list, and after which of them it goes on; `null`: there are no more. */
export interface AccountPage {
  readonly kind: 'accounts';
  readonly accounts: readonly Pick<ListedAccount, 'id' | 'name' | 'lines'>[];
  readonly next: string | null;
}

export interface LinePage {
  readonly kind: 'lines';
  readonly lines: readonly LineData[];
  readonly next: string | null;
}

/** Accounts by id; `after`: the `next` of the page before. */
export async function readAccounts(
  { db }: LedgerReading,
  { after, limit, id = null }: { after?: string | undefined; limit: number; id?: string | null },
): Promise<AccountPage | Refused> {
  const place = placeOf(after);
  if (typeof place === 'object' && place !== null) return place;
  const found = await listAccounts(db, { after: place, limit: limit + 1, id });
  const accounts = found.slice(0, limit);
  return {
    kind: 'accounts',
    accounts: accounts.map((each) => ({ id: each.id, name: each.name, lines: each.lines })),
    next: found.length > limit ? String(accounts.at(-1)?.no) : null,
  };
}

/** An account by its id. */
export async function readAccount(
  ledger: LedgerReading,
  id: string,
): Promise<Refused | { readonly kind: 'account'; readonly account: AccountPage['accounts'][number] }> {
  const found = await readAccounts(ledger, { id, limit: 1 });
  if (found.kind === 'refused') return found;
  const [account] = found.accounts;
  return account === undefined ? refused(refusal('account-unknown', { account: id })) : { kind: 'account', account };
}

/** The ledger's number that a page ended with: an id may be a telephone number, which not everyone may see. */
function placeOf(after: string | undefined): number | null | Refused {
  if (after === undefined) return null;
  const no = /^\d{1,10}$/.test(after) ? Number(after) : LARGEST_NO + 1;
  return no > LARGEST_NO ? refused(refusal('cursor-unreadable', { cursor: after })) : no;
}

/**
 * Lines by id, with all their dated facts: of an account, or that have or had a number. An account that the ledger does
 * not have is a slip, and no empty list.
 */
export async function readLines(
  { db, plan }: LedgerReading,
  asked: {
    after?: string | undefined;
    limit: number;
    account: string | null;
    number?: string | undefined;
    ids?: readonly string[] | undefined;
  },
): Promise<LinePage | Refused> {
  const { after, limit, account = null, number, ids: wanted = null } = asked;
  const place = placeOf(after);
  if (typeof place === 'object' && place !== null) return place;
  if (account !== null && (await accountOfId(db, account)) === null) {
    return refused(refusal('account-unknown', { account }));
  }
  const classified = number === undefined ? null : plan.classify(number);
  if (classified?.kind === 'refusal') {
    return refused(refusal('number-unreadable', { number: number ?? '', reason: classified.reason }));
  }
  const found = await listLines(db, {
    after: place,
    limit: limit + 1,
    account,
    number: classified?.called ?? null,
    ids: wanted,
  });
  const listed = found.slice(0, limit);
  const ids = listed.map(({ id }) => id);
  const byId = new Map((await loadLines(db, { ids })).map((line) => [line.id, line]));
  return {
    kind: 'lines',
    lines: ids.flatMap((id) => byId.get(id) ?? []).map(lineData),
    next: found.length > limit ? String(listed.at(-1)?.no) : null,
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

/** A change of an account's name, as data. */
export interface AccountChangeData extends Omit<AccountChange, 'at'> {
  readonly at: string;
}

/** Who entered an account and named it otherwise, newest first. */
export async function readAccountHistory(
  { db }: LedgerReading,
  account: string,
  limit: number,
  before: number | null,
): Promise<AccountChangeData[]> {
  const changes = await accountChanges(db, account, limit, before);
  return changes.map((change) => ({ ...change, at: isoInstant(change.at) }));
}
