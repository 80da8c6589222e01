import { type Decision, Directory, LineState, NO_CLOSES, factSpansOf, offersBetween } from '../../rater/index.ts';
import {
  type Database,
  type LineKey,
  type NumberedLine,
  type Queryable,
  loadDecisions,
  loadDecisionsOn,
  loadEveryLine,
  loadLines,
} from '../../ledger/index.ts';
import type { Catalogue } from '../catalogue.ts';
import { type HoldTerms, holdsOfLine } from '../verdicts/line-holds.ts';

/** The lines of some buckets, or some lines. */
export type WhichLines = { readonly buckets: readonly number[] } | { readonly lines: readonly LineKey[] };

/** All lines of the ledger with their facts and decisions, found by whatever names them. */
export class LineTable {
  readonly directory: Directory;
  /** Replaced when a period is closed. */
  holdTerms: HoldTerms;
  readonly #catalogue: Catalogue;
  readonly #byNo = new Map<number, LineState>();
  readonly #ofBucket = new Map<number, LineState[]>();
  readonly #bucketOfAccount = new Map<number, number>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
    this.directory = new Directory(catalogue.plan);
    this.holdTerms = { civilTime: catalogue.civilTime, closes: NO_CLOSES };
  }

  /** The lines by the ledger's numbers of them. */
  get byNo(): ReadonlyMap<number, LineState> {
    return this.#byNo;
  }

  get size(): number {
    return this.#byNo.size;
  }

  /** The line of the ledger's number `no`. */
  of(no: number): LineState {
    const line = this.#byNo.get(no);
    if (line === undefined) throw new Error(`Cannot find the line of number '${no}': it is in the ledger alone`);
    return line;
  }

  all(): Iterable<LineState> {
    return this.#byNo.values();
  }

  ofBucket(bucket: number): readonly LineState[] {
    return this.#ofBucket.get(bucket) ?? [];
  }

  /** The bucket of an account that has lines, by the ledger's number of it. */
  bucketOfAccount(account: number): number {
    const bucket = this.#bucketOfAccount.get(account);
    if (bucket === undefined) throw new Error(`Cannot find the bucket of account number '${account}': it has no line`);
    return bucket;
  }

  /** Loads all lines into an empty table. */
  async loadAll(db: Database): Promise<void> {
    const decisions = Map.groupBy(await loadDecisions(db), ({ lineNo }) => lineNo);
    for (const line of await loadEveryLine(db)) {
      this.#add(line, decisions.get(line.no)?.map(({ decision }) => decision) ?? NO_DECISIONS);
    }
  }

  /** Loads lines; returns those that are new or of which something is not as it was. */
  async load(q: Queryable, which: WhichLines): Promise<LineState[]> {
    const lines = await loadLines(q, 'lines' in which ? { nos: which.lines.map(({ no }) => no) } : which);
    const taken = 'lines' in which ? loadDecisionsOn(q, which.lines) : loadDecisions(q, which.buckets);
    const decisions = Map.groupBy(await taken, ({ lineNo }) => lineNo);
    const changed: LineState[] = [];
    for (const line of lines) {
      const own = decisions.get(line.no)?.map(({ decision }) => decision) ?? NO_DECISIONS;
      const known = this.#byNo.get(line.no);
      if (known === undefined) changed.push(this.#add(line, own));
      else if (this.#update(known, line, own)) changed.push(known);
    }
    return changed;
  }

  #add(line: NumberedLine, decisions: readonly Decision[]): LineState {
    const { id, no, accountNo: account, bucket } = line;
    const state = new LineState({ id, no, account, bucket }, factSpansOf(line, this.#catalogue.offers));
    state.decisions = decisions;
    state.holds = holdsOfLine(state, this.holdTerms);
    this.#byNo.set(line.no, state);
    this.#bucketOfAccount.set(line.accountNo, line.bucket);
    const ofBucket = this.#ofBucket.get(line.bucket);
    if (ofBucket === undefined) this.#ofBucket.set(line.bucket, [state]);
    else ofBucket.push(state);
    this.directory.put(state);
    return state;
  }

  /** Replaces a line's facts and decisions in place: batches under way hold on to the line. */
  #update(known: LineState, line: NumberedLine, decisions: readonly Decision[]): boolean {
    const factSpans = factSpansOf(line, this.#catalogue.offers);
    const hasSameFacts = factSpansText(factSpans) === factSpansText(known.factSpans);
    if (hasSameFacts && JSON.stringify(decisions) === JSON.stringify(known.decisions)) return false;
    this.directory.remove(known);
    known.factSpans = factSpans;
    known.decisions = decisions;
    this.directory.put(known);
    this.#renewMonths(known);
    return true;
  }

  #renewMonths(line: LineState): void {
    const { civilTime } = this.#catalogue;
    for (const month of line.months.values()) {
      const { period } = month;
      month.offers = offersBetween(line.factSpans, civilTime.periodStart(period), civilTime.periodEnd(period));
    }
    line.holds = holdsOfLine(line, this.holdTerms);
  }
}

const NO_DECISIONS: readonly Decision[] = [];

/** Equal for the same facts; what a span remembers of the last call does not count. */
function factSpansText(factSpans: LineState['factSpans']): string {
  return factSpans
    .map(({ from, to, number, offer, usageClass, mobility, equipment, devices, networks }) =>
      [from, to, number, offer?.no, usageClass, mobility, equipment, JSON.stringify([devices, networks])].join(),
    )
    .join('\n');
}
