import { type FactSpan, tickOf } from './fact-span.ts';
import { type Hold, NO_HOLDS } from '../month/holds.ts';
import type { Decision } from './line.ts';
import type { MonthState } from '../month/month-state.ts';

/** What of a line never changes. */
export interface LineIdentity {
  readonly id: string;
  /** The ledger's numbers of the line and its account. */
  readonly no: number;
  readonly account: number;
  readonly bucket: number;
}

/** Where the last calls of lines are remembered: `LineRecords` of the fast lane. */
interface LastCalls {
  forget(place: number): void;
}

/** A line as the rater holds it: its compiled facts, and the cache of what the ledger says of its months. */
export class LineState implements LineIdentity {
  readonly id: string;
  readonly no: number;
  readonly account: number;
  readonly bucket: number;
  /** By period (yyyymm). */
  readonly months: Map<number, MonthState>;
  decisions: readonly Decision[] = NO_DECISIONS;
  /** The span of facts that was asked for last. */
  lastFactSpan: FactSpan | null = null;
  #factSpans: readonly FactSpan[];
  #lastMonth: MonthState | null = null;
  #holds: readonly Hold[] = NO_HOLDS;
  /**
   * What a directory remembers of the line's last call, and where: forgotten when anything changes that it hangs on.
   */
  #records: LastCalls | null = null;
  #place = 0;

  constructor(
    { id, no, account, bucket }: LineIdentity,
    factSpans: readonly FactSpan[],
    months = new Map<number, MonthState>(),
  ) {
    this.id = id;
    this.no = no;
    this.account = account;
    this.bucket = bucket;
    this.months = months;
    this.#factSpans = factSpans;
  }

  get factSpans(): readonly FactSpan[] {
    return this.#factSpans;
  }

  /** Replaced when a fact is entered. */
  set factSpans(factSpans: readonly FactSpan[]) {
    this.#factSpans = factSpans;
    this.lastFactSpan = null;
    this.forgetLastCall();
  }

  /** The month that was asked for last, whose calls are all in memory: most calls of a line are of one. */
  get lastMonth(): MonthState | null {
    return this.#lastMonth;
  }

  set lastMonth(month: MonthState | null) {
    this.#lastMonth = month;
    this.forgetLastCall();
  }

  /** Of all periods: some run on into later ones. */
  get holds(): readonly Hold[] {
    return this.#holds;
  }

  set holds(holds: readonly Hold[]) {
    this.#holds = holds;
    this.forgetLastCall();
  }

  /** Says where a directory remembers the line's last call. */
  recordAt(records: LastCalls, place: number): void {
    this.#records = records;
    this.#place = place;
    this.forgetLastCall();
  }

  /** Has the directory forget the line's last call. */
  forgetLastCall(): void {
    this.#records?.forget(this.#place);
  }
}

const NO_DECISIONS: readonly Decision[] = [];

/** The facts in force at `instant` (ms since the epoch); `null` outside every span of the line. */
export function factSpanAt(line: LineState, instant: number): FactSpan | null {
  const { lastFactSpan, factSpans } = line;
  if (lastFactSpan !== null) {
    const tick = tickOf(instant);
    if (tick >= lastFactSpan.firstTick && tick < lastFactSpan.endTick) return lastFactSpan;
  }
  for (let index = 0; index < factSpans.length; index++) {
    const factSpan = factSpans[index]!;
    if (instant < factSpan.from || instant >= factSpan.to) continue;
    line.lastFactSpan = factSpan;
    return factSpan;
  }
  return null;
}
