import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRows } from '../../ledger/copy-rows.ts';
import { COVERAGE_LETTERS, ENTRY_TABLE, KIND_LETTERS, layoutOf } from '../../ledger/entry-columns.ts';
import { EntryCopyBuffer } from '../../ledger/entry-copy.ts';
import type { Database } from '../../ledger/index.ts';
import { type FeedEntry, FeedReader } from '../../ledger/usage-feed.ts';
import { copyEntry, type Entry, newEntry } from '../../rater/index.ts';
import { postEntries, testEntry } from '../support/entries.ts';
import { DATABASE_KINDS, openTestDatabase } from '../support/test-database.ts';

const RECORD = Buffer.from('{"v":1,"switch":"s","call":"c1","leg":"a"}');

/** A usage, and for each field another value that its column holds. */
const USAGE = testEntry({ offer: 3, record: RECORD, recordStart: 1, recordEnd: 9 });
const OTHERS: { readonly [Field in keyof Entry]: Entry[Field] } = {
  bucket: 9,
  position: 2 ** 40,
  period: 202612,
  billedPeriod: 202701,
  account: 70_000,
  line: -70_000,
  identityHigh: -2,
  identityLow: -3,
  revision: 4,
  kind: 'rerate',
  startedAt: Date.UTC(2026, 10, 30, 23, 59, 59, 999),
  durationMs: 1,
  called: 112,
  destination: 17,
  coverage: 'free',
  coverageBefore: 'included',
  reason: 'distinct-numbers',
  billedSeconds: 120,
  charge: -81_333,
  meteredPrice: 2 ** 41,
  rateDeck: 5,
  offer: null,
  flags: -32_768,
  record: Buffer.from('another record, of some length, in the same place'),
  recordStart: 0,
  recordEnd: 11,
};

