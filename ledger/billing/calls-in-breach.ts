import { type Coverage, type EntryKind, CallFlag } from '../../rater/index.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import { CopiedRows } from '../database/copied-rows.ts';
import type { Database } from '../database/database.ts';
import { COVERAGE_BY_CODE, KIND_BY_CODE } from '../entries/entry-columns.ts';
import { arrayText } from '../stretches/stretch-store.ts';

/** A span of a line in terms of the start of calls, `[from, to)`, ms since the epoch; `line` is the ledger's number. */
export interface LineSpanInPeriod {
  readonly bucket: number;
  readonly line: number;
  readonly condition: string;
  /** The month of the breach, yyyymm. */
  readonly period: number;
  readonly from: number;
  readonly to: number;
  readonly classes: readonly string[];
}

/** Whose calls are added up, by the ledger's numbers. */
export interface LineToSum {
  readonly bucket: number;
  readonly account: number;
  readonly line: number;
}

/** Metered calls of one reason, and what they cost (micros). */
export interface MeteredSum {
  readonly reason: string;
  /** The month (yyyymm) of the breach that holds them; the period itself where no earlier one does. */
  readonly heldBy: number;
  calls: number;
  charge: number;
}

/** What the calls of a line come to in a period, each as its latest entry has it. Money in micros. */
export interface LineSums {
  includedCalls: number;
  includedPrice: number;
  atStakeCalls: number;
  atStake: number;
  reratedCalls: number;
  reratedCharge: number;
  /** The numbers that it called, as far as `distinct-numbers` counts them. */
  readonly numbers: Set<number>;
  readonly metered: MeteredSum[];
}

/** Spans in which breaches meter calls of the lines, or would if they were confirmed. */
export interface SpansOfLines {
  readonly held: readonly LineSpanInPeriod[];
  readonly undecided: readonly LineSpanInPeriod[];
}

/**
 * Adds up the calls of lines in a period (yyyymm), by the ledger's number of the line; a line without a call has no
 * sums. One pass over the entries of their accounts, some 2 µs each; none is kept.
 */
export async function sumCallsOfLines(
  db: Pick<Database, 'copyOut'>,
  period: number,
  lines: readonly LineToSum[],
  spans: SpansOfLines,
): Promise<ReadonlyMap<number, LineSums>> {
  const adder = new CallAdder(period, spans);
  if (lines.length > 0) {
    for await (const rows of CopiedRows.inParts(db.copyOut(entriesOf(period, lines)))) adder.addEntries(rows);
  }
  return adder.finish();
}

/** By call and revision, which is the order of an index. COPY takes no parameters: all that goes in is a number. */
function entriesOf(period: number, lines: readonly LineToSum[]): string {
  const accounts = [...new Map(lines.map((line) => [line.account, line])).values()];
  return `copy (
    select e.account, e.identity, e.kind, e.line, e.coverage, e.reason, e.metered_price, e.started_at,
           e.duration_ms > 0 and e.offer is not null and e.flags & ${CallFlag.forwarded} = 0, e.called
    from unnest(${arrayText(accounts.map(({ bucket }) => bucket))}::smallint[],
                ${arrayText(accounts.map(({ account }) => account))}::int[]) as a (bucket, account)
    join entry e on e.period = ${Number(period)} and e.bucket = a.bucket and e.account = a.account
    where e.line = any(${arrayText(lines.map(({ line }) => line))}::int[])
    order by e.bucket, e.account, e.identity, e.revision
  ) to stdout (format binary)`;
}

/** Adds up calls whose entries come in order of call and revision. */
class CallAdder {
  readonly #period: number;
  readonly #held: ReadonlyMap<number, readonly LineSpanInPeriod[]>;
  readonly #undecided: ReadonlyMap<number, readonly LineSpanInPeriod[]>;
  readonly #sums = new Map<number, LineSums>();
  /** The call whose entries come, as the last of them has it. */
  readonly #call = newCall();

  constructor(period: number, { held, undecided }: SpansOfLines) {
    this.#period = period;
    this.#held = Map.groupBy(held, ({ line }) => line);
    this.#undecided = Map.groupBy(undecided, ({ line }) => line);
  }

