import { afterAll, beforeAll, expect, it } from 'vitest';
import { deliveryOf } from '../../bench/delivery.ts';
import { catalogueOf, setUpLedger } from '../../bench/ledger.ts';
import { makeTraffic } from '../../bench/traffic.ts';
import { Batch } from '../../engine/tasks/batch.ts';
import type { Catalogue } from '../../engine/catalogue.ts';
import { identityOf } from '../../engine/settling/identity-halves.ts';
import { RatingState } from '../../engine/memory/rating-state.ts';
import { copyRows } from '../../ledger/database/copy-rows.ts';
import { layoutOf } from '../../ledger/entries/entry-columns.ts';
import { type Database, EntryCopyBuffer, type PostedCall } from '../../ledger/index.ts';
import { WHEN_POSTED } from '../../rater/fast/rate-ordinary.ts';
import { type Cdr, newEntry, newOrdinaryCall, type OrdinaryCall, type RatedCall, rateCall } from '../../rater/index.ts';
import { OTHER_ENTRY } from '../support/entries.ts';
import { openTestDatabase } from '../support/test-database.ts';

// Entries are encoded from objects that are written over: nothing of the entry before may be posted.

const traffic = makeTraffic({ lines: 5, records: 50, numbersPerLine: 40, recordsPerChunk: 50, name: 'entries' });

let db: Database;
let catalogue: Catalogue;
let state: RatingState;
beforeAll(async () => {
  db = await openTestDatabase('postgres');
  await setUpLedger(db, traffic);
  catalogue = await catalogueOf(db);
  state = await RatingState.load(db, catalogue);
});
afterAll(() => db.close());

/** A call of the traffic. */
function callAt(index: number): { readonly cdr: Cdr; readonly rated: RatedCall } {
  const { decoded } = deliveryOf(traffic.chunks[0]!, 'test', 0).records[index]!;
  if (decoded.kind !== 'call') throw new Error(`Cannot take record '${index}': it is no call`);
  const rated = rateCall(decoded.cdr, state.context);
  if (typeof rated === 'string') throw new Error(`Cannot rate record '${index}': ${rated}`);
  return { cdr: decoded.cdr, rated };
}

/** A call of which each figure is another than that of any call of the traffic, and that has no offer. */
function oddCall(index: number): { readonly cdr: Cdr; readonly rated: RatedCall } {
  const { cdr, rated } = callAt(index);
  const { period, startedAt, durationMs, called, flags, coverage, reason, billedSeconds, charge, meteredPrice } =
    OTHER_ENTRY;
  const figures = { period, startedAt, durationMs, called, flags, reason, billedSeconds, charge, meteredPrice };
  return { cdr, rated: { ...rated, ...figures, coverage: coverage!, offer: null } };
}

function postedAs(revision: number, { cdr, rated }: ReturnType<typeof callAt>): PostedCall {
  const { high, low } = identityOf(cdr);
  const { line, destination, offer, ...figures } = rated;
  return {
    ...figures,
    bucket: line.bucket,
    account: line.account,
    line: line.no,
    identity: (BigInt(high) << 32n) | BigInt(low >>> 0),
    revision,
    destination: catalogue.destinationNo(destination),
    rateDeck: catalogue.deck.deckNoAt(rated.startedAt),
    offer: offer === null ? null : offer.no,
    record: '',
  };
}

const WAYS: Readonly<Record<string, (batch: Batch) => void>> = {
  'a usage': (batch) => {
    const { cdr, rated } = callAt(0);
    batch.postUsage(rated, cdr, identityOf(cdr), 0);
  },
  'a usage of other figures, without an offer': (batch) => {
    const { cdr, rated } = oddCall(1);
    batch.postUsage(rated, cdr, identityOf(cdr), 5);
  },
  'a rerate': (batch) => {
    const { cdr, rated } = callAt(2);
    batch.postRerate(rated, postedAs(3, oddCall(2)), cdr);
  },
  'a reversal': (batch) => batch.postReversal(postedAs(0, callAt(3)), 'superseded'),
  'a reversal of other figures, without an offer': (batch) => batch.postReversal(postedAs(7, oddCall(4)), 'why'),
  'an ordinary call': (batch) => batch.postOrdinary(ordinary(newOrdinaryCall())),
};

/** An ordinary call as `rateOrdinary` leaves it: what the entry gets when it is posted is as `before` has it. */
function ordinary(before: OrdinaryCall): OrdinaryCall {
  const { position, destination, rateDeck } = before;
  const record = Buffer.from('{}');
  const rated = { ...OTHER_ENTRY, kind: 'usage', coverageBefore: null, record, recordStart: 0, recordEnd: 2 } as const;
  const destinationOfPlan = callAt(0).rated.destination;
  return { ...before, ...rated, position, destination, rateDeck, destinationOfPlan };
}

/** The rows of what is posted by one batch, in hex. */
async function rowsOf(...ways: ((batch: Batch) => void)[]): Promise<string[]> {
  const batch = new Batch(state, catalogue, new EntryCopyBuffer());
  for (const way of ways) way(batch);
  const rows: string[] = [];
  for await (const row of copyRows(oneChunk(batch.entries.take()))) rows.push(row.toString('hex'));
  return rows;
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const names = Object.keys(WAYS);
it.each(names.flatMap((after) => names.map((before) => [after, before] as const)))(
  '%s is posted as if nothing had been posted before, after %s',
  async (after, before) => {
    const [alone] = await rowsOf(WAYS[after]!);
    const [first, second] = await rowsOf(WAYS[before]!, WAYS[after]!);
    expect(first).toBe((await rowsOf(WAYS[before]!))[0]);
    expect(second).toBe(alone);
  },
);

it('an ordinary call gets what it lacks when it is posted, whatever its object held before', async () => {
  const soiled = { ...newOrdinaryCall(), ...OTHER_ENTRY };
  const [alone] = await rowsOf(WAYS['an ordinary call']!);
  expect(await rowsOf((batch) => batch.postOrdinary(ordinary(soiled)))).toEqual([alone]);
  for (const field of WHEN_POSTED) expect(OTHER_ENTRY[field]).not.toBe(newEntry()[field]);
  const { position } = layoutOf(['bucket', 'position']).at;
  expect(Buffer.from(alone!, 'hex').readBigInt64BE(position)).toBe(0n);
});
