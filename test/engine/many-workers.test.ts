import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../engine/delivery.ts';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { type Database, DatabaseError, readSourcePosition } from '../../ledger/index.ts';
import type { Decision } from '../../rater/index.ts';
import { smallForfaitInReview } from '../rules/offers-for-test.ts';
import { type LedgerUnderTest, deliveryOf } from '../support/ledger-under-test.ts';
import { collidingIds } from '../support/colliding-ids.ts';
import { deckCsvOf } from '../support/oracle/deck-csv.ts';
import { histories } from '../support/oracle/histories.ts';
import {
  type Delivery as Arrival,
  type History,
  type HistoryStep,
  receivedAtOf,
  stepsOf,
} from '../support/oracle/history.ts';
import { stakeDifferences } from '../support/stake-differences.ts';
import { onPostgres } from '../support/postgres-ledger.ts';
import { oracleLedger, wholeLedger } from '../support/whole-ledger.ts';
import { runsOf } from '../support/runs.ts';

/** HISTORIES and SEED make a long run that nobody has seen; CASE, one of it. */
const RUNS = runsOf(5);
const SEED = { seed: Number(process.env['SEED'] ?? 20_261_121) };
const CASE = process.env['CASE'] === undefined ? {} : { path: process.env['CASE'] };

/** How a history comes to two workers, and what happens to them. */
interface Upheaval {
  /** Records of an account go to one worker; else they go to any, as from a topic that was wrongly declared. */
  readonly isKeyed: boolean;
  readonly maxBucketMonths: number;
  /** Where each record goes, and what befalls each step, taken in turn. */
  readonly coins: readonly number[];
}

const upheaval: fc.Arbitrary<Upheaval> = fc.record({
  isKeyed: fc.boolean(),
  maxBucketMonths: fc.constantFrom(1, 2, 192),
  coins: fc.array(fc.nat({ max: 999 }), { minLength: 7, maxLength: 31 }),
});