/** The values of a row, each as its bytes; `null` for none. */
async function valuesOf(entry: Entry): Promise<(string | null)[]> {
  const buffer = new EntryCopyBuffer();
  buffer.append(entry);
  for await (const row of copyRows(oneChunk(buffer.take()))) {
    const values: (string | null)[] = [];
    for (let at = 2; at < row.length;) {
      const length = row.readInt32BE(at);
      values.push(length < 0 ? null : row.toString('hex', at + 4, at + 4 + length));
      at += 4 + Math.max(0, length);
    }
    return values;
  }
  throw new Error('Cannot read the row: there is none');
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('the table of columns', () => {
  it.each(ENTRY_TABLE.flatMap(({ name, fields }) => fields.map((field) => [field, name] as const)))(
    'has %s written to %s, and nowhere else',
    async (field, column) => {
      const before = await valuesOf(USAGE);
      const after = await valuesOf({ ...USAGE, [field]: OTHERS[field] });
      expect(before).toHaveLength(ENTRY_TABLE.length);
      const changed = ENTRY_TABLE.flatMap(({ name }, index) => (before[index] === after[index] ? [] : [name]));
      expect(changed).toEqual([column]);
    },
  );

  it('lays rows out with a count of two bytes and a length of four before each value', () => {
    const layout = layoutOf(['bucket', 'position', 'kind', 'flags']);
    expect(layout).toEqual({ at: { bucket: 6, position: 12, kind: 24, flags: 29 }, end: 31 });
    expect(() => layoutOf(['bucket', 'reason'])).toThrow("Cannot lay out 'reason': it has no one width");
  });

  it('names each field of an entry once', () => {
    const fields = ENTRY_TABLE.flatMap((column): readonly string[] => column.fields);
    expect(fields.toSorted()).toEqual(Object.keys(newEntry()).toSorted());
  });
});

describe('copyEntry()', () => {
  it('writes over every field', () => {
    const target = newEntry();
    copyEntry(OTHERS, target);
    expect(target).toEqual(OTHERS);
    copyEntry(USAGE, target);
    expect(target).toEqual(USAGE);
  });
});

describe('copyRows()', () => {
  it('cuts the same rows whatever the chunks', async () => {
    const buffer = new EntryCopyBuffer();
    for (const identityLow of [1, 2, 3]) buffer.append({ ...USAGE, identityLow });
    const bytes = Buffer.from(buffer.take());
    const rowsIn = async (size: number): Promise<string[]> => {
      const rows: string[] = [];
      for await (const row of copyRows(chunksOf(bytes, size))) rows.push(row.toString('hex'));
      return rows;
    };
    const whole = await rowsIn(bytes.length);
    expect(whole).toHaveLength(3);
    for (const size of [1, 7, 18, 19, 20, 150]) expect(await rowsIn(size)).toEqual(whole);
  });
});

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe.each(DATABASE_KINDS)('the columns of an entry on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
  });
  afterAll(() => db.close());

  it('are those of the table', async () => {
    const rows = await db.query<{ name: string; type: string; mayBeNull: boolean }>(
      `select attname::text as name, format_type(atttypid, atttypmod) as type, not attnotnull as "mayBeNull"
       from pg_attribute where attrelid = 'entry'::regclass and attnum > 0 and not attisdropped`,
    );
    const named = new Map(rows.map(({ name, ...column }) => [name, column]));
    const types = { int: 'integer', timestamptz: 'timestamp with time zone' } as const;
    const expected = ENTRY_TABLE.map(({ name, type, mayBeNull }): [string, unknown] => [
      name,
      { type: type === 'int' || type === 'timestamptz' ? types[type] : type, mayBeNull },
    ]);
    expect(named).toEqual(new Map(expected));
  });

  it('are shown by the view in the words of their letters', async () => {
    const [view] = await db.query<{ text: string }>(`select pg_get_viewdef('ledger_entry'::regclass) as text`);
    const words = [...view!.text.matchAll(/WHEN '(\w)'::"char" THEN '(\w+)'/g)].map(([, letter, word]) => [
      word,
      letter,
    ]);
    const coverages = Object.entries(COVERAGE_LETTERS);
    // The last kind is what is left.
    expect(words).toEqual([...Object.entries(KIND_LETTERS).slice(0, -1), ...coverages, ...coverages]);
  });

  it('come back by the feed, each field as it was posted', async () => {
    const correction = { kind: 'rerate', revision: 1, coverageBefore: 'included', record: null, recordEnd: 0 } as const;
    const given = [
      testEntry({
        ...OTHERS,
        period: 202611,
        position: 1,
        kind: 'usage',
        revision: 0,
        charge: 0,
        coverageBefore: null,
      }),
      testEntry({ ...USAGE, bucket: 9, position: 2, identityLow: 77 }),
      testEntry({ ...USAGE, ...correction, bucket: 9, position: 3, identityLow: 77, charge: 5, flags: 3 }),
      testEntry({
        ...correction,
        kind: 'reversal',
        revision: 2,
        coverage: null,
        bucket: 9,
        position: 4,
        recordStart: 0,
      }),
    ];
    await postEntries(db, given);
    const seen: Entry[] = [];
    const reader = new FeedReader();
    await db.transaction(async (tx) => {
      const feed = await reader.read(tx, [{ bucket: 9, after: 0, upTo: 4 }]);
      feed.visit((entry) => seen.push(postedBy(entry)));
    });
    expect(seen).toEqual(given.map(asText));
  });
});

/** The record as text, wherever it stands. */
function asText(entry: Entry): Entry {
  const { record, recordStart, recordEnd } = entry;
  const bytes = record === null ? Buffer.alloc(0) : Buffer.from(record.subarray(recordStart, recordEnd));
  return { ...entry, record: bytes, recordStart: 0, recordEnd: bytes.length };
}

function postedBy({ bytes, reasonStart, reasonEnd, ...entry }: FeedEntry): Entry {
  return asText({ ...entry, reason: bytes.toString('utf8', reasonStart, reasonEnd), record: bytes });
}
