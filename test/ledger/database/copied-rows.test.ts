import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CopiedRows } from '../../../ledger/database/copied-rows.ts';
import type { Database } from '../../../ledger/index.ts';
import { openTestDatabase } from '../../support/test-database.ts';

const ROWS = `copy (
  select no, no * -3000000000000, no % 3 = 0, case when no % 5 > 0 then chr(97 + no % 26)::"char" end, repeat('x', no)
  from generate_series(1, 60) as no order by no
) to stdout (format binary)`;

const NO_ROWS = `copy (select 1, 2::bigint, true, 'a'::"char", '' where false) to stdout (format binary)`;

describe('rows of a COPY', () => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase('postgres');
  });
  afterAll(() => db.close());

  it('are the same in parts, wherever the chunks end', async () => {
    const bytes = await bytesOf(db, ROWS);
    const whole = valuesOf(await CopiedRows.of(chunksOf(bytes, bytes.length)));
    expect(whole).toHaveLength(60);
    expect(whole[4]).toEqual([5, -3493, -1_974_202_368, false, null, 'xxxxx']);
    expect(whole[5]).toEqual([6, -4191, 207_937_536, true, 103, 'xxxxxx']);
    for (const length of [1, 2, 3, 7, 19, 20, 21, 64, 1000, bytes.length - 1, bytes.length]) {
      const parts: unknown[] = [];
      for await (const part of CopiedRows.inParts(chunksOf(bytes, length))) parts.push(...valuesOf(part));
      expect(parts, `chunks of ${length} bytes`).toEqual(whole);
    }
  });

  it('are none in parts, where there are none', async () => {
    const bytes = await bytesOf(db, NO_ROWS);
    for await (const part of CopiedRows.inParts(chunksOf(bytes, 5))) expect(part.next()).toBe(false);
  });
});

async function bytesOf(db: Database, sql: string): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of db.copyOut(sql)) all.push(chunk);
  return Buffer.concat(all);
}

async function* chunksOf(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function valuesOf(rows: CopiedRows): unknown[][] {
  const values: unknown[][] = [];
  while (rows.next()) {
    values.push([rows.int32(), rows.highInt32(), rows.lowInt32(), rows.boolean(), rows.letter(), rows.sharedText()]);
  }
  return values;
}
