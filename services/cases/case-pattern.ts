import { loadOfferTerms, recordedCdr } from '../../engine/index.ts';
import { type PostedCall, callsOfLine, loadLines, repeatWhileCut } from '../../ledger/index.ts';
import { type Coverage, CallFlag } from '../../rater/index.ts';
import { type CivilTime, formatNumber } from '../../tariffs/index.ts';
import { destinationsByNo } from './decision-effect.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { parsePeriod } from '../value-text.ts';

/** How a line calls in a month, beside its own months before: what charts of a case are drawn from. */
export interface CasePattern {
  readonly kind: 'pattern';
  /** yyyymm. */
  readonly period: number;
  readonly timeZone: string;
  /** How many numbers were called; `runs` and `blocks` are of these. */
  readonly numbersCalled: number;
  /** Hours of the week with calls. */
  readonly week: readonly WeekHour[];
  /** The same, of all earlier months together, and how many of them there are. */
  readonly usualWeek: readonly WeekHour[];
  readonly usualMonths: number;
  /** Months before with calls, the latest first, at most three: distinct numbers by the day of the month. */
  readonly earlier: readonly { readonly period: number; readonly days: readonly GrowthDay[] }[];
  /** In order of start; where there are more than `MOST_CALLS`, the first of them. */
  readonly calls: readonly PatternCall[];
  readonly callsInMonth: number;
  /** Numbers that follow one another, longest first. */
  readonly runs: readonly NumberRun[];
  /** Blocks of 1,000 numbers, most numbers first. */
  readonly blocks: readonly NumberRun[];
}

export interface WeekHour {
  /** 0 is Monday. */
  readonly weekday: number;
  /** 0 to 23, by the local clock. */
  readonly hour: number;
  readonly calls: number;
  readonly billedSeconds: number;
}

export interface GrowthDay {
  /** 1 to 31. */
  readonly day: number;
  readonly distinctNumbers: number;
}

export interface PatternCall {
  readonly callId: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** `2026-11-03`, and the minute of that day (0 to 1439), by the local clock. */
  readonly day: string;
  readonly minute: number;
  readonly durationMs: number;
  readonly number: string;
  readonly destination: string;
  readonly coverage: Coverage;
  /** Micros. */
  readonly meteredPrice: number;
  readonly isForwarded: boolean;
  /** Placed from a device and a network that are neither of the line's. */
  readonly isForeign: boolean;
}

export interface NumberRun {
  readonly from: string;
  readonly to: string;
  /** Different numbers called in it. */
  readonly numbers: number;
  readonly calls: number;
}

const EARLIER_MONTHS = 3;
const MOST_CALLS = 3000;
const MOST_RUNS = 20;
const SHORTEST_RUN = 3;
const BLOCK = 1000;

/** What charts of a line's month are drawn from. */
export async function showPattern(
  { db, plan }: LedgerReading,
  request: { readonly line: string; readonly period: string },
): Promise<CasePattern | Refused> {
  const period = parsePeriod(request.period);
  if (period === null) return refused(refusal('period-unknown', { period: request.period }));
  return repeatWhileCut(async () => {
    const { civilTime } = await loadOfferTerms(db, plan);
    const [line] = await loadLines(db, { ids: [request.line] });
    if (line === undefined) return refused(refusal('line-unknown', { line: request.line }));
    const key = { bucket: line.bucket, account: line.accountNo, no: line.no };
    const first = Array.from({ length: EARLIER_MONTHS }).reduce<number>(
      (month) => civilTime.previousPeriod(month),
      period,
    );
    const all = (await callsOfLine(db, key, first, period)).toSorted((a, b) => a.startedAt - b.startedAt);
    const own = all.filter((call) => call.period === period);
    const before = Map.groupBy(all, (call) => call.period);
    before.delete(period);
    const names = await destinationsByNo(db, plan);
    const counted = own.filter(isCounted);
    return {
      kind: 'pattern',
      period,
      timeZone: civilTime.timeZone,
      numbersCalled: new Set(counted.map(({ called }) => called)).size,
      week: weekOf(own, civilTime),
      usualWeek: weekOf([...before.values()].flat(), civilTime),
      usualMonths: before.size,
      earlier: [...before]
        .toSorted(([a], [b]) => b - a)
        .map(([month, calls]) => ({ period: month, days: growthOf(calls, civilTime) })),
      calls: own
        .slice(0, MOST_CALLS)
        .map((call) => patternCall(call, civilTime, names.get(call.destination)?.name ?? '')),
      callsInMonth: own.length,
      runs: runsOf(counted),
      blocks: blocksOf(counted),
    };
  });
}

