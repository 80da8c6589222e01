import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRows } from '../../../ledger/database/copy-rows.ts';
import {
  COVERAGE_LETTERS,
  ENTRY_FORM,
  ENTRY_TABLE,
  KIND_LETTERS,
  layoutOf,
} from '../../../ledger/entries/entry-columns.ts';
import { EntryCopyBuffer } from '../../../ledger/entries/entry-copy.ts';
import { type Database, type MonthCall, visitMonth } from '../../../ledger/index.ts';
import { type FeedEntry, FeedReader } from '../../../ledger/entries/usage-feed.ts';
import { copyEntry, type Entry, newEntry } from '../../../rater/index.ts';
import { OTHER_ENTRY, postEntries, testEntry } from '../../support/entries.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

const RECORD = Buffer.from('{"v":1,"switch":"s","call":"c1","leg":"a"}');

const USAGE = testEntry({ offer: 3, record: RECORD, recordStart: 1, recordEnd: 9 });
const OTHERS: Entry = { ...OTHER_ENTRY, offer: null };

/** An entry's row of a binary COPY. */
async function rowOf(entry: Entry): Promise<Buffer> {
  const buffer = new EntryCopyBuffer();
  buffer.append(entry);
  for await (const row of copyRows(oneChunk(buffer.take()))) return row;
  throw new Error('Cannot read the row: there is none');
}

/** The values of a row, each as its bytes; `null` for none. */
async function valuesOf(entry: Entry): Promise<(string | null)[]> {
  const row = await rowOf(entry);
  const values: (string | null)[] = [];
  for (let at = 2; at < row.length;) {
    const length = row.readInt32BE(at);
    values.push(length < 0 ? null : row.toString('hex', at + 4, at + 4 + length));
    at += 4 + Math.max(0, length);
  }
  return values;
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

describe('digests of postings', () => {
  // Whoever changes what this row is written as gives the form another number, and keeps the old one for `verify`.
  it('cover the rows of form 1', async () => {
    const digest = createHash('sha256')
      .update(await rowOf(USAGE))
      .digest('hex');
    expect([ENTRY_FORM, digest]).toEqual([1, 'a2f97cdeffccff1e398bc4088e50eb0272eb5af6727598ce526e5226da85e106']);
  });
});

describe('the letters of kind and coverage', () => {
  it('are those that the statements of the ledger name', () => {
    const folder = new URL('../../../ledger/', import.meta.url);
    const statements = readdirSync(folder, { encoding: 'utf8', recursive: true })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(new URL(name, folder), 'utf8'));
    const named = (column: string): Set<string> => {
      const asked = new RegExp(`\\b${column}\\s*(?:=|<>|in|is (?:not )?distinct from)\\s*\\(?((?:'\\w'(?:, )?)+)`, 'g');
      return new Set(statements.flatMap((text) => [...text.matchAll(asked)].flatMap(([, all]) => all!.match(/\w/g)!)));
    };
    expect(Object.values(KIND_LETTERS)).toEqual(expect.arrayContaining([...named('kind')]));
    expect(named('kind').size).toBeGreaterThan(2);
    const coverages = [...named('coverage'), ...named('coverage_before'), ...named('rated_coverage')];
    expect(Object.values(COVERAGE_LETTERS)).toEqual(expect.arrayContaining(coverages));
    expect(new Set(coverages).size).toBe(3);
  });

  it('are on the page of the ledger, with every column', () => {
    const page = readFileSync(new URL('../../../docs/reference/ledger.md', import.meta.url), 'utf8');
    const list = page.slice(page.indexOf('- `bucket`'), page.indexOf('There is one partition a period'));
    const explained = [...list.matchAll(/^- (.*?):/gm)].flatMap(([, names]) => names!.match(/\w+/g)!);
    expect(explained.toSorted()).toEqual(ENTRY_TABLE.map(({ name }) => name).toSorted());
    const lineOf = (column: string): string => list.split('\n').find((line) => line.startsWith(`- \`${column}\``))!;
    for (const [word, letter] of Object.entries(KIND_LETTERS))
      expect(lineOf('kind')).toContain(`\`${letter}\` ${word}`);
    for (const [word, letter] of Object.entries(COVERAGE_LETTERS)) {
      expect(lineOf('coverage')).toContain(`\`${letter}\` ${word}`);
    }
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

  it('are all shown by the view, with the currency', async () => {
    const rows = await db.query<{ name: string }>(
      `select attname::text as name from pg_attribute where attrelid = 'ledger_entry'::regclass and attnum > 0
       order by attnum`,
    );
    const shown = rows.map(({ name }) => name);
    expect(shown).toContain('currency');
    expect(shown.filter((name) => name !== 'currency')).toEqual(ENTRY_TABLE.map(({ name }) => name));
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

describe.each(DATABASE_KINDS)('a month on %s', (kind) => {
  it('has of each call what was posted, whatever call was read before', async () => {
    const db = await openTestDatabase(kind);
    try {
      // Blocks are read line by line; one line gives the order of positions, and each call follows one unlike it.
      const odd = { ...OTHERS, kind: 'usage', revision: 0, charge: 0, coverageBefore: null, line: USAGE.line } as const;
      const given = [odd, USAGE, odd, USAGE].map((entry, index) =>
        testEntry({ ...entry, bucket: 9, period: 202611, account: index, position: index + 1, identityLow: index }),
      );
      await postEntries(db, given);
      const seen: MonthCall[] = [];
      const keep = (call: MonthCall): unknown => seen.push({ ...call });
      await visitMonth(db, 202611, new Map([[9, given.length]]), { visit: keep, visitIdentities: () => undefined });
      const expected = given.map((entry) => ({ ...entry, isFree: entry.coverage === 'free', offer: entry.offer ?? 0 }));
      expect(seen).toHaveLength(expected.length);
      for (const [index, call] of seen.entries()) expect(expected[index]).toMatchObject(call);
    } finally {
      await db.close();
    }
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
