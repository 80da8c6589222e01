import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { countQuarantine, type Database } from '../../ledger/index.ts';

import { type LedgerUnderTest, deliveryOf } from '../support/ledger-under-test.ts';
import { billedCalls, feedGaps } from '../support/posted-ledger.ts';
import { ENGINE_KINDS } from '../support/runs.ts';
import { Ledgers, Source, lineOf, recordOf } from './ledger-of-lines.ts';

/** What keeps a record from being rated, and under which reason it waits. */
const CAUSES = [
  ['a line that nobody knows', { line: 'L9' }, 'unknown-line'],
  ['a number that has no rate', { to: '+35312345678' }, 'no-rate'],
  ['a number that is none', { to: '+331' }, 'wrong-length'],
] as const;

describe.each(ENGINE_KINDS)('a record that could not be rated, and was corrected, on %s', (kind) => {
  let db: Database;
  let ledger: LedgerUnderTest;
  let engine: RatingEngine;
  let source: Source;
  const ledgers = new Ledgers(kind);
  beforeEach(async () => {
    ({ db, ledger, engine, source } = await ledgers.openWithSource());
  });
  afterAll(() => ledgers.close());

  async function billed(): Promise<string[]> {
    expect(await feedGaps(db)).toEqual([]);
    return [...(await billedCalls(db)).keys()].map((identity) => String(JSON.parse(identity)[1])).toSorted();
  }
  async function kept(): Promise<string[]> {
    return (await countQuarantine(db)).map(({ state, reason, records }) => `${records} ${state} ${reason}`).toSorted();
  }

  it.each(CAUSES)('waits no longer: %s', async (_what, given, reason) => {
    await source.give(engine, recordOf('c', given));
    expect(await kept()).toEqual([`1 waiting ${reason}`]);
    await source.give(engine, recordOf('c', { revision: 1 }));
    expect(await billed()).toEqual(['c']);
    expect(await kept()).toEqual(['1 superseded superseded']);
    expect((await db.query<{ detail: string }>('select detail from quarantine')).map(({ detail }) => detail)).toEqual([
      "Revision '0' of call 'c' was superseded by a later one",
    ]);
    expect(await source.counts()).toEqual({ received: 2, rated: 1, [`quarantined ${reason}`]: 1 });
  });

  it.each([
    ['in one batch', [[0, 1]]],
    ['the correction first, in one batch', [[1, 0]]],
    ['the correction first', [[1], [0]]],
    ['twice each', [[0], [1, 0], [1]]],
  ])('whatever came first: %s', async (_how, batches) => {
    const records = [recordOf('c', { line: 'L9' }), recordOf('c', { revision: 1 })];
    for (const batch of batches) await source.give(engine, ...batch.map((at) => records[at]!));
    expect(await billed()).toEqual(['c']);
    expect(await kept()).toEqual(['1 superseded superseded']);
    const { received, duplicate = 0, rated, ...others } = await source.counts();
    expect([rated, received! - duplicate]).toEqual([1, 2]);
    expect(Object.values(others)).toEqual([1]);
  });

  it('waits no longer once a correction says that there was no call', async () => {
    await source.give(engine, recordOf('c', { line: 'L9' }), recordOf('c', { answered: null, revision: 1 }));
    expect(await kept()).toEqual(['1 no-call unanswered', '1 superseded superseded']);
  });

  it('waits on while nothing later counts', async () => {
    await source.give(engine, recordOf('same', { line: 'L9' }), recordOf('same'));
    await source.give(engine, recordOf('later'), recordOf('later', { line: 'L9', revision: 1 }));
    await source.give(engine, recordOf('both', { line: 'L9' }), recordOf('both', { line: 'L8', revision: 1 }));
    expect(await billed()).toEqual(['later', 'same']);
    expect(await kept()).toEqual(['4 waiting unknown-line']);
  });

  it('waits again once the correction is billed no more, and is rated by what is repaired', async () => {
    await source.give(engine, recordOf('c', { line: 'L9' }), recordOf('c', { revision: 1 }));
    await ledger.provision([lineOf('L1', 'A1', { from: Date.UTC(2026, 11, 1) })]);
    expect(await billed()).toEqual([]);
    expect(await kept()).toEqual(['2 waiting unknown-line']);
    await ledger.provision([lineOf('L9', 'A9')]);
    expect(await billed()).toEqual(['c']);
    expect(await kept()).toEqual(['1 rated unknown-line', '1 waiting unknown-line']);
    await ledger.provision([lineOf('L1', 'A1')]);
    expect(await kept()).toEqual(['1 superseded superseded', '2 rated unknown-line']);
    expect(await billed()).toEqual(['c']);
  });

  it('with a start that was doubted is doubted still when it waits again', async () => {
    const received = Date.UTC(2026, 10, 3, 12);
    const doubted = recordOf('c', { answered: '2019-11-03T10:00:00.000Z' });
    await engine.take(deliveryOf([doubted, recordOf('c', { revision: 1 })], 0, 'doubted', [received, received]));
    expect(await kept()).toEqual(['1 superseded start-implausible']);
    await ledger.provision([lineOf('L1', 'A1', { from: Date.UTC(2026, 11, 1) })]);
    await ledger.provision([lineOf('L1', 'A1', { from: 0, to: Date.UTC(2026, 0, 1) })]);
    expect(await billed()).toEqual([]);
    expect(await kept()).toEqual(['1 waiting start-implausible', '1 waiting unknown-line']);
  });

  it('waits no longer after a sweep where the worker was restarted in between', async () => {
    await source.give(ledger.otherEngine(), recordOf('c', { revision: 1 }));
    await source.give(ledger.otherEngine(), recordOf('c', { line: 'L9' }));
    await ledger.sweep();
    expect(await billed()).toEqual(['c']);
    expect(await kept()).toEqual(['1 superseded superseded']);
  });

  it('and was corrected by way of another worker, which did not know of it, waits no longer after a sweep', async () => {
    const [first, second] = [ledger.otherEngine(), ledger.otherEngine()];
    const other = new Source(db, 'file:two');
    await other.give(second, recordOf('before'));
    await source.give(first, recordOf('c', { line: 'L9' }));
    await other.give(second, recordOf('c', { revision: 1 }));
    await ledger.sweep();
    expect(await billed()).toEqual(['before', 'c']);
    expect(await kept()).toEqual(['1 superseded superseded']);
  });
});
