import { type JudgedCall, type MonthState, type SeenCalls, takeIn } from '../../rater/index.ts';
import type { Identities, KeptCall } from '../../ledger/index.ts';
import type { Catalogue } from '../catalogue.ts';
import { identityKey } from '../settling/identity-halves.ts';
import type { TakeCall } from './packed-months.ts';

/** A call as a month takes it in; one object for all, since what a month keeps of it are numbers. */
type BuiltCall = { -readonly [Field in keyof JudgedCall]: JudgedCall[Field] };

/**
 * Takes a month's calls, as the ledger tells them, into memory: each into the month of its line.
 *
 * @param monthOf the month of a line, by the ledger's number of it
 */
export function monthBuilder(catalogue: Catalogue, monthOf: (line: number) => MonthState): TakeCall {
  const { civilTime } = catalogue;
  const built: BuiltCall = { startedAt: 0, durationMs: 0, called: 0, flags: 0, offer: null, isFree: false };
  // Calls come line by line, and nearly all of one offer.
  let lineNo = Number.NaN;
  let month: MonthState | null = null;
  let offerNo = 0;
  return (call: KeptCall): void => {
    if (month === null || call.line !== lineNo) {
      lineNo = call.line;
      month = monthOf(lineNo);
    }
    if (call.offer !== offerNo) {
      offerNo = call.offer;
      built.offer = offerNo === 0 ? null : catalogue.offerOf(offerNo);
    }
    built.startedAt = call.startedAt;
    built.durationMs = call.durationMs;
    built.called = call.called;
    built.flags = call.flags;
    built.isFree = call.isFree;
    takeIn(month, built, civilTime);
  };
}

/** What memory knows of identities. */
interface KnownIdentities {
  readonly seen: SeenCalls;
  readonly unposted: Set<string>;
}

/** Puts identities that the ledger has among those that were seen. */
export function seeIdentities(known: KnownIdentities, { accounts, highs, lows, count }: Identities): void {
  // What they ask of memory is then on its way at once.
  known.seen.touch(highs, lows, count);
  for (let at = 0; at < count; at++) seeIdentity(known, accounts[at]!, highs[at]!, lows[at]!);
}

/** Puts an identity that the ledger has among those that were seen. */
export function seeIdentity({ seen, unposted }: KnownIdentities, account: number, high: number, low: number): void {
  if (unposted.size > 0) unposted.delete(identityKey(high, low));
  if (!seen.addNew(high, low, account) && !seen.find(high, low).includes(account)) seen.add(high, low, account);
}