/** Whether the call counts among the different numbers of a month, as `show-case.ts` has it. */
function isCounted({ coverage, offer, durationMs, flags }: PostedCall): boolean {
  return coverage !== 'free' && offer !== null && durationMs > 0 && (flags & CallFlag.forwarded) === 0;
}

function weekOf(calls: readonly PostedCall[], civilTime: CivilTime): WeekHour[] {
  const byHour = Map.groupBy(calls, ({ startedAt }) => Math.floor(civilTime.minuteOfWeek(startedAt) / 60));
  return [...byHour]
    .toSorted(([a], [b]) => a - b)
    .map(([hourOfWeek, own]) => ({
      weekday: Math.floor(hourOfWeek / 24),
      hour: hourOfWeek % 24,
      calls: own.length,
      billedSeconds: own.reduce((sum, { billedSeconds }) => sum + billedSeconds, 0),
    }));
}

function growthOf(calls: readonly PostedCall[], civilTime: CivilTime): GrowthDay[] {
  const seen = new Set<number>();
  return [...Map.groupBy(calls, ({ startedAt }) => civilTime.date(startedAt))].map(([date, own]) => {
    for (const call of own) if (isCounted(call)) seen.add(call.called);
    return { day: Number(date.slice(8)), distinctNumbers: seen.size };
  });
}

function patternCall(call: PostedCall, civilTime: CivilTime, destination: string): PatternCall {
  const { startedAt, durationMs, called, coverage, meteredPrice, flags, record } = call;
  return {
    callId: recordedCdr(record).callId,
    startedAt,
    day: civilTime.date(startedAt),
    minute: civilTime.minuteOfWeek(startedAt) % 1440,
    durationMs,
    number: formatNumber(called),
    destination,
    coverage: coverage ?? 'free',
    meteredPrice,
    isForwarded: (flags & CallFlag.forwarded) !== 0,
    isForeign: (flags & CallFlag.foreignDeviceAndNetwork) !== 0,
  };
}

function runsOf(calls: readonly PostedCall[]): NumberRun[] {
  const byNumber = Map.groupBy(calls, ({ called }) => called);
  const runs: number[][] = [];
  for (const number of [...byNumber.keys()].toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.at(-1) === number - 1) last.push(number);
    else runs.push([number]);
  }
  return longest(runs.filter(({ length }) => length >= SHORTEST_RUN).map((run) => runOf(run, byNumber)));
}

function blocksOf(calls: readonly PostedCall[]): NumberRun[] {
  const byNumber = Map.groupBy(calls, ({ called }) => called);
  const blocks = Map.groupBy(
    [...byNumber.keys()].toSorted((a, b) => a - b),
    (called) => Math.floor(called / BLOCK),
  );
  const crowded = [...blocks.values()].filter(({ length }) => length >= SHORTEST_RUN);
  return longest(crowded.map((block) => runOf(block, byNumber)));
}

function runOf(numbers: readonly number[], calls: ReadonlyMap<number, readonly PostedCall[]>): NumberRun {
  return {
    from: formatNumber(numbers[0]!),
    to: formatNumber(numbers.at(-1)!),
    numbers: numbers.length,
    calls: numbers.reduce((sum, number) => sum + (calls.get(number)?.length ?? 0), 0),
  };
}

function longest(runs: readonly NumberRun[]): NumberRun[] {
  return runs.toSorted((a, b) => b.numbers - a.numbers || b.calls - a.calls).slice(0, MOST_RUNS);
}
