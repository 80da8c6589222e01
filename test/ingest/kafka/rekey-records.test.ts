import { describe, expect, it } from 'vitest';
import { type FormatSettings, readFormatSettings, type FormatId } from '../../../formats/index.ts';
import { openMessages } from '../../../ingest/kafka/message-reader.ts';
import { RekeyDirectory } from '../../../ingest/kafka/rekey-directory.ts';
import { dividesBuckets, rekeyRecords, routeByIdentity, routeByOwner } from '../../../ingest/kafka/rekey-records.ts';
import { originHeaders, rekeyedReader } from '../../../ingest/kafka/rekeyed-reader.ts';
import { type Database } from '../../../ledger/index.ts';
import { bucketOf, type Cdr, contentHash, type Line } from '../../../rater/index.ts';
import { plan } from '../../support/ledger-under-test.ts';
import { openTestDatabase } from '../../support/test-database.ts';
import { storeProvisioning } from '../../support/store-provisioning.ts';

const PARTITIONS = 8;
const ORIGIN = { source: 'kafka:pbx', partition: 3, format: 'canonical-ndjson' };

function lineOf(id: string, account: string, number: number): Line {
  const facts = { offer: null, usageClass: 'business', mobility: 'off', equipment: 'managed' } as const;
  return { id, account, spans: [{ from: 0, to: Infinity, number, ...facts }], devices: [], networks: [] };
}

function canonical(given: Readonly<Record<string, unknown>>): string {
  const call = { v: 1, switch: 'sbc', call: 'c1', line: 'L1', to: '+33612345678' };
  return JSON.stringify({ ...call, answered: '2026-11-02T10:00:00.000Z', durationMs: 61_000, ...given });
}

function read(format: FormatId, values: readonly string[], settings: FormatSettings = {}) {
  const given = readFormatSettings({ ...settings, format }, (name) => name);
  if (given.kind === 'faults') throw new Error(given.faults.join('\n'));
  const reader = openMessages({ ...given.options, format });
  if ('kind' in reader) throw new Error(reader.problem);
  return reader.read(values.map((value, index) => ({ offset: String(2 ** 33 + index), value: Buffer.from(value) })));
}

/** What the workers make of the messages, with the partition that each came by. */
function readAgain(requests: ReturnType<typeof rekeyRecords>['requests'], origin = ORIGIN) {
  return requests
    .flat()
    .flatMap(({ partition, value }) =>
      rekeyedReader
        .read([{ offset: '5', value, headers: originHeaders(origin) }])
        .map((record) => ({ partition, record })),
    );
}

async function directoryOf(lines: readonly Line[]) {
  const db = await openTestDatabase('postgres');
  const accounts = [...new Set(lines.map(({ account }) => account))].map((id) => ({ id, name: id }));
  await storeProvisioning(db, { accounts, lines });
  return { db, directory: await new RekeyDirectory(db, plan).current() };
}

/** The canonical form of a call. */
function canonicalOf({ recordBuffer, recordStart, recordEnd }: Cdr): Buffer {
  return recordBuffer.subarray(recordStart, recordEnd);
}

