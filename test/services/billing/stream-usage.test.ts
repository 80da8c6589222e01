import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDefaultOffer } from '../../../bin/set-up-ledger.ts';
import type { Database } from '../../../ledger/index.ts';
import { UsageReader } from '../../../services/index.ts';
import { LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';
import { BARBADOS, call, deckOf, lineOf } from '../small-ledger.ts';
import { linesOf, plainLines, streamed } from './plain-feed.ts';

/** A piece is no longer, but where one entry alone is. */
const PIECE_BYTES = 262_144;
/** An id that JSON must escape, and that is longer in bytes than in characters. */
const ODD = 'é "nine" \\ 9';

describe.each(DATABASE_KINDS)('the feed as a stream, on %s', (kind) => {
  let db: Database;
  let ledger: LedgerUnderTest;

  beforeAll(async () => {
    db = await openTestDatabase(kind);
    ledger = await LedgerUnderTest.on(db, [readDefaultOffer(plan)], deckOf('first'));
    await ledger.provision([lineOf('L1'), lineOf('L2'), lineOf(ODD)]);
    const numbers = Array.from({ length: 900 }, (_, nth) => `+336123${String(45_000 + nth)}`);
    // More distinct numbers than the offer allows: calls of before are charged after all.
    await ledger.deliver(
      numbers.map((number, nth) => call(`many-${nth}`, number, `2026-11-0${1 + (nth % 9)}T10:00:00Z`)),
    );
    await ledger.deliver([
      call('odd', BARBADOS, '2026-10-03T10:00:00Z', ODD),
      call('short', '112', '2026-11-03T10:00:00Z', ODD),
      call('other', BARBADOS, '2026-11-03T10:00:00Z', 'L2'),
    ]);
  });
  afterAll(() => db.close());

  it('is, byte for byte, what the plain way makes of the ledger, of first ratings and of corrections', async () => {
    const { pieces } = await streamed(db, null);
    const lines = await plainLines(db);
    expect(lines.length).toBeGreaterThan(400);
    expect(lines.some((line) => line.includes('"kind":"rerate"'))).toBe(true);
    expect(linesOf(pieces)).toEqual(lines);
  });

  it('comes in pieces of whole lines, that stay as they are', async () => {
    const { pieces } = await streamed(db, null);
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(PIECE_BYTES);
      expect(piece.at(-1)).toBe(0x0a);
    }
  });

  it('ends where pages end, goes on from there, and says the same with a filter', async () => {
    const { pieces, end } = await streamed(db, null);
    const page = await new UsageReader(db).read(null, 10_000);
    if (page.kind === 'refused') throw new Error(page.code);
    expect(end.next).toBe(page.next);
    expect(`${page.entries.toString()}\n`).toBe(Buffer.concat(pieces).toString());
    await ledger.deliver([call('later', BARBADOS, '2026-11-04T10:00:00Z', 'L2')]);
    const later = await streamed(db, end.next);
    expect(linesOf(later.pieces).map((line) => /"call":"(\w+)","line"/.exec(line)?.[1])).toEqual(['later']);
    const filtered = await streamed(db, null, { account: ODD });
    expect(linesOf(filtered.pieces)).toEqual(
      (await plainLines(db)).filter((line) => line.startsWith(`{"account":${JSON.stringify(ODD)},`)),
    );
    expect(filtered.pieces.length).toBeGreaterThan(0);
  });

  it('breaks where a position is missing, rather than to go on without it', async () => {
    const { end } = await streamed(db, null);
    await expect(streamed(withoutPosition(db), null)).rejects.toThrow('there is no position');
    expect((await streamed(db, end.next)).pieces).toEqual([]);
  });
});

/** The same ledger, whose feed lacks the second entry of each bucket. */
function withoutPosition(db: Database): Database {
  return { ...db, copyOut: (sql) => db.copyOut(sql.replace('where bucket', 'where position <> 2 and bucket')) };
}
