import {
  type Cdr,
  type CompiledOffer,
  type Coverage,
  type Finding,
  type LineState,
  type MonthState,
  type RatedCall,
  type RegistrationAnswers,
  type UnratedReason,
  CallFlag,
  NO_HOLDS,
  coverageOf,
  effectOf,
  emptyMonthState,
  judgePeriod,
  rateCall,
  reasonOf,
} from '../rater/index.ts';
import { type Queryable, callsOfLine } from '../ledger/index.ts';
import { type Destination, type PriceExplanation, explainPrice } from '../tariffs/index.ts';
import { KnownRegistrations } from './registrations/known-registrations.ts';
import { holdsOfFindings } from './verdicts/line-holds.ts';
import type { RatingState } from './memory/rating-state.ts';
import { recordedCdr } from './settling/recorded-cdr.ts';

/** A call that may be made. */
export interface QuoteRequest {
  /** Id of the line, or a number of it, as a switch names it. */
  readonly line: string;
  /** As it is dialled. */
  readonly number: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
}

/** What the call would cost, were it made: the rater's own answer. Money in micros, prices in nanos. */
export interface Quote {
  readonly kind: 'quote';
  readonly line: LineState;
  readonly called: number;
  readonly destination: Destination;
  readonly offer: CompiledOffer | null;
  readonly coverage: Coverage;
  readonly reason: string;
  readonly charge: number;
  readonly meteredPrice: number;
  readonly billedSeconds: number;
  /** How the price by the minute comes about; `null` of a call that is free. */
  readonly price: PriceExplanation | null;
  readonly currency: string;
  /** Distinct numbers that the line called in the month, and whether this is one of them. */
  readonly numbersUsed: number;
  readonly isKnownNumber: boolean;
  /** Most that the offer allows; `null`: it does not ask. */
  readonly mostNumbers: number | null;
  /** Until when the same is true if nothing else happens: ms since the epoch. */
  readonly validUntil: number;
}

export type QuoteOutcome = Quote | { readonly kind: 'unrated'; readonly reason: UnratedReason };

/** What memory says; what it lacks where it can't. */
export type MemoryQuote =
  | QuoteOutcome
  | { readonly kind: 'unloaded'; readonly bucket: number; readonly period: number }
  /** Where the line is registered may tell more of the call, and only the ledger knows (`registrationsAt`). */
  | { readonly kind: 'untold'; readonly line: LineState }
  /** The call itself would break a condition: which calls that reaches, only all calls of the month tell. */
  | { readonly kind: 'breaks'; readonly cdr: Cdr; readonly rated: RatedCall };

/**
 * Quotes a call from memory, as it is rated: the same functions, and nothing is changed.
 *
 * @param registrations where the line is registered when the call begins; `null`: nobody has asked the ledger
 */
export function quoteFromMemory(
  request: QuoteRequest,
  state: RatingState,
  registrations: RegistrationAnswers | null,
): MemoryQuote {
  const cdr = cdrOf(request);
  const rated = rateCall(cdr, registrations === null ? state.context : { ...state.context, registrations });
  if (typeof rated === 'string') return { kind: 'unrated', reason: rated };
  const { line, period } = rated;
  if (registrations === null && state.mayBeTold(rated, cdr)) return { kind: 'untold', line };
  if (!state.months.has(line.bucket, period)) return { kind: 'unloaded', bucket: line.bucket, period };
  state.unpack(line, period);
  const month = line.months.get(period) ?? null;
  if (mayBreak(rated, month)) return { kind: 'breaks', cdr, rated };
  return quoteOf(rated, rated, month, state);
}

/**
 * Where a line was registered at some instants, as the ledger says: apart from what batches under way are rated with,
 * which are told of what is new to them.
 */
export async function registrationsAt(
  q: Queryable,
  line: LineState,
  instants: Iterable<number>,
  { context }: RatingState,
): Promise<RegistrationAnswers> {
  const registrations = new KnownRegistrations();
  await registrations.ask(q, context.plan, new Map([[line, new Set(instants)]]));
  return registrations;
}

/** Quotes a call that breaks a condition, from all calls of its line's month. */
export async function quoteFromLedger(
  q: Queryable,
  { cdr, rated }: Pick<Extract<MemoryQuote, { kind: 'breaks' }>, 'cdr' | 'rated'>,
  state: RatingState,
): Promise<QuoteOutcome> {
  const { line, period } = rated;
  const cdrs = (await callsOfLine(q, line, period, period)).map(({ record }) => recordedCdr(record));
  const untold = cdrs.filter((each) => {
    const one = rateCall(each, state.context);
    return typeof one !== 'string' && state.mayBeTold(one, each);
  });
  const starts = untold.map(({ startedAt }) => startedAt);
  const registrations = starts.length === 0 ? undefined : await registrationsAt(q, line, starts, state);
  const context = registrations === undefined ? state.context : { ...state.context, registrations };
  const { civilTime } = context;
  const month = emptyMonthState(line.factSpans, period, civilTime);
  try {
    const known = cdrs.flatMap((each) => {
      const one = rateCall(each, context);
      return typeof one === 'string' || one.line !== line || one.period !== period ? [] : [{ cdr: each, rated: one }];
    });
    judgePeriod(month, [...known, { cdr, rated }], civilTime);
    const findings = new Map<number, readonly Finding[]>(
      [...line.months].map(([each, { findings: found }]) => [each, found]),
    );
    findings.set(period, month.findings);
    const holds = holdsOfFindings(line, findings, state.holdTerms);
    const reason = reasonOf(rated.destination, rated.offer, rated.flags, rated.startedAt, holds);
    const coverage = coverageOf(rated.destination, reason);
    const charge = coverage === 'metered' ? rated.meteredPrice : 0;
    return quoteOf(rated, { reason, coverage, charge }, line.months.get(period) ?? null, state);
  } finally {
    month.month.release();
  }
}

