import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { MAX_RECORD_BYTES, tooLong } from '../../formats/format.ts';
import { type Database, addQuarantine, giveUpReread } from '../../ledger/index.ts';
import { unreadableRecord } from '../../engine/settling/kept-record.ts';
import { deliveryOf, type LedgerUnderTest } from '../support/ledger-under-test.ts';
import { ENGINE_KINDS } from '../support/runs.ts';
import { Ledgers, Source, recordOf } from './ledger-of-lines.ts';

const BROKEN = '{"v":1,';
const OTHER = '{"v":1,"call":';

describe.each(ENGINE_KINDS)('a record that could not be read and comes again, on %s', (kind) => {
  let db: Database;
  let ledger: LedgerUnderTest;
  let engine: RatingEngine;
  let source: Source;
  const ledgers = new Ledgers(kind);
  beforeEach(async () => {
    ({ db, ledger, engine, source } = await ledgers.openWithSource('kafka:cdr'));
  });
  afterAll(() => ledgers.close());

  async function kept(): Promise<string[]> {
    const rows = await db.query<{ record: Buffer; state: string; arrivals: bigint; format: string }>(
      'select record, state, arrivals, format from quarantine order by no',
    );
    return rows.map(({ record, state, arrivals }) => `${record.toString()} ${state} ${arrivals}`);
  }

  it('waits once, from one batch, the next, another source and another process', async () => {
    const other = new Source(db, 'file:two');
    await source.give(engine, BROKEN, recordOf('a'), BROKEN, OTHER);
    await source.give(engine, OTHER, recordOf('b'));
    await other.give(ledger.otherEngine(), BROKEN, OTHER, OTHER);
    expect(await kept()).toEqual([`${BROKEN} waiting 3`, `${OTHER} waiting 4`]);
    expect(await source.counts()).toEqual({ received: 6, rated: 2, duplicate: 2, 'quarantined not-json': 2 });
    expect(await other.counts()).toEqual({ received: 3, duplicate: 3 });
  });

  it('waits once for each length, where just its beginning is kept', async () => {
    const provenance = { source: 's', partition: 0, position: 0, item: 0, format: 'canonical-ndjson' };
    const lengths = [MAX_RECORD_BYTES + 1, MAX_RECORD_BYTES + 2, MAX_RECORD_BYTES + 2];
    const records = lengths.map((bytes) =>
      unreadableRecord({ ...provenance, record: Buffer.alloc(MAX_RECORD_BYTES, 'x') }, tooLong(bytes)),
    );
    const repeats = await db.transaction((tx) => addQuarantine(tx, records));
    expect([...repeats]).toEqual([['too-long', 1]]);
    expect(await kept()).toHaveLength(2);
  });

  it('waits once for each format: what cannot be read as one may be read as another', async () => {
    await source.give(engine, BROKEN);
    const delivery = deliveryOf([BROKEN], 0, 'kafka:pbx');
    const origin = { source: 'kafka:pbx', partition: 0, format: 'asterisk-json' };
    const records = delivery.records.map(({ decoded, buffer, start, end, position }) => {
      return { decoded, buffer, start, end, position, origin };
    });
    await engine.take({ ...delivery, format: 'asterisk-json', records });
    expect(await kept()).toEqual([`${BROKEN} waiting 1`, `${BROKEN} waiting 1`]);
  });

  it('waits again when its source is read once more, and cannot be read then either', async () => {
    const file = new Source(db, 'file:one');
    await file.give(engine, BROKEN, OTHER);
    const again = deliveryOf([BROKEN, recordOf('c')], 0, `${file.name}#again-1`);
    await engine.take({ ...again, firstReading: file.name, rereads: { source: file.name, from: 0, to: 100 } });
    expect(await kept()).toEqual([`${BROKEN} waiting 2`, `${OTHER} superseded 1`]);
  });

  it.each(['file:two', 'kafka:other'])(
    'waits on as it stands in %s too, when one file is read once more',
    async (name) => {
      const [file, other] = [new Source(db, 'file:one'), new Source(db, name)];
      await file.give(engine, BROKEN);
      await other.give(engine, BROKEN);
      const again = { ...deliveryOf([recordOf('c')], 0, 'file:one#again-1'), firstReading: 'file:one' };
      await engine.take({ ...again, rereads: { source: 'file:one', from: 0, to: 100 } });
      expect(await kept()).toEqual([`${BROKEN} waiting 2`]);
    },
  );

  it('waits on as it stands further up in the same file too, when its last line is read once more', async () => {
    const file = new Source(db, 'file:one');
    await file.give(engine, BROKEN, recordOf('c'), BROKEN);
    const [row] = await db.query<{ last: number }>('select max(position)::float8 as last from unread_arrival');
    const whole = { ...deliveryOf([recordOf('d')], 1000, 'file:one'), firstReading: 'file:one' };
    await db.query(`update source_position set position = 1000 where source = 'file:one'`);
    await engine.take({ ...whole, rereads: { source: 'file:one', from: row!.last, to: 1000 } });
    expect(await kept()).toEqual([`${BROKEN} waiting 2`]);
  });

  it('is added by many at once, each in a transaction of its own, and kept once', async () => {
    const record = unreadableRecord(
      {
        source: 's',
        firstReading: 's',
        partition: 0,
        position: 0,
        item: 0,
        format: 'canonical-ndjson',
        record: Buffer.from(BROKEN),
      },
      { kind: 'bad', reason: 'not-json', detail: 'broken' },
    );
    const all = await Promise.all([1, 2, 3, 4].map(() => db.transaction((tx) => addQuarantine(tx, [record]))));
    expect(all.map((repeats) => repeats.get('not-json') ?? 0).toSorted()).toEqual([0, 1, 1, 1]);
    expect(await kept()).toEqual([`${BROKEN} waiting 4`]);
    await db.transaction((tx) => giveUpReread(tx, { source: 's', from: 0, to: 1 }));
    expect(await db.transaction((tx) => addQuarantine(tx, [record, record]))).toEqual(new Map([['not-json', 2]]));
    expect(await kept()).toEqual([`${BROKEN} waiting 6`]);
  });
});
