import type { Database } from '../ledger/index.ts';

const BATCHES = 20;
const BATCH = 10_000;
const ROUNDS = 5;
/** Rows a second that this took on the machine, and on the day, for which the goals were set. */
const REFERENCE_ROWS = 223_000;

const COLUMNS = `account, call, month, started_at, duration_s, billed_s, called, prefix, price, charge, kind, flags,
  revision, deck, currency, source_position, source_partition, destination`;

const MAKE_ROWS = `create unlogged table plain_source as
  select floor(50000 * (random() ^ 2.2))::int as account, md5(i::text) || '-abc' as call, 202611 as month,
    '2026-11-01'::timestamptz + i * interval '5 seconds' as started_at, 61 as duration_s, 120 as billed_s,
    33610000000 + i as called, 336 as prefix, 81333::bigint as price, 81333::bigint as charge, 1::smallint as kind,
    1::smallint as flags, 0::smallint as revision, 1 as deck, 'EUR' as currency, 1::bigint as source_position,
    1 as source_partition, 'a destination with its name in full' as destination, i / ${BATCH} as batch
  from generate_series(0, ${BATCHES * BATCH - 1}) i`;

const MAKE_TABLE = `drop table if exists plain;
  create table plain (like plain_source) partition by list (month);
  alter table plain drop column batch;
  create table plain_202611 partition of plain for values in (202611);
  alter table plain add primary key (account, call, month);
  create index on plain (account, started_at, call);`;

/**
 * Rows a second of nothing but COPY, the median of five rounds: 18 columns of 228 bytes with two indexes, 10,000 rows
 * a transaction, into an empty table. The database's measure of the machine: it takes none of our code but the
 * sending of bytes.
 */
export async function plainCopyPerSecond(db: Database): Promise<number> {
  await db.exec(MAKE_ROWS);
  const batches: Buffer[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    const chunks: Uint8Array[] = [];
    const rows = `select ${COLUMNS} from plain_source where batch = ${batch}`;
    for await (const chunk of db.copyOut(`copy (${rows}) to stdout (format binary)`)) chunks.push(chunk);
    batches.push(Buffer.concat(chunks));
  }
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await db.exec(MAKE_TABLE);
    const begin = performance.now();
    for (const batch of batches) {
      await db.transaction((tx) => tx.copyIn(`copy plain (${COLUMNS}) from stdin (format binary)`, batch));
    }
    rounds.push((BATCHES * BATCH * 1000) / (performance.now() - begin));
  }
  await db.exec('drop table plain; drop table plain_source');
  return rounds.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

/** A rate as measured, and as the machine of the goals would have it, whose COPY was so much faster. */
export function durableRateText(perSecond: number, plainPerSecond: number): string {
  const [rate, scaled, plain, reference] = [
    perSecond,
    (perSecond * REFERENCE_ROWS) / plainPerSecond,
    plainPerSecond,
    REFERENCE_ROWS,
  ].map((value) => Math.round(value).toLocaleString('en'));
  return `${rate}/s (${scaled}/s where plain COPY takes ${reference} rows/s, here ${plain})`;
}
