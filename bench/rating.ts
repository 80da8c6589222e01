import { EntryCopyBuffer, openDatabase } from '../ledger/index.ts';
import type { Delivery } from '../engine/delivery.ts';
import { Batch } from '../engine/tasks/batch.ts';
import { judgeTouched } from '../engine/verdicts/judge-touched.ts';
import { rateDelivery } from '../engine/tasks/rate-delivery.ts';
import { RatingState } from '../engine/memory/rating-state.ts';
import { CallColumns } from '../rater/index.ts';
import { catalogueOf, setUpLedger } from './ledger.ts';
import { deliveryOf, deliveryOfMessages, messagesOf } from './delivery.ts';
import { makeTraffic } from './traffic.ts';

const LINES = 50_000;
const RECORDS = 750_000;
const WARM_UP = 150_000;
const BATCH = 10_000;
/** Batches that are measured in one go. */
const IN_A_ROW = 10;

/**
 * In-process rating on one core: canonical NDJSON bytes to entries encoded for the database and months judged, all
 * six conditions on.
 */
export async function benchRating(): Promise<void> {
  const traffic = makeTraffic({
    lines: LINES,
    records: RECORDS,
    numbersPerLine: 40,
    recordsPerChunk: BATCH,
    name: 'rating',
  });
  const db = await openDatabase({ memory: true });
  await setUpLedger(db, traffic);
  const catalogue = await catalogueOf(db);
  const state = await RatingState.load(db, catalogue);
  await state.loadMonths(Array.from({ length: 64 }, (_, bucket) => ({ bucket, period: 202611 })));

  const warm = traffic.chunks.slice(0, WARM_UP / BATCH);
  const timed = traffic.chunks.slice(WARM_UP / BATCH);
  const records = timed.length * BATCH;
  const bytes = timed.reduce((sum, chunk) => sum + chunk.length, 0);
  const entries = new EntryCopyBuffer();
  let entryBytes = 0;
  const rateChunk = (chunk: Buffer): void => {
    const batch = new Batch(state, catalogue, entries);
    for (const step of rateDelivery(deliveryOf(chunk, 'timed', 0), batch, BATCH)) void step;
    judgeTouched(batch, 0);
    entryBytes += entries.take().length;
  };
  for (const chunk of warm) {
    parseAll(chunk);
    rateChunk(chunk);
  }
  entryBytes = 0;

  // All in turn, so that a machine that slows down slows all of them; some batches in a row, so that each has the
  // caches to itself.
  let [parseNs, decodeNs, messageNs, rateNs] = [0, 0, 0, 0];
  for (let from = 0; from < timed.length; from += IN_A_ROW) {
    const some = timed.slice(from, from + IN_A_ROW);
    const messages = some.map(messagesOf);
    parseNs += time(() => some.forEach(parseAll)) / records;
    decodeNs += time(() => some.forEach((chunk) => readAll(deliveryOf(chunk, 'timed', 0)))) / records;
    messageNs += time(() => messages.forEach((one) => readAll(deliveryOfMessages(one, 'timed', 0)))) / records;
    rateNs += time(() => some.forEach(rateChunk)) / records;
  }

  console.log(`records                     ${records}, ${(bytes / records).toFixed(0)} bytes each, ${LINES} lines`);
  console.log(`JSON.parse                  ${parseNs.toFixed(0)} ns a record`);
  console.log(
    `decode                      ${decodeNs.toFixed(0)} ns  (${(decodeNs / parseNs).toFixed(2)} x JSON.parse)`,
  );
  console.log(
    `  from separate messages    ${messageNs.toFixed(0)} ns  (${(messageNs / parseNs).toFixed(2)} x JSON.parse)`,
  );
  console.log(`bytes to entries            ${rateNs.toFixed(0)} ns  (${(rateNs / parseNs).toFixed(2)} x JSON.parse)`);
  console.log(`                            ${Math.round(1e9 / rateNs).toLocaleString('en')} calls/s on one core`);
  console.log(`entry                       ${(entryBytes / records).toFixed(0)} bytes of COPY`);
  await db.close();
}

function parseAll(chunk: Buffer): void {
  let start = 0;
  for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
    JSON.parse(chunk.toString('latin1', start, end));
    start = end + 1;
  }
}

const calls = new CallColumns(128);

/** Reads all records as the hot path does. */
function readAll({ records }: Delivery): void {
  for (const [index, record] of records.entries()) {
    if (record.scan?.(calls, index % calls.capacity) !== true) void record.decoded;
  }
}

/** CPU time of this process, ns: other work on the machine does not count. */
function time(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
}
