import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Batch } from '../../../engine/tasks/batch.ts';
import { RatedTask } from '../../../engine/tasks/rated-task.ts';
import { RatingState } from '../../../engine/memory/rating-state.ts';
import { deliveryTask } from '../../../engine/tasks/task.ts';
import { type Database, EntryCopyBuffer } from '../../../ledger/index.ts';
import { catalogueOf, setUpLedger } from '../../../bench/ledger.ts';
import { deliveryOf } from '../../../bench/delivery.ts';
import { makeTraffic } from '../../../bench/traffic.ts';
import { openTestDatabase } from '../../support/test-database.ts';

const RECORDS = 1_000;
const traffic = makeTraffic({
  lines: 20,
  records: RECORDS,
  numbersPerLine: 40,
  recordsPerChunk: RECORDS,
  name: 'steps',
});

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase('postgres');
  await setUpLedger(db, traffic);
});
afterAll(() => db.close());

/** The traffic as work of a memory of its own, in steps of so many records. */
async function taskInSteps(recordsAStep: number): Promise<RatedTask> {
  const catalogue = await catalogueOf(db);
  const state = await RatingState.load(db, catalogue);
  await state.loadMonths(Array.from({ length: 64 }, (_, bucket) => ({ bucket, period: 202611 })));
  const delivery = deliveryOf(traffic.chunks[0]!, 'test', 0);
  return new RatedTask(deliveryTask(delivery, recordsAStep), new Batch(state, catalogue, new EntryCopyBuffer()));
}

function copyOf({ batch }: RatedTask): Buffer {
  let position = 0;
  return Buffer.from(batch.entries.takeInOrder(() => ++position).bytes);
}

describe('work that is rated in steps', () => {
  it('comes to the same as work that is rated in one go', async () => {
    const [inSteps, atOnce] = [await taskInSteps(7), await taskInSteps(RECORDS)];
    atOnce.finish();
    let steps = 0;
    for (; !inSteps.isOver; steps++) inSteps.step();
    expect(steps).toBeGreaterThan(RECORDS / 7);
    expect(inSteps.batch.counts).toEqual(atOnce.batch.counts);
    expect(copyOf(inSteps)).toEqual(copyOf(atOnce));
  });

  it('rates a few records a step, and the rest when it is finished', async () => {
    const rated = await taskInSteps(100);
    for (let step = 0; step < 4; step++) rated.step();
    const begun = rated.batch.entries.count;
    expect(begun).toBeGreaterThan(0);
    expect(begun).toBeLessThan(RECORDS / 2);
    rated.finish();
    expect(rated.batch.entries.count).toBe(RECORDS);
  });

  it('is rated no further once its batch is void', async () => {
    const rated = await taskInSteps(100);
    for (let step = 0; step < 4; step++) rated.step();
    const begun = rated.batch.entries.count;
    rated.batch.isVoid = true;
    rated.finish();
    expect(rated.isOver).toBe(true);
    expect(rated.batch.entries.count).toBe(begun);
  });

  it('keeps what rating failed with, for its turn', async () => {
    const rated = await taskInSteps(100);
    rated.step();
    const failure = new Error('a record that can not be rated');
    rated.batch.postNewCall = () => {
      throw failure;
    };
    rated.finish();
    expect(rated.isOver).toBe(true);
    expect(rated.failure).toBe(failure);
  });
});
