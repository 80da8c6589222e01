import { openMessages, type TopicMessage } from '../ingest/kafka/message-reader.ts';
import { RekeyDirectory } from '../ingest/kafka/rekey-directory.ts';
import { rekeyRecords, type RekeyedRecords, routeByOwner } from '../ingest/kafka/rekey-records.ts';
import { originHeaders, rekeyedReader } from '../ingest/kafka/rekeyed-reader.ts';
import { openDatabase } from '../ledger/index.ts';
import { plan, setUpLedger } from './ledger.ts';
import { makeTraffic } from './traffic.ts';

const LINES = 50_000;
const RECORDS = 300_000;
const WARM_UP = 100_000;
const SLICE = 10_000;
const PARTITIONS = 8;
const ORIGIN = { source: 'kafka:cdr', partition: 0, format: 'canonical-ndjson' };

/**
 * What re-keying costs the processor: reading messages of one record, sorting them into messages of many, reading
 * those.
 */
export async function benchRekeying(): Promise<void> {
  const size = { lines: LINES, records: RECORDS, numbersPerLine: 40, recordsPerChunk: SLICE, name: 'rekeying' };
  const traffic = makeTraffic(size);
  const db = await openDatabase({ memory: true });
  await setUpLedger(db, traffic);
  const route = routeByOwner(await new RekeyDirectory(db, plan).current(), PARTITIONS);
  const reader = openMessages({ format: 'canonical-ndjson' });
  if ('problem' in reader) throw new Error(reader.problem);

  const slices = traffic.chunks.map(messagesOf);
  const timed = slices.slice(WARM_UP / SLICE);
  const records = timed.length * SLICE;
  const sent = { bytes: 0, messages: 0 };
  const spent = { parse: 0, read: 0, sort: 0, readAgain: 0 };
  for (const [index, slice] of slices.entries()) {
    const share = index < WARM_UP / SLICE ? 0 : 1 / records;
    spent.parse += share * time(() => slice.forEach(({ value }) => JSON.parse(String(value)))).ns;
    const read = time(() => reader.read(slice));
    const sorted = time(() => rekeyRecords(read.made, ORIGIN, route));
    const messages = messagesAgain(sorted.made);
    spent.read += share * read.ns;
    spent.sort += share * sorted.ns;
    spent.readAgain += share * time(() => rekeyedReader.read(messages)).ns;
    if (share === 0) continue;
    sent.messages += messages.length;
    sent.bytes += messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  }

  const line = (name: string, ns: number): string =>
    `${name.padEnd(28)}${ns.toFixed(0).padStart(5)} ns a record  (${(ns / spent.parse).toFixed(2)} x JSON.parse)`;
  console.log(line('JSON.parse', spent.parse));
  console.log(line('read messages of one record', spent.read));
  console.log(line('sort into messages of many', spent.sort));
  console.log(line('read messages of many', spent.readAgain));
  console.log(
    `${Math.round(records / sent.messages)} records a message, ${(sent.bytes / records).toFixed(0)} bytes a record`,
  );
  await db.close();
}

function messagesOf(chunk: Buffer): TopicMessage[] {
  const lines = chunk.toString('latin1').trimEnd().split('\n');
  return lines.map((line, index) => ({ offset: String(index), value: Buffer.from(line, 'latin1') }));
}

function messagesAgain({ requests }: RekeyedRecords): TopicMessage[] {
  const headers = originHeaders(ORIGIN);
  return requests.flat().map(({ value }, index) => ({ offset: String(index), value, headers }));
}

/** What `run` makes, and the CPU time of this process that it took. */
function time<T>(run: () => T): { readonly made: T; readonly ns: number } {
  const before = process.cpuUsage();
  const made = run();
  const { user, system } = process.cpuUsage(before);
  return { made, ns: (user + system) * 1000 };
}
