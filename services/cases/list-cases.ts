import {
  type CaseFilter,
  type CasePlace,
  type CaseState,
  type Queryable,
  accountOfId,
  findCases,
  loadLines,
  repeatWhileCut,
} from '../../ledger/index.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import { parseMicros } from '../../tariffs/index.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refusal, type Refused, refusal, refusedFor } from '../refusals.ts';
import { currencyOf } from '../reports/read-report.ts';
import { parsePeriod } from '../value-text.ts';
import { type ListedCase, withSums } from './far-over.ts';

/** Which cases are asked for, as a person or a program says it. */
export interface CasesRequest {
  /** `open`, which is meant where nothing is said, `decided`, `withdrawn` or `all`. */
  readonly state?: string | undefined;
  /** `2026-11`. */
  readonly period?: string | undefined;
  /** Cases in which the condition is found today. */
  readonly condition?: string | undefined;
  readonly account?: string | undefined;
  readonly line?: string | undefined;
  /** At least so much at stake, in the decks' currency: `12.50`. */
  readonly minMoney?: string | undefined;
  /** How many cases a page holds; 50 where nothing is said. */
  readonly limit?: string | undefined;
  /** Where the page before ended: its `next`. */
  readonly after?: string | undefined;
}

export interface CasePage {
  readonly kind: 'cases';
  readonly timeZone: string;
  readonly currency: string;
  /** By money at stake, most first; of the same, the later month first, then as lines were added. */
  readonly cases: readonly ListedCase[];
  /** The cursor with which the next page is asked for; `null`: this is the last. */
  readonly next: string | null;
}

/** Most cases in one page. */
export const LONGEST_PAGE = 1000;
const USUAL_PAGE = 50;

const STATES: readonly CaseState[] = ['open', 'decided', 'withdrawn'];

/** Lists cases by the money at stake, a page at a time. */
export async function listCases({ db }: LedgerReading, request: CasesRequest): Promise<CasePage | Refused> {
  const read = readRequest(request);
  if ('code' in read) return read;
  return repeatWhileCut(async () => {
    const named = await numbersOf(db, request);
    if ('code' in named) return named;
    // One more than the page has, which tells whether it is the last.
    const found = await findCases(db, { ...read.filter, ...named }, read.after, read.limit + 1);
    const cases = found.slice(0, read.limit);
    const last = cases.at(-1);
    return {
      kind: 'cases',
      timeZone: await ledgerTimeZone(db),
      currency: await currencyOf(db),
      cases: await withSums(db, cases),
      next: last === undefined || found.length === cases.length ? null : cursorText(last),
    };
  });
}

interface ReadRequest {
  readonly filter: CaseFilter;
  readonly limit: number;
  readonly after: CasePlace | null;
}

/** What is wrong with a request whatever the ledger holds; `null`: nothing. */
export function checkCases(request: CasesRequest): Refused | null {
  const read = readRequest(request);
  return 'code' in read ? read : null;
}

function readRequest(request: CasesRequest): ReadRequest | Refused {
  const { state = 'open', period: periodText, condition } = request;
  const faults: Refusal[] = [];
  const known = STATES.find((each) => each === state);
  if (known === undefined && state !== 'all') {
    faults.push(refusal('state-unknown', { state, states: [...STATES, 'all'].join(', ') }));
  }
  const period = periodText === undefined ? undefined : parsePeriod(periodText);
  if (period === null) faults.push(refusal('period-unknown', { period: periodText ?? '' }));
  if (condition !== undefined && !CONDITION_IDS.some((each) => each === condition)) {
    faults.push(refusal('condition-unknown', { condition, conditions: CONDITION_IDS.join(', ') }));
  }
  const { minMoney = '0', limit: limitText = String(USUAL_PAGE), after: cursor } = request;
  const money = parseMicros(minMoney);
  if (money === null) faults.push(refusal('money-unreadable', { money: minMoney }));
  const limit = /^[1-9]\d{0,3}$/.test(limitText) ? Number(limitText) : LONGEST_PAGE + 1;
  if (limit > LONGEST_PAGE) {
    faults.push(refusal('limit-unusable', { limit: limitText, most: String(LONGEST_PAGE) }));
  }
  const after = cursor === undefined ? null : placeOf(cursor);
  if (cursor !== undefined && after === null) faults.push(refusal('cursor-unreadable', { cursor }));
  const wrong = refusedFor(faults);
  if (wrong !== null) return wrong;
  const minMicros = request.minMoney === undefined ? undefined : (money ?? undefined);
  const filter = { state: known, period: period ?? undefined, condition, minMoney: minMicros };
  return { filter, limit, after };
}

/** The account and the line that are asked for; a name that the ledger does not have is a slip, and no empty list. */
async function numbersOf(q: Queryable, request: CasesRequest): Promise<Pick<CaseFilter, 'account' | 'line'> | Refused> {
  const account = request.account === undefined ? undefined : await accountOfId(q, request.account);
  const [line] = request.line === undefined ? [] : await loadLines(q, { ids: [request.line] });
  const unknown = [
    ...(account === null ? [refusal('account-unknown', { account: request.account ?? '' })] : []),
    ...(request.line !== undefined && line === undefined ? [refusal('line-unknown', { line: request.line })] : []),
  ];
  return refusedFor(unknown) ?? { account: account ?? undefined, line };
}

const LARGEST_INT4 = 2 ** 31 - 1;

/** A cursor is the reader's to hand back, not to read. */
export function cursorText({ atStake, period, lineNo }: CasePlace): string {
  return Buffer.from(JSON.stringify([atStake, period, lineNo]), 'utf8').toString('base64url');
}

export function placeOf(cursor: string): CasePlace | null {
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(read) || read.length !== 3) return null;
    const [atStake, period, lineNo] = read.map(Number);
    if (![atStake, period, lineNo].every(Number.isSafeInteger)) return null;
    // As the ledger has them: what it can't compare stands nowhere.
    if (![period, lineNo].every((each) => Math.abs(each!) <= LARGEST_INT4)) return null;
    return { atStake: atStake!, period: period!, lineNo: lineNo! };
  } catch {
    return null;
  }
}
