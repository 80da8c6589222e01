import { Decimal } from 'decimal.js';
import type { Quote } from '../../engine/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Database, type LineName, loadLineNames } from '../../ledger/index.ts';
import { type NumberData, numberData } from '../numbers/shown-number.ts';
import { inForceText, spansOfNamed } from '../provisioning/in-force.ts';
import { type Refusal, type Refused, refusal, refused } from '../refusals.ts';
import { isoInstant, plainMoney } from '../as-data/values.ts';

/** A call that somebody may make. */
export interface QuotedCall {
  readonly line: string;
  readonly number: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly durationSeconds: number;
  /** The one account that whoever asks sees; `null`: all. */
  readonly account: string | null;
}

/** What it would cost, and why. Money and prices as decimal text. */
export interface QuoteData {
  readonly line: string;
  readonly account: string;
  readonly number: NumberData;
  readonly destination: string;
  readonly destinationClass: string;
  readonly at: string;
  readonly durationSeconds: number;
  readonly coverage: 'included' | 'metered' | 'free';
  readonly reason: string;
  readonly why: string;
  readonly offer: string | null;
  readonly currency: string;
  readonly pricePerMinute: string;
  readonly connectionCharge: string;
  readonly billedSeconds: number;
  /** What it costs by the minute, and what of it is charged. */
  readonly meteredPrice: string;
  readonly price: string;
  readonly distinctNumbers: {
    readonly used: number;
    readonly limit: number | null;
    readonly left: number | null;
    readonly isNew: boolean;
  };
  readonly validUntil: string;
  /** Calls that were rated up to then are counted: now, or a moment ago where other processes rate. */
  readonly asOf: string;
}

/** Says what a call would cost if it were made: what the rater would charge for it. */
export async function quoteCall(
  ledger: LedgerAccess,
  call: QuotedCall,
): Promise<Refused | { readonly kind: 'quoted'; readonly quote: QuoteData }> {
  const { line, number, at, durationSeconds } = call;
  const { quoted, asOf } = await ledger.engine.quote({
    line,
    number,
    startedAt: at,
    durationMs: durationSeconds * 1000,
  });
  if (quoted.kind === 'unrated') {
    const { reason } = quoted;
    if (reason === 'unknown-line') return refused(await refusalOfLine(ledger, call));
    return refused(refusal('quote-unrated', { line, number, reason }));
  }
  const { account } = await nameOf(ledger.db, quoted.line.no);
  if (call.account !== null && call.account !== account) return refused(refusal('line-unknown', { line }));
  return { kind: 'quoted', quote: dataOf(quoted, call, account, asOf) };
}

/** Whether there is no such line, or it is not in force then; to a key of one account another's is none. */
async function refusalOfLine(ledger: LedgerAccess, { line, at, account }: QuotedCall): Promise<Refusal> {
  const spans = await spansOfNamed(ledger, line, account);
  // One in force that the engine does not know yet was entered this very moment.
  if (spans === null || spans.some(({ from, to }) => from <= at && at < to)) return refusal('line-unknown', { line });
  return refusal('quote-not-in-force', { line, at: isoInstant(at), inForce: inForceText(spans) });
}

/** Ids of lines and accounts are for ever: each is asked for once, with those of lines of the numbers about it. */
const names = new WeakMap<Database, Map<number, LineName>>();
const ASKED_TOGETHER = 1_000;

async function nameOf(db: Database, line: number): Promise<LineName> {
  const known = names.get(db) ?? new Map<number, LineName>();
  names.set(db, known);
  if (!known.has(line)) {
    const first = line - (line % ASKED_TOGETHER);
    const about = Array.from({ length: ASKED_TOGETHER }, (_, index) => first + index);
    for (const [no, each] of await loadLineNames(db, about)) known.set(no, each);
  }
  const name = known.get(line);
  if (name === undefined) throw new Error(`Cannot name line number '${line}': the ledger has none`);
  return name;
}

function dataOf(quote: Quote, { at, durationSeconds }: QuotedCall, account: string, asOf: number): QuoteData {
  const { line, called, destination, offer, coverage, reason, currency, price, billedSeconds } = quote;
  const { numbersUsed: used, mostNumbers: limit, isKnownNumber, validUntil } = quote;
  return {
    line: line.id,
    account,
    number: numberData(called),
    destination: destination.name,
    destinationClass: destination.class,
    at: isoInstant(at),
    durationSeconds,
    coverage,
    reason,
    why: whyOf(quote),
    offer: offer?.offer.id ?? null,
    currency,
    pricePerMinute: nanosText(price?.stretches[0]?.pricePerMinute ?? 0),
    connectionCharge: nanosText(price?.connectionCharge ?? 0),
    billedSeconds,
    meteredPrice: plainMoney(quote.meteredPrice),
    price: plainMoney(quote.charge),
    distinctNumbers: {
      used,
      limit,
      left: limit === null ? null : Math.max(0, limit - used),
      isNew: !isKnownNumber,
    },
    validUntil: isoInstant(validUntil),
    asOf: isoInstant(asOf),
  };
}

function nanosText(nanos: number): string {
  const price = new Decimal(nanos).div(1_000_000_000);
  return price.toFixed(Math.max(6, price.decimalPlaces()));
}

/** Why the call is charged, or not. */
function whyOf({ coverage, reason, destination, offer }: Quote): string {
  const under = offer === null ? 'the line has no offer then' : `under offer '${offer.offer.id}'`;
  if (coverage === 'free') return 'Emergency and toll-free calls are never charged';
  if (coverage === 'included') return `Calls to ${destination.name} are included ${under}`;
  if (reason === 'no-offer') return 'Calls are charged by the minute: the line has no offer then';
  if (reason === 'not-in-offer') return `Calls to ${destination.name} are not included ${under}`;
  return `Calls to ${destination.name} are included ${under}, but condition '${reason}' meters this one`;
}