describe('re-keying records', () => {
  it('sends each call to the partition of the account that pays: the diverter’s, the transferor’s, else the line’s', async () => {
    const lines = [lineOf('L1', 'A1', 33_140_000_001), lineOf('L2', 'A2', 33_140_000_002), lineOf('L3', 'A9', 1)];
    const { db, directory } = await directoryOf(lines);
    const records = read('canonical-ndjson', [
      canonical({ call: 'own' }),
      canonical({ call: 'forwarded', diversions: ['+33140000002', 'carrier'] }),
      canonical({ call: 'transferred', transferredBy: 'L3' }),
    ]);
    const { requests } = rekeyRecords(records, ORIGIN, routeByOwner(directory, PARTITIONS));
    const partitions = readAgain(requests).map(({ partition, record: { decoded } }) => [
      decoded.kind === 'call' && decoded.cdr.callId,
      partition,
    ]);
    expect(Object.fromEntries(partitions)).toEqual({
      own: bucketOf('A1') % PARTITIONS,
      forwarded: bucketOf('A2') % PARTITIONS,
      transferred: bucketOf('A9') % PARTITIONS,
    });
    await db.close();
  });

  it('keeps all records of one call together when it is nobody’s', async () => {
    const { db, directory } = await directoryOf([]);
    const records = read(
      'canonical-ndjson',
      Array.from({ length: 60 }, (_, index) => canonical({ call: `c${index % 20}`, durationMs: index })),
    );
    const { requests } = rekeyRecords(records, ORIGIN, routeByOwner(directory, PARTITIONS));
    const byCall = Map.groupBy(readAgain(requests), ({ record: { decoded } }) =>
      decoded.kind === 'call' ? decoded.cdr.callId : '',
    );
    expect(byCall.size).toBe(20);
    for (const found of byCall.values()) expect(new Set(found.map(({ partition }) => partition)).size).toBe(1);
    expect(new Set(readAgain(requests).map(({ partition }) => partition)).size).toBeGreaterThan(3);
    await db.close();
  });

  it('hands on calls as the switch wrote them and in canonical form, with the place where they stood', () => {
    const trunk = ['PJSIP/trunk-*'];
    const record = {
      channel: 'PJSIP/L1-00000001',
      dstchannel: 'PJSIP/trunk-a-00000002',
      src: '101',
      dst: '0612345678',
      start: '2026-11-03T10:14:50.120+0100',
      answer: '2026-11-03T10:15:00.250+0100',
      end: '2026-11-03T10:16:01.100+0100',
      billsec: 60,
      disposition: 'ANSWERED',
      linkedid: '1793697290.16',
      sequence: 40,
      SystemName: 'pbx',
    };
    const text = JSON.stringify(record);
    const values = [text, `${text}\n${JSON.stringify({ ...record, sequence: 41 })}`];
    const records = read('asterisk-json', values, { trunk });
    const origin = { source: 'kafka:pbx', partition: 3, format: 'asterisk-json' };
    const { requests, handedOn } = rekeyRecords(records, origin, () => 0);
    expect(handedOn).toBe(3);
    const again = readAgain(requests, origin).map(({ record: found }) => found);
    expect(again.map(({ position, item }) => [position, item])).toEqual([
      [2 ** 33, 0],
      [2 ** 33 + 1, 0],
      [2 ** 33 + 1, 1],
    ]);
    for (const [index, { decoded, origin: place, buffer, start, end }] of again.entries()) {
      const before = records[index]!;
      expect(place).toEqual(origin);
      expect(buffer.subarray(start, end)).toEqual(before.buffer.subarray(before.start, before.end));
      if (decoded.kind !== 'call' || before.decoded.kind !== 'call') throw new Error('Cannot compare: one is no call');
      expect(contentHash(decoded.cdr)).toBe(contentHash(before.decoded.cdr));
      expect(canonicalOf(decoded.cdr)).toEqual(canonicalOf(before.decoded.cdr));
    }
  });

  it('ends the way of what is no call, counted, and of what can’t be read, for quarantine', () => {
    const records = read('canonical-ndjson', [
      canonical({ kind: 'attempt', answered: null }),
      `${canonical({ kind: 'inbound' })}\n{"v":1,`,
      canonical({}),
    ]);
    const { requests, quarantine, counts, handedOn } = rekeyRecords(records, ORIGIN, routeByIdentity(PARTITIONS));
    expect(handedOn).toBe(1);
    expect(readAgain(requests)).toHaveLength(1);
    expect(Object.fromEntries(counts)).toEqual({
      'received\t': 3,
      'not-a-call\tunanswered': 1,
      'not-a-call\tinbound': 1,
      'quarantined\tnot-json': 1,
    });
    expect(quarantine).toMatchObject([
      { ...ORIGIN, position: 2 ** 33 + 1, item: 1, reason: 'not-json', cdr: null, record: Buffer.from('{"v":1,') },
    ]);
  });

  it('sends one message a partition at a time, none larger than a broker takes', () => {
    const pad = 'x'.repeat(1_000);
    const values = Array.from({ length: 1_500 }, (_, index) => canonical({ call: `c${index}`, ua: pad }));
    values.push(canonical({ call: 'long' }).replace('{', `{${' '.repeat(600_000)}`));
    const records = read('canonical-ndjson', values);
    const { requests } = rekeyRecords(records, ORIGIN, () => 2);
    expect(requests.length).toBeGreaterThan(4);
    expect(requests.every((messages) => messages.length === 1 && messages[0]!.value.length < 1_000_000)).toBe(true);
    const calls = readAgain(requests).map(({ record: { decoded } }) => decoded.kind === 'call' && decoded.cdr.callId);
    expect(calls).toEqual([...Array.from({ length: 1_500 }, (_, index) => `c${index}`), 'long']);
  });

  it('asks for a count of partitions of which each has whole buckets', () => {
    expect([0, 1, 2, 3, 6, 8, 12, 64, 128].filter(dividesBuckets)).toEqual([1, 2, 8, 64]);
  });
});

describe('reading re-keyed messages', () => {
  it('makes one bad record of a message that the re-keyer did not write', () => {
    const strange = { offset: '8', value: Buffer.from('{"v":1}'), headers: originHeaders(ORIGIN) };
    const [unframed] = rekeyedReader.read([strange]);
    expect(unframed).toMatchObject({ decoded: { kind: 'bad', reason: 'broken-frame' }, position: 8, item: 0 });
    const { requests } = rekeyRecords(read('canonical-ndjson', [canonical({})]), ORIGIN, () => 0);
    const value = requests[0]![0]!.value;
    expect(rekeyedReader.read([{ offset: '9', value }])).toMatchObject([{ decoded: { reason: 'broken-frame' } }]);
    expect(rekeyedReader.read([{ offset: '10', value: null }])).toEqual([]);
  });
});

describe('the re-keyer’s directory', () => {
  it('is loaded again when facts have changed, about a second later', async () => {
    const db: Database = await openTestDatabase('postgres');
    let now = 0;
    const directory = new RekeyDirectory(db, plan, () => now);
    const first = await directory.current();
    await storeProvisioning(db, { accounts: [{ id: 'A1', name: 'A1' }], lines: [lineOf('L1', 'A1', 33_140_000_001)] });
    expect(await directory.current()).toBe(first);
    now += 1_000;
    const second = await directory.current();
    expect(first.get('L1')).toBeUndefined();
    expect(second.get('L1')?.bucket).toBe(bucketOf('A1'));
    now += 1_000;
    expect(await directory.current()).toBe(second);
    await db.close();
  });
});
