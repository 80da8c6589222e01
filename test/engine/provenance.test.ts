import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../engine/index.ts';
import { type Database, waitingQuarantine } from '../../ledger/index.ts';
import type { Offer } from '../../rules/index.ts';
import { LedgerUnderTest, deliveryOf } from '../support/ledger-under-test.ts';
import { openTestDatabase } from '../support/test-database.ts';

const OFFER: Offer = JSON.parse(
  readFileSync(new URL('../../rules/offers/full-illimite.json', import.meta.url), 'utf8'),
);

const UNREADABLE = '{"v":1,';
const OF_NOBODY = JSON.stringify({
  v: 1,
  switch: 'sbc',
  call: 'c1',
  line: 'nobody',
  to: '+33612345678',
  answered: '2026-11-02T10:00:00.000Z',
  durationMs: 1000,
});

describe('where a record came from, as quarantine keeps it', () => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase('postgres');
    const ledger = await LedgerUnderTest.on(db, [OFFER], 'prefix,price_per_minute\n33,0.02\n');
    const delivered = deliveryOf([UNREADABLE, OF_NOBODY, OF_NOBODY.replace('c1', 'c2')], 0);
    const [unreadable, ofNobody, handedOn] = delivered.records;
    const delivery: Delivery = {
      ...delivered,
      source: 'kafka:cdr',
      partition: 3,
      records: [
        { ...unreadable!, decoded: unreadable!.decoded, position: 70 },
        { ...ofNobody!, decoded: ofNobody!.decoded, position: 70, item: 1 },
        {
          ...handedOn!,
          decoded: handedOn!.decoded,
          position: 12,
          item: 5,
          origin: { source: 'kafka:pbx', partition: 9, format: 'asterisk-json' },
        },
      ],
    };
    await ledger.otherEngine().take(delivery);
  });
  afterAll(() => db.close());

  it('is its message in the source, and which record of the message', async () => {
    expect(await placesOf(0, 2)).toEqual([
      ['not-json', 'kafka:cdr', 3, 70, 0, 'canonical-ndjson'],
      ['unknown-line', 'kafka:cdr', 3, 70, 1, 'canonical-ndjson'],
    ]);
  });

  it('is where it stood first, when it was handed on by way of another topic', async () => {
    expect(await placesOf(2, 3)).toEqual([['unknown-line', 'kafka:pbx', 9, 12, 5, 'asterisk-json']]);
  });

  async function placesOf(from: number, to: number) {
    const waiting = await waitingQuarantine(db, { reason: null, afterNo: 0, limit: 10 });
    return waiting
      .toSorted((a, b) => b.position - a.position || a.item - b.item)
      .slice(from, to)
      .map(({ reason, source, partition, position, item, format }) => [
        reason,
        source,
        partition,
        position,
        item,
        format,
      ]);
  }
});
