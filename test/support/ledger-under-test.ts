import type { Offer } from '../../rules/index.ts';
import type { Decision, Line } from '../../rater/index.ts';
import type { EngineOptions } from '../../engine/engine-options.ts';
import { RatingEngine } from '../../engine/rating-engine.ts';
import { loadCatalogue } from '../../engine/load-catalogue.ts';
import { canonicalNdjson } from '../../formats/canonical/canonical-ndjson.ts';
import { DEFAULT_START_WINDOW, receiptAt } from '../../engine/starts/plausible-starts.ts';
import { type DeliveredRecord, type Delivery, UndecodedRecord, lazyDelivery } from '../../engine/delivery.ts';
import {
  addToDeckSchedule,
  type Database,
  addDecision,
  countFactChange,
  loadDecisions,
  loadLines,
  lockHeads,
  markLinesStale,
  registerOffer,
  registerRateDeck,
} from '../../ledger/index.ts';
import { decideCase } from '../../services/cases/decide-case.ts';
import type { DecisionRequest } from '../../services/cases/decision-request.ts';
import { movePeriod } from '../../services/billing/move-period.ts';
import { nextToClose } from '../../services/billing/period-states.ts';
import { refusalSentence } from '../../services/refusals.ts';
import { showPeriod } from '../../services/value-text.ts';
import { compileDeck, formatDeckFault, parseDeck } from '../../tariffs/index.ts';
import { loadNumberingPlan } from '../../bin/load-numbering-plan.ts';
import { registerDeck } from '../../services/decks/register-deck.ts';
import type { LedgerServer } from './ledger-server.ts';
import { numbersFrom, packSomewhere } from './pack-somewhere.ts';
import { storeProvisioning } from './store-provisioning.ts';

export const plan = loadNumberingPlan();

const DEFAULTS = { name: 'test', currency: 'EUR', timeZone: 'Europe/Paris' };
/** When months are closed, as the service is told: each of them is over by then. */
const LONG_AFTER = Date.UTC(2090, 0, 1);

/** A ledger in a schema of its own, and the engine on it; what a test does to it is what people and switches do. */
export class LedgerUnderTest {
  readonly db: Database;
  #engine: RatingEngine;
  #engines = 0;
  #position = 0;
  readonly #random = numbersFrom(22);

  private constructor(db: Database) {
    this.db = db;
    this.#engine = this.#newEngine();
  }

  /** An empty ledger, of use until the next is opened on that server. */
  static async open(server: LedgerServer, offers: readonly Offer[], deckCsv: string): Promise<LedgerUnderTest> {
    return LedgerUnderTest.on(await server.newLedger(), offers, deckCsv);
  }

  /** A ledger on an empty, migrated database. */
  static async on(db: Database, offers: readonly Offer[], deckCsv: string): Promise<LedgerUnderTest> {
    for (const offer of offers) await registerOffer(db, offer);
    const parsed = parseDeck(deckCsv, DEFAULTS);
    if (parsed.kind === 'faults') throw new Error(parsed.faults.map(formatDeckFault).join('\n'));
    const deckNo = await registerRateDeck(db, {
      ...DEFAULTS,
      version: compileDeck(parsed.deck).version,
      document: deckCsv,
    });
    await addToDeckSchedule(db, [{ basis: 'call-start', from: -Infinity, deckNo }], 'test');
    return new LedgerUnderTest(db);
  }

