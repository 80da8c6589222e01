import { Counter, Gauge, type Registry } from 'prom-client';
import {
  type Database,
  type WaitingCount,
  countWaiting,
  entriesByCoverage,
  feedEnd,
  ledgerMeasures,
  slowMeasures,
} from '../ledger/index.ts';
import { type ConsumerLag, listConsumers, monthUnclosedFor } from '../services/index.ts';
import { atMostEvery } from './at-most-every.ts';

const MICROS = 1_000_000;
/** However many Prometheus servers ask. */
export const MEASURED_EVERY_MS = 5_000;
/** What takes longer is measured so many times more seldom. */
const SELDOM = 12;
/** Entries that are counted at a time: what came while nobody asked is counted bit by bit. */
const MOST_COUNTED = 500_000;
const COVERAGES = ['included', 'metered', 'free', 'reversed'];
/** A label costs who keeps it: of more readers, those that reported last are shown. */
const MOST_READERS = 100;

/** What the ledger holds that operators watch, in Prometheus' terms; docs/operations.md explains each. */
export class LedgerMetrics {
  readonly #db: Database;
  readonly #now: () => number;
  readonly #entries: Counter;
  readonly #waiting: Gauge;
  readonly #oldestWaiting: Gauge;
  readonly #cases: Gauge;
  readonly #atStake: Gauge;
  readonly #holes: Gauge;
  readonly #unclosed: Gauge;
  readonly #readerLag: Gauge;
  readonly #readerAge: Gauge;
  readonly #readerLost: Gauge;
  readonly #deliveries: Gauge;
  readonly #disabled: Gauge;
  #waits: readonly WaitingCount[] = [];
  #readers: readonly ConsumerLag[] = [];
  /** Up to where entries are counted; `null`: this process has counted none. */
  #counted: readonly number[] | null = null;
  readonly #readOften: () => Promise<void>;
  readonly #readSeldom: () => Promise<void>;

  /**
   * @param now a clock in ms since the epoch
   * @param everyMs the ledger is asked this often at most
   */
  constructor(db: Database, registry: Registry, now: () => number, everyMs: number) {
    this.#db = db;
    this.#now = now;
    this.#readOften = atMostEvery(everyMs, () => this.#readQuick());
    this.#readSeldom = atMostEvery(SELDOM * everyMs, () => this.#readSlow());
    const registers = [registry];
    const gauge = (name: string, help: string, ...labelNames: readonly string[]): Gauge =>
      new Gauge({ name, help, labelNames, registers });
    this.#entries = new Counter({
      name: 'fairtally_entries_total',
      help: 'Entries of the feed since this process began, by coverage',
      labelNames: ['coverage'],
      registers,
    });
    // Growth is reckoned from what was there before.
    for (const coverage of COVERAGES) this.#entries.inc({ coverage }, 0);
    this.#waiting = gauge(
      'fairtally_quarantine_waiting',
      'Records that wait in quarantine, in the whole ledger',
      'reason',
    );
    this.#oldestWaiting = new Gauge({
      name: 'fairtally_quarantine_oldest_seconds',
      help: 'How long the oldest record that waits in quarantine has waited, in the whole ledger',
      labelNames: ['reason'],
      registers,
      collect: () => {
        this.#oldestWaiting.reset();
        for (const { reason, oldestAt } of this.#waits)
          this.#oldestWaiting.set({ reason }, this.#secondsSince(oldestAt));
      },
    });
    this.#cases = gauge('fairtally_cases_open', 'Cases that wait for a decision');
    this.#atStake = gauge(
      'fairtally_money_at_stake',
      'What open cases come to if they are confirmed, in the currency of the decks',
    );
    this.#holes = gauge(
      'fairtally_holes_open',
      'Partitions and files with positions that were passed, or counted twice, and that nothing explains: 0, else lost',
    );
    this.#unclosed = gauge(
      'fairtally_month_unclosed_seconds',
      'For how long the month that is to be closed next has been over; 0 where no month was ever closed',
    );
    this.#readerLag = gauge(
      'fairtally_reader_lag_entries',
      'Entries of the feed after what a reader reported',
      'reader',
    );
    this.#readerAge = new Gauge({
      name: 'fairtally_reader_report_age_seconds',
      help: 'How long ago a reader of the feed last reported how far it is',
      labelNames: ['reader'],
      registers,
      collect: () => {
        this.#readerAge.reset();
        for (const { name, reportedAt } of this.#readers) {
          this.#readerAge.set({ reader: name }, this.#secondsSince(reportedAt));
        }
      },
    });
    this.#readerLost = gauge(
      'fairtally_reader_of_another_ledger',
      '1 while what a reader reported is a place in another ledger than this, such as before a restore',
      'reader',
    );
    this.#deliveries = gauge(
      'fairtally_webhook_deliveries',
      'Deliveries to webhooks that are due, or were given up',
      'state',
    );
    this.#disabled = gauge('fairtally_webhooks_disabled', 'Webhooks that are told nothing more');
  }

  /** Asks the ledger, unless that was done some seconds ago; concurrent calls share one reading. */
  async read(): Promise<void> {
    await this.#readOften();
    await this.#readSeldom();
  }

  #secondsSince(instant: number): number {
    return Math.max(0, this.#now() - instant) / 1000;
  }

  async #readQuick(): Promise<void> {
    await this.#countEntries();
    this.#waits = await countWaiting(this.#db);
    this.#waiting.reset();
    for (const { reason, records } of this.#waits) this.#waiting.set({ reason }, records);
    const measures = await ledgerMeasures(this.#db);
    this.#cases.set(measures.openCases);
    this.#atStake.set(measures.atStake / MICROS);
    this.#deliveries.set({ state: 'due' }, measures.dueDeliveries);
    this.#disabled.set(measures.disabledWebhooks);
    await this.#readReaders();
  }

  async #countEntries(): Promise<void> {
    const { positions } = await feedEnd(this.#db);
    const after = this.#counted ?? positions;
    const upTo = atMostBetween(after, positions, MOST_COUNTED);
    for (const { coverage, entries } of await entriesByCoverage(this.#db, after, upTo)) {
      this.#entries.inc({ coverage }, entries);
    }
    this.#counted = upTo;
  }

  async #readReaders(): Promise<void> {
    const readers = await listConsumers(this.#db);
    this.#readers = readers.toSorted((a, b) => b.reportedAt - a.reportedAt).slice(0, MOST_READERS);
    this.#readerLag.reset();
    this.#readerLost.reset();
    for (const { name: reader, lag } of this.#readers) {
      if (lag !== null) this.#readerLag.set({ reader }, lag);
      this.#readerLost.set({ reader }, lag === null ? 1 : 0);
    }
  }

  async #readSlow(): Promise<void> {
    const { givenUpDeliveries, holes } = await slowMeasures(this.#db);
    this.#deliveries.set({ state: 'given-up' }, givenUpDeliveries);
    this.#holes.set(holes);
    this.#unclosed.set((await monthUnclosedFor(this.#db, this.#now())) / 1000);
  }
}

/**
 * Positions on the way from some to others, by bucket: so many entries further at most. A bucket that went back, as in
 * a copy that was restored, is where it went.
 */
export function atMostBetween(after: readonly number[], positions: readonly number[], most: number): number[] {
  let left = most;
  return positions.map((position, bucket) => {
    const from = after[bucket] ?? position;
    if (position <= from) return position;
    const upTo = Math.min(position, from + left);
    left -= upTo - from;
    return upTo;
  });
}
