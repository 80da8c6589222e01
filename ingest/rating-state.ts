import {
  type Decision,
  Directory,
  type Finding,
  type LineState,
  type MonthState,
  type RatingContext,
  SeenCalls,
  emptyMonthState,
  factEpochs,
  holdsOf,
  offersBetween,
  takeIn,
} from '../rater/index.ts';
import {
  type Database,
  type Head,
  ensurePeriod,
  loadDecisions,
  loadDirectory,
  loadStandingBreaches,
  quarantinedIdentities,
  readHeads,
  visitMonth,
} from '../ledger/index.ts';
import type { CivilTime, NumberingPlan } from '../tariffs/index.ts';
import type { Catalogue } from './catalogue.ts';
import { halvesOf } from './identity-halves.ts';

/** A bucket as this process believes it to be; whoever locks it checks that. */
export interface CachedHead {
  /** The last feed position that is committed. */
  position: number;
  readonly facts: number;
}

/**
 * What a rating process keeps in memory: the lines with their facts, the measures of their months, which calls were seen
 * and the heads of the buckets. All of it is a cache of the ledger: it can be thrown away at any time and is loaded again.
 */
export class RatingState {
  readonly #db: Database;
  readonly #catalogue: Catalogue;
  readonly context: RatingContext;
  readonly heads: ReadonlyMap<number, CachedHead>;
  readonly seen = new SeenCalls();
  readonly #lineByNo: ReadonlyMap<number, LineState>;
  readonly #periods = new Set<number>();
  readonly #identityPeriods = new Set<number>();

  private constructor(
    db: Database,
    catalogue: Catalogue,
    directory: Directory,
    heads: ReadonlyMap<number, CachedHead>,
    lines: readonly LineState[],
  ) {
    this.#db = db;
    this.#catalogue = catalogue;
    const { plan, deck, civilTime } = catalogue;
    this.context = { plan, deck, civilTime, directory };
    this.heads = heads;
    this.#lineByNo = new Map(lines.map((line) => [line.no, line]));
  }

  /** Loads lines, decisions and verdicts; months follow when a call asks for them. */
  static async load(db: Database, catalogue: Catalogue): Promise<RatingState> {
    // Heads first: what is loaded after them is at least as new, and the lock tells when it was newer.
    const heads = await readHeads(db);
    const lines = await loadLineStates(db, catalogue);
    const directory = directoryOf(lines, catalogue.plan);
    const cached = heads.map(({ bucket, position, facts }): [number, CachedHead] => [bucket, { position, facts }]);
    const state = new RatingState(db, catalogue, directory, new Map(cached), lines);
    for (const identity of await quarantinedIdentities(db)) {
      const { high, low } = halvesOf(identity);
      state.seen.add(high, low, 0);
    }
    return state;
  }

  lineOf(no: number): LineState {
    const line = this.#lineByNo.get(no);
    if (line === undefined) throw new Error(`Cannot find the line of number '${no}': it is in the ledger alone`);
    return line;
  }

  /** Whether a bucket is as it was cached. */
  isCurrent({ bucket, position, facts }: Head): boolean {
    const cached = this.heads.get(bucket);
    return cached !== undefined && cached.position === position && cached.facts === facts;
  }

  /** Gives back the memory of all months; the state is not used after. */
  release(): void {
    for (const line of this.#lineByNo.values()) {
      for (const { month } of line.months.values()) month.release();
    }
  }

  bucketOfAccount(account: number): number {
    return this.#catalogue.bucketOfAccount(account);
  }