  /** Takes in records, as one batch of one source; `receivedAt`: when each reached its source, where that is known. */
  async deliver(
    texts: readonly string[],
    receivedAt: readonly (number | null)[] = [],
  ): Promise<ReadonlyMap<string, number>> {
    const delivery = deliveryOf(texts, this.#position, 'test', receivedAt);
    this.#position = delivery.to;
    return this.#engine.take(delivery);
  }

  /** Settles again what waits in quarantine, or what a person accepts of it. */
  get engine(): RatingEngine {
    return this.#engine;
  }

  /** Settles what no process had in memory together. */
  async sweep(): Promise<void> {
    await this.#engine.sweep();
  }

  /** Another process on the same ledger, with a memory of its own. */
  otherEngine(db: Database = this.db, options: EngineOptions = {}): RatingEngine {
    return this.#newEngine(db, options);
  }

  /** The process dies, and another takes over from what is stored, some of it packed. */
  async restart(): Promise<void> {
    this.#engine = this.#newEngine();
    await packSomewhere(this.db, this.#random);
  }

  #newEngine(db: Database = this.db, options: EngineOptions = {}): RatingEngine {
    const recordsAStep = RECORDS_A_STEP[this.#engines++ % RECORDS_A_STEP.length]!;
    return new RatingEngine(db, () => loadCatalogue(db, plan), { recordsAStep, ...options });
  }

  async provision(lines: readonly Line[]): Promise<void> {
    const accounts = [...new Set(lines.map(({ account }) => account))].map((id) => ({ id, name: id }));
    await storeProvisioning(this.db, { accounts, lines });
    await this.#engine.catchUp();
  }

  /**
   * Decides as people do, one decision after the other. What is refused is kept all the same: a history decides on
   * what its calls are still to show, and the rules are to stand that, too.
   */
  async decide(decisions: readonly Decision[]): Promise<void> {
    for (const decision of decisions) {
      const outcome = await decideCase({ db: this.db, plan, engine: this.#engine }, requestOf(decision));
      if (outcome.kind === 'refused') await this.#keep(decision);
    }
    await this.#engine.catchUp();
  }

  /** Has a deck price the calls that start from an instant on, ms since the epoch; `-Infinity`: from ever on. */
  async scheduleDeck(deckCsv: string, from: number): Promise<void> {
    const ledger = { db: this.db, plan, engine: this.#engine };
    const deck = await registerDeck(ledger, 'test.csv', deckCsv, { from, by: 'test' });
    if (deck.kind === 'faults') throw new Error(deck.faults.map(formatDeckFault).join('\n'));
    await this.#engine.catchUp();
  }

  /** Closes the month that is the next in order, and says which; `null`: there is no call yet. */
  async closeNext(): Promise<number | null> {
    await this.sweep();
    const next = await nextToClose(this.db);
    if (next === null) return null;
    const access = { db: this.db, plan, engine: this.#engine };
    for (const to of ['closing', 'closed'] as const) {
      const request = { period: showPeriod(next), to, by: 'test', note: 'test', despiteQuarantine: true };
      const outcome = await movePeriod(access, request, LONG_AFTER);
      if (outcome.kind === 'refused') throw new Error(refusalSentence(outcome));
    }
    return next;
  }

  /** All decisions that were kept, as they were. */
  async decisions(): Promise<Decision[]> {
    return (await loadDecisions(this.db)).map(({ decision }) => decision);
  }

  async #keep(decision: Decision): Promise<void> {
    await this.db.transaction(async (tx) => {
      const [line] = await loadLines(tx, { ids: [decision.line] });
      if (line === undefined) throw new Error(`Cannot decide on line '${decision.line}': there is none`);
      await lockHeads(tx, [line.bucket]);
      await addDecision(tx, line, { ...decision, decidedBy: 'test', note: '' });
      await countFactChange(tx, [line.bucket]);
      await markLinesStale(tx, [line]);
    });
  }
}

/** A decision as a person enters it. */
export function requestOf({ line, period, condition, kind, effectiveAt }: Decision): DecisionRequest {
  const at = new Date(effectiveAt).toISOString();
  return { line, period: showPeriod(period), condition, kind, at, by: 'test', note: '' };
}

/**
 * Records a step, of one engine after the other: with few, whatever happens to a batch finds the next one rated in
 * part; with many, records are read some time before they are rated.
 */
const RECORDS_A_STEP = [1, 3, 500];

/** Canonical records as one delivery of a source that stands at `from`. */
export function deliveryOf(
  texts: readonly string[],
  from: number,
  source = 'test',
  receivedAt: readonly (number | null)[] = [],
): Delivery {
  const buffer = Buffer.from(texts.map((text) => `${text}\n`).join(''), 'utf8');
  const records: DeliveredRecord[] = [];
  let start = 0;
  for (const [index, text] of texts.entries()) {
    const end = start + Buffer.byteLength(text);
    const at = receivedAt[index] ?? null;
    const receipt = at === null ? null : receiptAt(at, DEFAULT_START_WINDOW);
    records.push(new UndecodedRecord(canonicalNdjson, buffer, start, end, from + start, 0, start, end, receipt));
    start = end + 1;
  }
  const to = from + Math.max(1, buffer.length);
  return lazyDelivery({ source, partition: 0, format: canonicalNdjson.id, from, to, prefixHash: null }, () => records);
}
