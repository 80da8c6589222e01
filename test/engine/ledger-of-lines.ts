import { readFileSync } from 'node:fs';
import { type Database, readSourceCounts } from '../../ledger/index.ts';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import type { Line } from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import { type LedgerServer, openLedgerServer } from '../support/ledger-server.ts';
import { LedgerUnderTest, deliveryOf } from '../support/ledger-under-test.ts';
import type { DatabaseKind } from '../support/test-database.ts';

const OFFER: Offer = JSON.parse(
  readFileSync(new URL('../../rules/offers/full-illimite.json', import.meta.url), 'utf8'),
);
const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n1246,0.48\n';

/** A line of an account of its own, from the beginning of time. */
export function lineOf(id: string, account: string, given: Partial<Line['spans'][number]> = {}): Line {
  const facts = { offer: OFFER.id, usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;
  return {
    id,
    account,
    spans: [{ from: 0, to: Infinity, number: null, ...facts, ...given }],
    devices: [],
    networks: [],
  };
}

/** What a test of one source works with. */
export interface LedgerWithSource {
  readonly db: Database;
  readonly ledger: LedgerUnderTest;
  readonly engine: RatingEngine;
  readonly source: Source;
}

/** Ledgers for the tests of a file, one after the other, on one kind of database. */
export class Ledgers {
  readonly #kind: DatabaseKind;
  #server: LedgerServer | null = null;

  constructor(kind: DatabaseKind) {
    this.#kind = kind;
  }

  /** A ledger with lines L1 to L4, of accounts A1 to A4. */
  async open(): Promise<LedgerUnderTest> {
    const ledger = await this.#empty();
    await ledger.provision([1, 2, 3, 4].map((no) => lineOf(`L${no}`, `A${no}`)));
    return ledger;
  }

  /** The same, with an engine and a source that goes into it. */
  async openWithSource(name = 'file:one'): Promise<LedgerWithSource> {
    const ledger = await this.open();
    return { db: ledger.db, ledger, engine: ledger.otherEngine(), source: new Source(ledger.db, name) };
  }

  async #empty(): Promise<LedgerUnderTest> {
    this.#server ??= await openLedgerServer(this.#kind);
    return LedgerUnderTest.open(this.#server, [OFFER], DECK);
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}

/** A call of a minute of line L1, in canonical NDJSON, but for what is given. */
export function recordOf(call: string, given: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    v: 1,
    switch: 'sbc',
    call,
    line: 'L1',
    to: '+33612345678',
    answered: '2026-11-03T10:00:00.000Z',
    durationMs: 60_000,
    ...given,
  });
}

/** A source of records, which goes on where it ended, whatever engine takes it in. */
export class Source {
  readonly name: string;
  readonly #db: Database;
  #position = 0;

  constructor(db: Database, name: string) {
    this.#db = db;
    this.name = name;
  }

  async give(engine: RatingEngine, ...records: readonly string[]): Promise<void> {
    const delivery = deliveryOf(records, this.#position, this.name);
    // A file can be read once more, a topic can't.
    await engine.take(this.name.startsWith('file:') ? { ...delivery, firstReading: this.name } : delivery);
    this.#position = delivery.to;
  }

  /** What became of its records, by outcome and reason; throws when they do not add up to those received. */
  async counts(): Promise<Record<string, number>> {
    const counts = (await readSourceCounts(this.#db, this.name)).map(({ outcome, reason, records }) => {
      return [[outcome, reason].join(' ').trim(), records] as const;
    });
    const { received = 0, ...outcomes } = Object.fromEntries(counts);
    const sum = Object.values(outcomes).reduce((total, records) => total + records, 0);
    if (sum !== received) throw new Error(`${received} records received, ${sum} accounted for`);
    return Object.fromEntries(counts.filter(([, records]) => records !== 0));
  }
}
