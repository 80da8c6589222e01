import { loadOfferTerms, recordedCdr } from '../../engine/index.ts';
import { type PostedCall, callsOfLine, loadLines, repeatWhileCut } from '../../ledger/index.ts';
import { type Coverage, CallFlag } from '../../rater/index.ts';
import { type CivilTime, type Destination, formatNumber } from '../../tariffs/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { currencyOf } from '../reports/read-report.ts';
import { parsePeriod } from '../value-text.ts';
import { destinationsByNo } from './decision-effect.ts';

/** What the calls of a month came from, most calls first; `null`: the switch did not say. */
export interface SeenMonth {
  readonly devices: readonly SeenFrom[];
  readonly networks: readonly SeenFrom[];
}

/** What a line's month looks like, whether it is a case or not. Money in micros, instants in ms since the epoch. */
export interface LineMonth extends SeenMonth {
  readonly kind: 'month';
  readonly line: string;
  readonly account: string;
  /** yyyymm. */
  readonly period: number;
  readonly timeZone: string;
  readonly currency: string;
  readonly days: readonly CaseDay[];
  readonly destinations: readonly CaseDestination[];
  readonly hours: readonly CaseHour[];
  readonly numbersCalled: number;
  readonly numbers: readonly (Omit<NumberTotals, 'called'> & { readonly number: string })[];
}

/** A call of a line's month, as evidence has it. */
export interface MonthCall {
  readonly call: string;
  readonly switch: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly number: string;
  readonly destination: string;
  readonly coverage: Coverage | null;
  readonly reason: string;
  readonly billedSeconds: number;
  readonly charge: number;
  readonly meteredPrice: number;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
}

/** Which line's month, and how many of the numbers called are shown. */
export interface MonthRequest {
  readonly line: string;
  /** `2026-11`. */
  readonly period: string;
  readonly numbers: number;
}

/** Shows a line's month: days, hours, destinations, numbers, and what the calls came from. */
export function showLineMonth(ledger: LedgerReading, request: MonthRequest): Promise<LineMonth | Refused> {
  return repeatWhileCut(async () => {
    const read = await callsOf(ledger, request);
    if ('code' in read) return read;
    const { calls, destinations, civilTime, ...month } = read;
    const numbers = numbersOf(calls, destinations);
    return {
      kind: 'month',
      ...month,
      timeZone: civilTime.timeZone,
      currency: await currencyOf(ledger.db),
      days: daysOf(calls, civilTime),
      destinations: destinationsOf(calls, destinations),
      hours: hoursOf(calls, civilTime),
      numbersCalled: numbers.length,
      numbers: numbers
        .slice(0, request.numbers)
        .map(({ called, ...number }) => ({ number: formatNumber(called), ...number })),
      ...seenFrom(calls),
    };
  });
}

/** Every call of a line's month that is billed, in the order in which they started. */
export function monthCalls(
  ledger: LedgerReading,
  request: Omit<MonthRequest, 'numbers'>,
): Promise<{ readonly kind: 'calls'; readonly account: string; readonly calls: readonly MonthCall[] } | Refused> {
  return repeatWhileCut(async () => {
    const read = await callsOf(ledger, request);
    if ('code' in read) return read;
    return {
      kind: 'calls',
      account: read.account,
      calls: read.calls.map((call) => monthCall(call, read.destinations)),
    };
  });
}

function monthCall(call: PostedCall, destinations: ReadonlyMap<number, Destination>): MonthCall {
  const { startedAt, durationMs, coverage, reason, billedSeconds, charge, meteredPrice } = call;
  const { callId, switchId, userAgent, sourceIp } = recordedCdr(call.record);
  return {
    call: callId,
    switch: switchId,
    startedAt,
    durationMs,
    number: formatNumber(call.called),
    destination: destinations.get(call.destination)?.name ?? '',
    coverage,
    reason,
    billedSeconds,
    charge,
    meteredPrice,
    userAgent,
    sourceIp,
  };
}

interface CallsOfMonth {
  readonly line: string;
  readonly account: string;
  readonly period: number;
  readonly civilTime: CivilTime;
  readonly destinations: ReadonlyMap<number, Destination>;
  readonly calls: readonly PostedCall[];
}

async function callsOf(
  { db, plan }: LedgerReading,
  { line: id, period: month }: Omit<MonthRequest, 'numbers'>,
): Promise<CallsOfMonth | Refused> {
  const period = parsePeriod(month);
  if (period === null) return refused(refusal('period-unknown', { period: month }));
  const [line] = await loadLines(db, { ids: [id] });
  if (line === undefined) return refused(refusal('line-unknown', { line: id }));
  const { civilTime } = await loadOfferTerms(db, plan);
  const key = { bucket: line.bucket, account: line.accountNo, no: line.no };
  const calls = await callsOfLine(db, key, period, period);
  return {
    line: line.id,
    account: line.account,
    period,
    civilTime,
    destinations: await destinationsByNo(db, plan),
    calls: calls.toSorted((a, b) => a.startedAt - b.startedAt),
  };
}