  /** Takes rows as `entriesOf` selects them. */
  addEntries(rows: CopiedRows): void {
    const call = this.#call;
    while (rows.next()) {
      const account = rows.int32();
      const identityHigh = rows.highInt32();
      const identityLow = rows.lowInt32();
      if (identityLow !== call.identityLow || identityHigh !== call.identityHigh || account !== call.account) {
        this.#addCall();
        call.account = account;
        call.identityHigh = identityHigh;
        call.identityLow = identityLow;
      }
      const kind: EntryKind | undefined = KIND_BY_CODE[rows.letter() ?? 0];
      call.line = rows.int32();
      const coverage = rows.letter();
      call.coverage = coverage === null ? null : (COVERAGE_BY_CODE[coverage] ?? null);
      if (kind === 'usage') call.ratedCoverage = call.coverage;
      call.reason = rows.sharedText() ?? '';
      call.meteredPrice = rows.int64() ?? 0;
      call.startedAt = rows.instant() ?? 0;
      call.countsAsNumber = rows.boolean();
      call.called = rows.int64() ?? 0;
    }
  }

  /** Adds the last call; then returns what each line's calls come to. */
  finish(): ReadonlyMap<number, LineSums> {
    this.#addCall();
    return this.#sums;
  }

  #addCall(): void {
    const call = this.#call;
    if (call.account === NO_ACCOUNT) return;
    const { line, coverage, meteredPrice } = call;
    let sums = this.#sums.get(line);
    if (sums === undefined) this.#sums.set(line, (sums = newSums()));
    if (coverage === 'included') {
      sums.includedCalls++;
      sums.includedPrice += meteredPrice;
      if (this.#isAtStake(call)) {
        sums.atStakeCalls++;
        sums.atStake += meteredPrice;
      }
    } else if (coverage === 'metered') {
      const metered = this.#meteredSum(sums, call);
      metered.calls++;
      metered.charge += meteredPrice;
      if (call.ratedCoverage === 'included' && CONDITIONS.has(call.reason)) {
        sums.reratedCalls++;
        sums.reratedCharge += meteredPrice;
      }
    } else return;
    if (call.countsAsNumber) sums.numbers.add(call.called);
  }

  /** The reason of an included call is the class of its destination. */
  #isAtStake({ line, startedAt, reason }: PostedCall): boolean {
    const spans = this.#undecided.get(line) ?? [];
    return spans.some(({ from, to, classes }) => startedAt >= from && startedAt < to && classes.includes(reason));
  }

  /** Where this month's breach and an earlier one both hold a call, the earlier is named: it must be lifted first. */
  #meteredSum({ metered }: LineSums, { line, startedAt, reason }: PostedCall): MeteredSum {
    let heldBy = Infinity;
    for (const span of this.#held.get(line) ?? []) {
      if (span.condition === reason && startedAt >= span.from && startedAt < span.to) {
        heldBy = Math.min(heldBy, span.period);
      }
    }
    if (heldBy === Infinity) heldBy = this.#period;
    const known = metered.find((sum) => sum.reason === reason && sum.heldBy === heldBy);
    if (known !== undefined) return known;
    const sum = { reason, heldBy, calls: 0, charge: 0 };
    metered.push(sum);
    return sum;
  }
}

const CONDITIONS: ReadonlySet<string> = new Set(CONDITION_IDS);

/** The ledger numbers accounts from 1. */
const NO_ACCOUNT = -1;

interface PostedCall {
  account: number;
  identityHigh: number;
  identityLow: number;
  line: number;
  /** `null`: all of it was taken back. */
  coverage: Coverage | null;
  /** What its record was rated as, before anything was corrected. */
  ratedCoverage: Coverage | null;
  reason: string;
  meteredPrice: number;
  /** ms since the epoch. */
  startedAt: number;
  countsAsNumber: boolean;
  called: number;
}

function newCall(): PostedCall {
  return {
    account: NO_ACCOUNT,
    identityHigh: 0,
    identityLow: 0,
    line: 0,
    coverage: null,
    ratedCoverage: null,
    reason: '',
    meteredPrice: 0,
    startedAt: 0,
    countsAsNumber: false,
    called: 0,
  };
}

/** Those of a line without a call. */
export function newSums(): LineSums {
  return {
    includedCalls: 0,
    includedPrice: 0,
    atStakeCalls: 0,
    atStake: 0,
    reratedCalls: 0,
    reratedCharge: 0,
    numbers: new Set(),
    metered: [],
  };
}
