import {
  type CaseSum,
  type FoundCase,
  type Queryable,
  accountOfId,
  caseNumbers,
  findCases,
  repeatWhileCut,
  sumCases,
} from '../../ledger/index.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { currencyOf } from '../reports/read-report.ts';
import { type ListedCase, withSums } from './far-over.ts';
import { type CasePage, LONGEST_PAGE, cursorText, placeOf } from './list-cases.ts';
import { type WordedFilter, meantCases } from './meant-cases.ts';

/** Cases by words, as seen by somebody. */
export type FindRequest = WordedFilter;

/** From where cases are read: the ledger, or a transaction on it. */
export interface ReadsCases {
  readonly db: Queryable;
}

interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}

/** A page of the cases that words ask for, by the money at stake. */
export function pageOfCases({ db }: ReadsCases, request: FindRequest, page: Page): Promise<CasePage | Refused> {
  return repeatWhileCut(async () => {
    const found = await foundPage(db, request, page);
    return found.kind === 'refused' ? found : { ...found, cases: await withSums(db, found.cases) };
  });
}

/** The same without what the calls of each come to. */
interface FoundPage extends Omit<CasePage, 'cases'> {
  readonly cases: readonly FoundCase[];
}

async function foundPage(db: Queryable, request: FindRequest, page: Page): Promise<FoundPage | Refused> {
  const meant = await seenCases(db, request);
  if ('code' in meant) return meant;
  const after = page.after === undefined ? null : placeOf(page.after);
  if (after === null && page.after !== undefined) return refused(refusal('cursor-unreadable', { cursor: page.after }));
  // One more than the page has, which tells whether it is the last.
  const found = await findCases(db, meant, after, page.limit + 1);
  const cases = found.slice(0, page.limit);
  const last = cases.at(-1);
  return {
    kind: 'cases',
    timeZone: await ledgerTimeZone(db),
    currency: await currencyOf(db),
    cases,
    next: last === undefined || found.length === cases.length ? null : cursorText(last),
  };
}

export interface CaseCount extends CaseSum {
  readonly kind: 'count';
  readonly currency: string;
}

/** How many cases words ask for, and what is at stake on them. */
export function countCases({ db }: ReadsCases, request: FindRequest): Promise<CaseCount | Refused> {
  return repeatWhileCut(async () => {
    const meant = await seenCases(db, request);
    if ('code' in meant) return meant;
    return { kind: 'count', currency: await currencyOf(db), ...(await sumCases(db, meant)) };
  });
}

/** A case, with what it has charged where that was asked for (as in `ListedCase`). */
export type EachCase = FoundCase & Partial<Pick<ListedCase, 'charged'>>;

/**
 * All of them, part by part: nothing is cut off, and each comes once, whatever happens to them meanwhile. One that the
 * filter does not let through any more when its part is read is left out.
 *
 * @param withCharged whether what cases with nothing at stake have charged is added up: their months are read for it
 */
export async function* everyCase(
  ledger: ReadsCases,
  request: FindRequest,
  withCharged = false,
): AsyncGenerator<readonly EachCase[] | Refused> {
  const { db } = ledger;
  const meant = await repeatWhileCut(() => seenCases(db, request));
  if ('code' in meant) return yield meant;
  const withTheirSums = (cases: readonly FoundCase[]): Promise<readonly EachCase[]> =>
    withCharged ? repeatWhileCut(() => withSums(db, cases)) : Promise.resolve(cases);
  const first = await repeatWhileCut(() => findCases(db, meant, null, LONGEST_PAGE + 1));
  if (first.length <= LONGEST_PAGE) return yield withTheirSums(first);
  const numbers = await repeatWhileCut(() => caseNumbers(db, meant));
  for (let from = 0; from < numbers.length; from += LONGEST_PAGE) {
    const among = numbers.slice(from, from + LONGEST_PAGE);
    yield withTheirSums(await repeatWhileCut(() => findCases(db, { ...meant, among }, null, LONGEST_PAGE)));
  }
}

async function seenCases(q: Queryable, request: FindRequest) {
  const meant = await meantCases(q, request);
  if ('code' in meant || request.account === null) return meant;
  const own = await accountOfId(q, request.account);
  if (own === null) return refused(refusal('account-unknown', { account: request.account }));
  return { ...meant, account: own };
}