export interface CaseDay {
  /** `2026-11-03`. */
  readonly day: string;
  readonly calls: number;
  /** Numbers first called on that day, and all different ones up to its end, as conditions count them. */
  readonly newNumbers: number;
  readonly distinctNumbers: number;
}

export interface CaseDestination {
  readonly destination: string;
  readonly coverage: Coverage;
  readonly calls: number;
  readonly billedSeconds: number;
  readonly meteredPrice: number;
  readonly charge: number;
}

export interface CaseHour {
  /** 0 to 23, by the local clock. */
  readonly hour: number;
  readonly calls: number;
  readonly billedSeconds: number;
}

export interface SeenFrom {
  readonly value: string | null;
  readonly calls: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Whether the call counts among the different numbers of a month: the same as the report's figure. */
function isCounted({ coverage, offer, durationMs, flags }: PostedCall): boolean {
  return coverage !== 'free' && offer !== null && durationMs > 0 && (flags & CallFlag.forwarded) === 0;
}

export function daysOf(calls: readonly PostedCall[], civilTime: CivilTime): CaseDay[] {
  const seen = new Set<number>();
  return [...Map.groupBy(calls, ({ startedAt }) => civilTime.date(startedAt))].map(([day, own]) => {
    const before = seen.size;
    for (const call of own) if (isCounted(call)) seen.add(call.called);
    return { day, calls: own.length, newNumbers: seen.size - before, distinctNumbers: seen.size };
  });
}

export function destinationsOf(
  calls: readonly PostedCall[],
  destinations: ReadonlyMap<number, Destination>,
): CaseDestination[] {
  const groups = Map.groupBy(calls, ({ destination, coverage }) => `${destination} ${coverage}`);
  return [...groups.values()]
    .map((own): CaseDestination => ({
      destination: destinations.get(own[0]!.destination)?.name ?? '',
      coverage: own[0]!.coverage ?? 'free',
      calls: own.length,
      billedSeconds: sumOf(own, ({ billedSeconds }) => billedSeconds),
      meteredPrice: sumOf(own, ({ meteredPrice }) => meteredPrice),
      charge: sumOf(own, ({ charge }) => charge),
    }))
    .toSorted((a, b) => b.meteredPrice - a.meteredPrice || b.calls - a.calls);
}

export function hoursOf(calls: readonly PostedCall[], civilTime: CivilTime): CaseHour[] {
  const byHour = Map.groupBy(calls, ({ startedAt }) => civilTime.hourOfDay(startedAt));
  return Array.from({ length: 24 }, (_, hour) => {
    const own = byHour.get(hour) ?? [];
    return { hour, calls: own.length, billedSeconds: sumOf(own, ({ billedSeconds }) => billedSeconds) };
  });
}

/** What the calls to a number come to. */
export interface NumberTotals {
  readonly called: number;
  readonly destination: string;
  readonly calls: number;
  readonly billedSeconds: number;
  readonly meteredPrice: number;
}

/** Most calls first; of the same, the dearest. */
export function numbersOf(
  calls: readonly PostedCall[],
  destinations: ReadonlyMap<number, Destination>,
): NumberTotals[] {
  return [...Map.groupBy(calls, ({ called }) => called)]
    .map(([called, own]) => ({
      called,
      destination: destinations.get(own[0]!.destination)?.name ?? '',
      calls: own.length,
      billedSeconds: sumOf(own, ({ billedSeconds }) => billedSeconds),
      meteredPrice: sumOf(own, ({ meteredPrice }) => meteredPrice),
    }))
    .toSorted((a, b) => b.calls - a.calls || b.meteredPrice - a.meteredPrice || a.called - b.called);
}

export function seenFrom(calls: readonly PostedCall[]): SeenMonth {
  const records = calls.map(({ record, startedAt }) => ({ cdr: recordedCdr(record), startedAt }));
  const seenBy = (valueOf: (cdr: ReturnType<typeof recordedCdr>) => string | null): SeenFrom[] =>
    [...Map.groupBy(records, ({ cdr }) => valueOf(cdr))]
      .map(([value, own]) => ({
        value,
        calls: own.length,
        firstAt: own[0]!.startedAt,
        lastAt: own.at(-1)!.startedAt,
      }))
      .toSorted((a, b) => b.calls - a.calls);
  return { devices: seenBy(({ userAgent }) => userAgent), networks: seenBy(({ sourceIp }) => sourceIp) };
}

function sumOf(calls: readonly PostedCall[], of: (call: PostedCall) => number): number {
  return calls.reduce((sum, call) => sum + of(call), 0);
}