/** A record as it would come: what no quote asks for, it does not say. */
function cdrOf({ line, number, startedAt, durationMs }: QuoteRequest): Cdr {
  return {
    switchId: 'quote',
    callId: 'quote',
    legId: '',
    revision: 0,
    line,
    dialled: number,
    calling: null,
    startedAt,
    durationMs,
    userAgent: null,
    sourceIp: null,
    diversions: [],
    transferredBy: null,
    mobilityUsed: null,
    recordBuffer: NO_BYTES,
    recordStart: 0,
    recordEnd: 0,
  };
}

const NO_BYTES = Buffer.alloc(0);

/** Whether the call may find something against its line that holds by itself. */
function mayBreak(
  { offer, flags, durationMs, isFree, called, startedAt }: RatedCall,
  month: MonthState | null,
): boolean {
  if (offer === null) return false;
  const isAutomatic = (id: Finding['condition']): boolean => effectOf(offer, id)?.mode === 'automatic';
  const standing = (id: Finding['condition']): Finding | undefined =>
    month?.findings.find(({ condition }) => condition === id);
  const isBefore = (finding: Finding | undefined): boolean => finding === undefined || startedAt <= finding.breachFrom;
  if (offer.measured.some(({ condition }) => isAutomatic(condition.id))) return true;
  const isShown = offer.firstCall.some(
    ({ condition }) => (flags & condition.flags) !== 0 && isAutomatic(condition.id) && isBefore(standing(condition.id)),
  );
  if (isShown) return true;
  const isCounted = durationMs > 0 && !isFree && (flags & CallFlag.forwarded) === 0;
  return offer.crossing.some(({ condition, most }) => {
    const { id, goesBy, measure } = condition;
    if (!isAutomatic(id) || (goesBy === 'counted-calls' ? !isCounted : (flags & condition.flags) === 0)) return false;
    const finding = standing(id);
    if (finding !== undefined) return isBefore(finding);
    const before = month?.measures()[measure] ?? 0;
    // A call adds one number at most, and its own seconds.
    const added = measure !== 'distinctNumbers' ? Math.ceil(durationMs / 1000) : hasNumber(month, called) ? 0 : 1;
    return before + added > most;
  });
}

function hasNumber(month: MonthState | null, called: number): boolean {
  if (month === null) return false;
  let from = 0;
  let to = month.month.numberCount;
  while (from < to) {
    const middle = (from + to) >> 1;
    const number = month.month.numberAt(middle);
    if (number === called) return true;
    if (number < called) from = middle + 1;
    else to = middle;
  }
  return false;
}

function quoteOf(
  rated: RatedCall,
  { reason, coverage, charge }: Pick<RatedCall, 'reason' | 'coverage' | 'charge'>,
  month: MonthState | null,
  state: RatingState,
): Quote {
  const { line, called, destination, offer, meteredPrice, billedSeconds, startedAt, durationMs, isFree } = rated;
  const rate = state.context.deck.rateFor(called, destination.name, destination.id, startedAt);
  return {
    kind: 'quote',
    line,
    called,
    destination,
    offer,
    coverage,
    reason,
    charge,
    meteredPrice,
    billedSeconds,
    price: rate === null || isFree ? null : explainPrice(rate, startedAt, Math.max(1, durationMs)),
    currency: state.catalogue.currency,
    numbersUsed: month?.month.numberCount ?? 0,
    isKnownNumber: hasNumber(month, called),
    mostNumbers: offer?.crossing.find(({ condition }) => condition.measure === 'distinctNumbers')?.most ?? null,
    validUntil: validUntil(rated, rate?.to ?? Infinity, state),
  };
}

/** The first instant at which something that is known ahead is otherwise: month, price, facts of the line, holds. */
function validUntil(
  { line, period, startedAt, called, destination }: RatedCall,
  rateTo: number,
  state: RatingState,
): number {
  const { civilTime, deck } = state.context;
  const facts = line.factSpans.map(({ from, to }) => (from > startedAt ? from : to));
  const holds = line.holds === NO_HOLDS ? [] : line.holds.flatMap(({ from, to }) => [from, to]);
  const known = [civilTime.periodEnd(period), rateTo, ...facts, ...holds].filter((instant) => instant > startedAt);
  const end = Math.min(...known);
  const rateAt = (instant: number) => deck.rateFor(called, destination.name, destination.id, instant);
  const now = rateAt(startedAt);
  // Another deck of the schedule, or another band of the day.
  const bands = now?.calendar?.starts.find((instant) => instant > startedAt) ?? Infinity;
  let [same, other] = [startedAt, Math.min(end, bands)];
  if (rateAt(other - 1) === now) return other;
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (rateAt(middle) === now) same = middle;
    else other = middle;
  }
  return other;
}
