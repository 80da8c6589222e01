import {
  type LineVerdicts,
  type OfferTerms,
  holdsOfFindings,
  loadLineVerdicts,
  loadOfferTerms,
  undecidedHolds,
} from '../../engine/index.ts';
import {
  type DecisionOnLine,
  type Queryable,
  type linesInBreach,
  decisionsOnLines,
  linesWithVerdicts,
} from '../../ledger/index.ts';
import { type Decision, type Hold, reinstatementEnding } from '../../rater/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';
import type { LedgerReading } from '../ledger-access.ts';

type BreachSearch = NonNullable<Parameters<typeof linesInBreach>[2]>;
type LineSpanInPeriod = NonNullable<BreachSearch['held']>[number];

/** What breaches and decisions hold in a period, as the rater says it: what holds a call must have one definition. */
export interface PeriodHolds {
  /** Holds of breaches of earlier months that reach into the period. */
  readonly held: readonly LineSpanInPeriod[];
  /** What the period's breaches that wait for a decision would hold if they were confirmed. */
  readonly undecided: readonly LineSpanInPeriod[];
  /** The hold of the period's own breach, by the ledger's number of the line. */
  own(line: number, condition: string): OwnHold | null;
}

/** What a breach holds, and the decision that ended it; `null`: it ends by itself, or not at all. */
export interface OwnHold {
  readonly hold: Hold;
  readonly reinstatement: DecisionOnLine | null;
}

/** Lines of which verdicts are in memory at once: a report of a year's breaches must not hold them all. */
const LINES_A_PAGE = 2000;

/** Reads what is held in a period, line by line: only lines with breaches or decisions are asked for. */
export async function holdsInPeriod({ db, plan }: LedgerReading, period: number): Promise<PeriodHolds> {
  const terms = await loadOfferTerms(db, plan);
  const found = new FoundHolds(period, terms.civilTime);
  for (let afterNo = -1; ;) {
    const page = await linesWithVerdicts(db, period, afterNo, LINES_A_PAGE);
    const last = page.at(-1);
    if (last === undefined) return found;
    afterNo = last.no;
    await found.add(db, terms, { nos: page.map(({ no }) => no) });
  }
}

/** The same of one line, by its id. */
export async function holdsOfLineInPeriod(
  { db, plan }: LedgerReading,
  period: number,
  line: string,
): Promise<PeriodHolds> {
  const terms = await loadOfferTerms(db, plan);
  const found = new FoundHolds(period, terms.civilTime);
  await found.add(db, terms, { ids: [line] });
  return found;
}

/** What of the lines' verdicts concerns one period; the rest of them is dropped as soon as it was read. */
class FoundHolds implements PeriodHolds {
  readonly held: LineSpanInPeriod[] = [];
  readonly undecided: LineSpanInPeriod[] = [];
  readonly #own = new Map<string, OwnHold>();
  readonly #period: number;
  readonly #civilTime: CivilTime;

  constructor(period: number, civilTime: CivilTime) {
    this.#period = period;
    this.#civilTime = civilTime;
  }

  own(line: number, condition: string): OwnHold | null {
    return this.#own.get(`${line} ${condition}`) ?? null;
  }

  async add(q: Queryable, terms: OfferTerms, which: Parameters<typeof loadLineVerdicts>[2]): Promise<void> {
    const lines = await loadLineVerdicts(q, terms, which);
    const held = lines.filter(({ holds }) => holds.some(({ period }) => period === this.#period));
    const decisions = await decisionsOnLines(
      q,
      held.filter((line) => line.decisions.length > 0),
    );
    for (const line of lines) this.#addLine(line, decisions.get(line.no) ?? []);
  }

  #addLine(line: LineVerdicts, decisions: readonly DecisionOnLine[]): void {
    const period = this.#period;
    const start = this.#civilTime.periodStart(period);
    const end = this.#civilTime.periodEnd(period);
    for (const hold of line.holds) {
      if (hold.period === period) {
        const reinstatement = hold.onlyBreakingCalls ? null : reinstatementEnding(hold, decisions);
        this.#own.set(`${line.no} ${hold.condition}`, { hold, reinstatement });
      }
      if (hold.period < period && hold.to > start) this.held.push(spanOf(line, hold, start, end));
    }
    const findings = line.findings.get(period) ?? [];
    const undecided = undecidedHolds(line, period, findings, line.terms);
    this.undecided.push(...undecided.map((hold) => spanOf(line, hold, start, end)));
  }
}

/** Every hold on a line as it would be after more decisions. */
export function holdsOfLineAfter(
  { no, factSpans, decisions, findings, terms }: LineVerdicts,
  more: readonly Decision[],
): readonly Hold[] {
  return holdsOfFindings({ no, factSpans, decisions: [...decisions, ...more] }, findings, terms);
}

function spanOf(line: LineVerdicts, hold: Hold, start: number, end: number): LineSpanInPeriod {
  return {
    bucket: line.bucket,
    line: line.no,
    condition: hold.condition,
    period: hold.period,
    from: Math.max(hold.from, start),
    to: Math.min(hold.to, end),
    classes: hold.onlyBreakingCalls ? [] : hold.classes,
  };
}