describe('two workers on one PostgreSQL', () => {
  it('end with what the oracle says, whatever they take at once, forget, lose or learn in between', async () => {
    const history = histories({ crossAccountConflicts: true, ownerMayChangeAccount: true });
    await fc.assert(fc.asyncProperty(history, upheaval, compareWithOracle), {
      numRuns: RUNS,
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 900_000);

  it('do so where conditions wait for a person, and keep the money at stake on each case', async () => {
    const history = histories({ ownerMayChangeAccount: true, firstOffer: smallForfaitInReview });
    await fc.assert(fc.asyncProperty(history, upheaval, compareWithOracle), {
      numRuns: Math.ceil(RUNS / 3),
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 900_000);

  it('do so though all calls have one hash', async () => {
    const callIds = collidingIds(32, 'sbc-1');
    const history = histories({ crossAccountConflicts: true, ownerMayChangeAccount: true, callIds });
    await fc.assert(fc.asyncProperty(history, upheaval, compareWithOracle), {
      numRuns: Math.ceil(RUNS / 3),
      endOnFailure: true,
      ...SEED,
      ...CASE,
    });
  }, 900_000);
});

async function compareWithOracle(history: History, upheavals: Upheaval): Promise<void> {
  const run = async (ledger: LedgerUnderTest, [killer, ...own]: readonly Database[]): Promise<void> => {
    const options = { maxBucketMonths: upheavals.maxBucketMonths };
    const workers = own.map(
      (each, which) => new Worker(() => ledger.otherEngine(each, options), each, `worker-${which}`),
    );
    await play(history, upheavals, ledger, workers, killer!);
    await Promise.all(workers.map(({ engine }) => engine.catchUp()));
    await ledger.sweep();
    expect(await wholeLedger(ledger.db)).toEqual(oracleLedger(history, await ledger.decisions()));
    expect(await stakeDifferences(ledger.db)).toEqual([]);
  };
  await onPostgres(history.offers, deckCsvOf(history.deck), run, 3);
}

async function play(
  history: History,
  { isKeyed, coins }: Upheaval,
  ledger: LedgerUnderTest,
  workers: readonly Worker[],
  killer: Database,
): Promise<void> {
  let tossed = 0;
  const toss = (sides: number): number => coins[tossed++ % coins.length]! % sides;
  const accountOf = new Map(history.linesAtFirst.map(({ id, account }) => [id, account]));
  const workerOf = (line: string): number =>
    (isKeyed ? Number((accountOf.get(line) ?? line).at(-1)) % 2 : toss(2)) || 0;
  const changes = new Changes(ledger);
  await changes.enter({ lines: history.linesAtFirst, decisions: [] });
  let changing: Promise<unknown> = Promise.resolve();
  for (const step of stepsOf(history)) {
    if (step.kind === 'batch') {
      const parts = Map.groupBy(step.deliveries, ({ cdr }) => workerOf(history.cdrs[cdr]?.line ?? ''));
      await Promise.all(workers.map((worker, which) => worker.give(history, parts.get(which) ?? [])));
      // Only workers stand a lost connection: what people enter is theirs to repeat.
      await changing;
      if (toss(4) === 0) await killConnections(killer);
    } else if (step.kind === 'change') {
      await changing;
      changing = changes.enter(step.change);
      if (toss(2) === 0) await changing;
    }
    if (toss(3) === 0) workers[toss(2)]?.engine.retain(new Set([toss(64)]));
    if (toss(3) === 0) void workers[toss(2)]?.catchUp();
    if (step.kind === 'restart') await workers[toss(2)]?.restart();
  }
  await changing;
  await Promise.all(workers.map((worker) => worker.drain()));
}

/** What people enter, while workers go on. */
class Changes {
  readonly #ledger: LedgerUnderTest;
  readonly #known = new Set<string>();
  /** A decision on a line that is not known yet is taken when it is. */
  #undecided: readonly Decision[] = [];

  constructor(ledger: LedgerUnderTest) {
    this.#ledger = ledger;
  }

  async enter(change: Pick<Extract<HistoryStep, { kind: 'change' }>['change'], 'lines' | 'decisions'>): Promise<void> {
    if (change.lines.length > 0) await this.#ledger.provision(change.lines);
    for (const { id } of change.lines) this.#known.add(id);
    const decisions = [...this.#undecided, ...change.decisions];
    this.#undecided = decisions.filter(({ line }) => !this.#known.has(line));
    await this.#ledger.decide(decisions.filter(({ line }) => this.#known.has(line)));
  }
}

/** A worker with a source of its own, which goes on from what the ledger says of it. */
class Worker {
  readonly #newEngine: () => RatingEngine;
  #engine: RatingEngine;
  readonly #db: Database;
  readonly #source: string;
  readonly #catchingUp: Promise<unknown>[] = [];
  #given = 0;
  #outstanding: { readonly delivery: Delivery; readonly counts: Promise<unknown> }[] = [];

  constructor(newEngine: () => RatingEngine, db: Database, source: string) {
    this.#newEngine = newEngine;
    this.#engine = newEngine();
    this.#db = db;
    this.#source = source;
  }

  get engine(): RatingEngine {
    return this.#engine;
  }

  /** Another process takes over, with nothing in memory. */
  async restart(): Promise<void> {
    await this.drain();
    this.#engine = this.#newEngine();
  }

  /** Gives the engine a batch; two are under way at most. */
  async give(history: History, deliveries: readonly Arrival[]): Promise<void> {
    if (deliveries.length === 0) return;
    const texts = deliveries.map(({ text }) => text);
    const receivedAt = deliveries.map((one) => receivedAtOf(history, one));
    const delivery = deliveryOf(texts, this.#given, this.#source, receivedAt);
    this.#given = delivery.to;
    if (this.#outstanding.length === 2) {
      const first = this.#outstanding[0];
      const isTaken = await first?.counts.then(
        () => true,
        () => false,
      );
      if (isTaken === true) this.#outstanding.shift();
      else await this.drain();
    }
    const counts = this.engine.take(delivery);
    counts.catch(() => undefined);
    this.#outstanding.push({ delivery, counts });
  }

  /** Waits for all that was given; what failed is given again, from where the ledger says that the source is. */
  async drain(): Promise<void> {
    const given = this.#outstanding;
    this.#outstanding = [];
    await Promise.allSettled(given.map(({ counts }) => counts));
    for (const { delivery } of given) await this.#takeSurely(delivery);
    await Promise.all(this.#catchingUp.splice(0));
  }

  /** As the worker does every second; a lost connection is no matter, since it is called again. */
  async catchUp(): Promise<void> {
    const caughtUp = this.engine.catchUp().catch(refuseBugs);
    this.#catchingUp.push(caughtUp);
    await caughtUp;
  }

  async #takeSurely(delivery: Delivery): Promise<void> {
    for (;;) {
      try {
        const at = await readSourcePosition(this.#db, this.#source, 0);
        if ((at?.position ?? 0) >= delivery.to) return;
        await this.engine.take(delivery);
        return;
      } catch (error) {
        refuseBugs(error);
      }
    }
  }
}

function refuseBugs(error: unknown): void {
  if (!(error instanceof DatabaseError) || !error.retryable) throw error;
}

async function killConnections(db: Database): Promise<void> {
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state in ('active', 'idle in transaction')`,
  );
}