  /** Whether calls of all these periods can be rated from memory. */
  hasPeriods(periods: ReadonlySet<number>): boolean {
    return [...periods].every((period) => this.#periods.has(period));
  }

  /** Makes ready to rate calls of these periods: their partitions, measures and identities, and their neighbours'. */
  async preparePeriods(periods: Iterable<number>): Promise<void> {
    for (const period of periods) {
      if (this.#periods.has(period)) continue;
      await ensurePeriod(this.#db, period);
      await this.#loadMonth(period);
      await this.#loadIdentities(this.context.civilTime.previousPeriod(period));
      await this.#loadIdentities(this.context.civilTime.nextPeriod(period));
    }
  }

  async #loadMonth(period: number): Promise<void> {
    const { civilTime } = this.context;
    const visitIdentity = this.#identityPeriods.has(period) ? ignore : this.#addIdentity;
    await visitMonth(
      this.#db,
      period,
      (call) => {
        const offer = call.offer === 0 ? null : this.#catalogue.offerOf(call.offer);
        const month = monthOf(this.lineOf(call.line), period, civilTime);
        if (!month.isFromLedger) takeIn(month, { ...call, offer }, civilTime);
      },
      visitIdentity,
    );
    this.#periods.add(period);
    this.#identityPeriods.add(period);
  }

  /** A record may come again with a start in the month before or after. */
  async #loadIdentities(period: number): Promise<void> {
    if (this.#identityPeriods.has(period)) return;
    await ensurePeriod(this.#db, period);
    await visitMonth(this.#db, period, ignore, this.#addIdentity);
    this.#identityPeriods.add(period);
  }

  readonly #addIdentity = (account: number, high: number, low: number): void => this.seen.add(high, low, account);
}

function ignore(): void {}

/** The cached month of a line; an empty one when nothing is known of it. */
export function monthOf(line: LineState, period: number, civilTime: CivilTime): MonthState {
  if (line.lastMonth !== null && line.lastMonth.period === period) return line.lastMonth;
  const known = line.months.get(period);
  if (known !== undefined) {
    line.lastMonth = known;
    return known;
  }
  const month = emptyMonthState(line.epochs, period, civilTime);
  line.months.set(period, month);
  return month;
}

async function loadLineStates(db: Database, catalogue: Catalogue): Promise<LineState[]> {
  const { lines } = await loadDirectory(db);
  const decisions = Map.groupBy(await loadDecisions(db), ({ lineNo }) => lineNo);
  const breaches = Map.groupBy(await loadStandingBreaches(db), ({ line }) => line);
  return lines.map((line) => {
    const state: LineState = {
      id: line.id,
      no: line.no,
      account: line.accountNo,
      bucket: line.bucket,
      epochs: factEpochs(line, catalogue.offers),
      decisions: decisions.get(line.no)?.map(({ decision }) => decision) ?? [],
      lastEpoch: null,
      months: new Map(),
      lastMonth: null,
      holds: [],
    };
    for (const { period, finding } of breaches.get(line.no) ?? []) {
      const month = monthOf(state, period, catalogue.civilTime);
      month.findings = [...month.findings, finding];
      month.savedFindings = month.findings;
    }
    state.holds = holdsOfLine(state, catalogue.civilTime);
    return state;
  });
}

function directoryOf(lines: readonly LineState[], plan: NumberingPlan): Directory {
  const directory = new Directory(plan);
  for (const line of lines) directory.put(line);
  return directory;
}

/** Every hold on a line: of each period with findings or decisions. */
export function holdsOfLine(line: LineState, civilTime: CivilTime): LineState['holds'] {
  if (line.decisions.length === 0 && !hasFindings(line)) return [];
  const periods = new Set([...line.months.keys(), ...line.decisions.map(({ period }) => period)]);
  return [...periods]
    .toSorted((a, b) => a - b)
    .flatMap((period) => {
      const findings: readonly Finding[] = line.months.get(period)?.findings ?? [];
      const decisions: readonly Decision[] = line.decisions.filter((decision) => decision.period === period);
      const bounds = { period, start: civilTime.periodStart(period), end: civilTime.periodEnd(period) };
      return holdsOf(bounds, findings, decisions, offersBetween(line.epochs, bounds.start, bounds.end));
    });
}

function hasFindings({ months }: LineState): boolean {
  for (const { findings } of months.values()) if (findings.length > 0) return true;
  return false;
}
