import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createCanonicalCsv } from '../../formats/canonical/canonical-csv.ts';
import { UndecodedRecord } from '../../engine/delivery.ts';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { countQuarantine, type Database } from '../../ledger/index.ts';
import { deliveryOf, type LedgerUnderTest } from '../support/ledger-under-test.ts';
import { billedCalls, feedGaps, quarantined } from '../support/posted-ledger.ts';
import { ENGINE_KINDS } from '../support/runs.ts';
import { Ledgers, Source, lineOf, recordOf } from './ledger-of-lines.ts';

/** Ways to say that there was no call, and the reason under which each is counted. */
const SPELLINGS = [
  ['no answer', { answered: null }, 'unanswered'],
  ['an attempt', { kind: 'attempt' }, 'unanswered'],
  ['an internal call', { kind: 'internal' }, 'internal'],
  ['an inbound call', { kind: 'inbound', answered: null }, 'inbound'],
  ['an interim record', { kind: 'interim' }, 'interim'],
] as const;
const NO_CALL = recordOf('c', { answered: null, durationMs: 0, revision: 2 });

describe.each(ENGINE_KINDS)('a correction that says that there was no call, on %s', (kind) => {
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
    return [...(await billedCalls(db))].map(([identity, { line, charge }]) => `${identity} ${line} ${charge}`);
  }
  async function kept(): Promise<string[]> {
    return (await countQuarantine(db)).map(({ state, reason, records }) => `${records} ${state} ${reason}`).toSorted();
  }

  it.each(SPELLINGS)('takes the call back: %s', async (_how, said, reason) => {
    await source.give(engine, recordOf('c'), recordOf('other'));
    await source.give(engine, recordOf('c', { ...said, revision: 1 }));
    expect(await billed()).toEqual(['["sbc","other",""] L1 0.000000']);
    expect(await kept()).toEqual([`1 no-call ${reason}`, '1 superseded superseded']);
    expect(await source.counts()).toEqual({ received: 3, rated: 2, [`not-a-call ${reason}`]: 1 });
  });

  it('counts whatever came first, in one batch or in several, and however often', async () => {
    const higher = recordOf('c', { revision: 3, durationMs: 61_000 });
    await source.give(engine, NO_CALL, recordOf('c'), NO_CALL);
    await source.give(ledger.otherEngine(), recordOf('c', { revision: 1 }), NO_CALL, recordOf('c'));
    expect(await billed()).toEqual([]);
    expect(await kept()).toEqual(['1 no-call unanswered', '2 superseded superseded']);
    expect(await source.counts()).toEqual({
      received: 6,
      duplicate: 3,
      'not-a-call unanswered': 1,
      'quarantined superseded': 2,
    });
    await source.give(engine, higher, NO_CALL, recordOf('c'));
    expect(await billed()).toEqual(['["sbc","c",""] L1 0.000000']);
    expect((await quarantined(db)).map(({ reason }) => reason)).toEqual(['superseded', 'superseded', 'superseded']);
    await source.give(ledger.otherEngine(), recordOf('c', { revision: 4, kind: 'attempt' }));
    expect(await billed()).toEqual([]);
    expect(await source.counts()).toMatchObject({ received: 10, rated: 1, 'not-a-call unanswered': 2, duplicate: 5 });
  });

  it('goes before a call of the same revision, which waits for a person', async () => {
    await source.give(engine, recordOf('c', { revision: 2 }), NO_CALL);
    await source.give(engine, recordOf('d', { answered: null, revision: 1 }), recordOf('d', { revision: 1 }));
    expect(await billed()).toEqual([]);
    expect(await kept()).toEqual(['2 no-call unanswered', '2 waiting conflict']);
  });

  it('without a revision corrects nothing, and is counted', async () => {
    await source.give(engine, recordOf('c'), recordOf('c', { kind: 'attempt' }), recordOf('c', { answered: null }));
    expect(await billed()).toHaveLength(1);
    expect(await source.counts()).toEqual({ received: 3, rated: 1, 'not-a-call unanswered': 2 });
    expect(await kept()).toEqual([]);
  });

  it.each([
    ['the line', 'L1', 'L1'],
    ['a line of another account', 'L2', 'L3'],
    ['no line of ours', 'L9', 'L3'],
  ])('is known to a worker that had all in memory before, when it names %s', async (_what, named, called) => {
    const [first, second] = [ledger.otherEngine(), ledger.otherEngine()];
    const other = new Source(db, 'file:two');
    await other.give(second, recordOf('before'));
    await source.give(first, recordOf('c', { line: named, answered: null, revision: 1 }));
    await other.give(second, recordOf('c', { line: called }), recordOf('own'));
    expect((await billed()).map((call) => call.split('"')[3])).toEqual(['before', 'own']);
    expect(await other.counts()).toEqual({ received: 3, rated: 2, 'quarantined superseded': 1 });
  });

  it('counts after a sweep, when a worker billed the call in the same moment under an account that it does not name', async () => {
    const [first, second] = [ledger.otherEngine(), ledger.otherEngine()];
    const other = new Source(db, 'file:two');
    await other.give(second, recordOf('before'));
    await source.give(first, recordOf('c', { line: 'L2', answered: null, revision: 1 }));
    // As if that worker had read the heads just before the correction was committed.
    await db.query('delete from watched_hash');
    await other.give(second, recordOf('c', { line: 'L3' }));
    expect(await ledger.otherEngine().sweep()).toBe(1);
    expect((await billed()).map((call) => call.split('"')[3])).toEqual(['before']);
    expect(await ledger.otherEngine().sweep()).toBe(0);
  });

  it('is found when it names the line by a number, or a line that is entered later', async () => {
    await ledger.provision([lineOf('L5', 'A5', { number: 33_140_000_005 })]);
    await source.give(
      engine,
      recordOf('c', { line: 'L5' }),
      recordOf('d', { line: 'L9', answered: null, revision: 1 }),
    );
    await source.give(ledger.otherEngine(), recordOf('c', { line: '+33140000005', kind: 'internal', revision: 1 }));
    const late = ledger.otherEngine();
    await source.give(late, recordOf('e'));
    await ledger.provision([lineOf('L9', 'A9')]);
    await source.give(late, recordOf('d', { line: 'L9' }));
    expect((await billed()).map((call) => call.split('"')[3])).toEqual(['e']);
  });

  it('lets a record wait that cannot be rated, and counts until it can', async () => {
    await source.give(engine, recordOf('c'), NO_CALL, recordOf('c', { line: 'L9', revision: 3 }));
    expect(await billed()).toEqual([]);
    await ledger.provision([lineOf('L9', 'A9')]);
    expect(await billed()).toEqual(['["sbc","c",""] L9 0.000000']);
    expect((await quarantined(db)).map(({ reason }) => reason)).toEqual(['superseded', 'superseded']);
  });

  it('is read from canonical CSV as well', async () => {
    const header = 'v,switch,call,line,to,answered,durationMs,revision,kind';
    const format = createCanonicalCsv(header);
    if ('problem' in format) throw new Error(format.problem);
    const rows = ['c', 'd'].flatMap((call, index) => [
      `1,sbc,${call},L1,+33612345678,2026-11-03T10:00:00Z,60000,,`,
      index === 0
        ? `1,sbc,${call},L1,+33612345678,,0,1,`
        : `1,sbc,${call},L1,+33612345678,2026-11-03T10:00:00Z,0,1,internal`,
    ]);
    const delivery = deliveryOf(rows, 0, source.name);
    const records = delivery.records.map(({ buffer, start, end, position }) => {
      return new UndecodedRecord(format, buffer, start, end, position, 0);
    });
    await engine.take({ ...delivery, format: format.id, records });
    expect(await billed()).toEqual([]);
    const settled = ['1 no-call internal', '1 no-call unanswered', '2 superseded superseded'];
    expect(await kept()).toEqual(settled);
    await new Source(db, 'file:two').give(engine, recordOf('d', { durationMs: 0, revision: 1, kind: 'internal' }));
    expect(await kept()).toEqual(settled);
  });
});
