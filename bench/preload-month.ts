import { ENTRY_COLUMNS } from '../ledger/entries/entry-columns.ts';
import { type Database, ensurePeriod } from '../ledger/index.ts';
import { catalogueOf } from './ledger.ts';

const PERIOD = 202611;
const SLICE = 1_000_000;
/** Statements that fill the month at once: a core each on a small machine. */
const WRITERS = 2;
const NUMBERS_PER_LINE = 100;

/**
 * Fills November 2026, which has no entry yet, with usage entries, by statements in the database: what a month looks
 * like that is nearly over. The calls are spread over the lines and the month, each line over a hundred numbers, so
 * that no condition breaks. The indexes are dropped and made again, which is many times faster than keeping them up.
 */
export async function preloadMonth(db: Database, entries: number, lines: number): Promise<void> {
  // The ledger numbers its destinations when a catalogue is first loaded.
  await catalogueOf(db);
  await ensurePeriod(db, PERIOD);
  const indexes = await db.query<{ name: string; definition: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = $1::text::regclass`,
    [`entry_${PERIOD}`],
  );
  for (const { name } of indexes) await db.exec(`drop index ${name}`);
  // Which line the calls of a round are of, one each, and which of its bucket's calls of the round each is.
  await db.query(`create table bench_round as ${ROUND.replaceAll('$1', String(Number(lines)))}`);
  await db.exec('alter table bench_round add primary key (call); analyze bench_round');
  await fill(db, entries, lines);
  await db.exec('drop table bench_round');
  await Promise.all(indexes.map(({ definition }) => db.exec(definition)));
  await db.query(
    'update head h set position = coalesce((select max(position) from entry e where e.bucket = h.bucket), 0)',
  );
  // No posting tells of them: for a relay, the month begins now.
  await db.query(
    `insert into relay_cursor (feed, bucket, position) select 'usage', bucket, position from head
     on conflict (feed, bucket) do update set position = excluded.position`,
  );
  await db.exec(`vacuum analyze entry_${PERIOD}`);
  await db.query('checkpoint');
}

async function fill(db: Database, entries: number, lines: number): Promise<void> {
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < entries) {
      const first = next;
      next += SLICE;
      const last = Math.min(entries, next) - 1;
      await db.query(SLICE_STATEMENT, [first, last, entries, lines, NUMBERS_PER_LINE, PERIOD]);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

const ROUND = `
  select r.call, r.line_index, l.no as line, l.id, l.account, l.bucket,
         row_number() over (partition by l.bucket order by r.call) as place,
         count(*) over (partition by l.bucket) as places
  from (select call, (call * 7919) % $1 as line_index from generate_series(0::bigint, $1 - 1) as call) as r
  join line l on l.id = 'L' || lpad(r.line_index::text, 6, '0')`;

const SLICE_STATEMENT = `
  with call as (
    select i, i / $4::bigint as round, i % $4::bigint as call_of_round,
           -- From 8 to 19 o'clock of 28 days, in order of time.
           date_trunc('milliseconds', timestamptz '2026-11-01 08:00:00+01' + floor(i * 28.0 / $3::bigint) * interval '1 day'
             + (i * 28.0 / $3::bigint - floor(i * 28.0 / $3::bigint)) * interval '11 hours') as started_at,
           (hashint8extended(i, 7) & 255)::int * 1000 + 1000 as duration_ms
    from generate_series($1::bigint, $2::bigint) as i
  )
  insert into entry (${ENTRY_COLUMNS})
  select l.bucket, c.round * l.places + l.place, $6::int, $6::int, l.account, l.line,
         hashint8extended(c.i, 42), 0, 'u', c.started_at, c.duration_ms,
         33610000000 + (l.line_index * 977 + (c.i * 31) % $5::bigint * 7001) % 29000000,
         (select min(no) from destination), 'i', null, 'national-mobile', (c.duration_ms + 59999) / 60000 * 60, 0,
         (c.duration_ms + 59999) / 60000 * 90000, (select max(no) from rate_deck), (select max(no) from offer), 0,
         format('{"v":1,"switch":"preload","call":"%s-4f1c-9a7e-5d3b8c6e2a10","line":"%s","to":"+%s","answered":"%s",' ||
                '"durationMs":%s,"ua":"Yealink SIP-T46U 108.86.0.20","ip":"10.0.0.20"}',
                lpad(to_hex(c.i), 12, '0'), l.id,
                33610000000 + (l.line_index * 977 + (c.i * 31) % $5::bigint * 7001) % 29000000,
                to_char(c.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), c.duration_ms)
  from call c join bench_round l on l.call = c.call_of_round`;
