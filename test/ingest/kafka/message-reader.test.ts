import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveredRecord } from '../../../engine/index.ts';
import { openMessages, type TopicFormat, type TopicMessage } from '../../../ingest/kafka/message-reader.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';

const ASTERISK = { switchId: 'pbx', clock: compileCivilTime('UTC'), trunks: ['PJSIP/trunk'] };

function read(options: TopicFormat, values: readonly (string | Buffer | null)[]): DeliveredRecord[] {
  const reader = openMessages(options);
  if ('kind' in reader) throw new Error(reader.problem);
  return reader.read(
    values.map((value, index): TopicMessage => ({
      offset: String(100 + index),
      value: typeof value === 'string' ? Buffer.from(value) : value,
    })),
  );
}

/** A record in short: offset of its message, item, what it says, and the bytes that quarantine would keep. */
function shown({ position, item, decoded, buffer, start, end }: DeliveredRecord): string {
  const says = decoded.kind === 'call' ? decoded.cdr.callId : decoded.reason;
  return `${position}/${item} ${says} ${buffer.toString('utf8', start, end)}`;
}

function canonical(call: string): string {
  return JSON.stringify({
    v: 1,
    switch: 'sbc',
    call,
    line: 'L1',
    to: '+33612345678',
    answered: '2026-11-02T10:00:00.000Z',
    durationMs: 61_000,
  });
}

describe('records of messages', () => {
  it('are one a message, or as many as its value has lines', () => {
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(canonical);
    const records = read({ format: 'canonical-ndjson' }, [a!, `${b}\n\r\n${c}\r\n`, `${d}\n`]);
    expect(records.map(shown)).toEqual([`100/0 a ${a}`, `101/0 b ${b}`, `101/1 c ${c}`, `102/0 d ${d}`]);
  });

  it('end with their message: one that was cut off takes nothing of the next', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(canonical);
    const cutOff = b!.slice(0, 40);
    const records = read({ format: 'canonical-ndjson' }, [`${a}\n${cutOff}`, c!]);
    expect(records.map(shown)).toEqual([`100/0 a ${a}`, `100/1 not-json ${cutOff}`, `101/0 c ${c}`]);
  });

  it('are none for a message without a value or without anything in it', () => {
    const a = canonical('a');
    const records = read({ format: 'canonical-ndjson' }, [null, '', '\n \n', Buffer.from(`\ufeff${a}`), null]);
    expect(records.map(shown)).toEqual([`103/0 a ${a}`]);
  });

  it('are JSON documents on one line or many, in a row or in an array', () => {
    const document = { switchname: 'fs', variables: { uuid: 'u1', channel_name: 'loopback/a', direction: 'inbound' } };
    const pretty = JSON.stringify(document, null, 2);
    const compact = JSON.stringify(document);
    const records = read({ format: 'freeswitch-json' }, [
      pretty,
      `[${compact},\n${compact}]`,
      `${pretty}\n${pretty.slice(0, 50)}`,
      compact,
    ]);
    expect(records.map((record) => shown(record).slice(0, 14))).toEqual([
      '100/0 internal',
      '101/0 internal',
      '101/1 internal',
      '102/0 internal',
      '102/1 not-json',
      '103/0 internal',
    ]);
  });

  it('of Master.csv need no header line', () => {
    const row = '"","100","200","ctx","","PJSIP/L1-00000001","","","","2026-11-02 10:00:00",,"2026-11-02 10:00:09",9,0';
    const rows = `${row},"NO ANSWER","DOCUMENTATION"\n${row},"NO ANSWER","DOCUMENTATION"`;
    const records = read({ format: 'asterisk-csv', asterisk: ASTERISK }, [rows, '"broken']);
    expect(records.map((record) => shown(record).slice(0, 16).trim())).toEqual([
      '100/0 unanswered',
      '100/1 unanswered',
      '101/0 broken-quo',
    ]);
  });

  it('of canonical CSV come under a header line in each message; without it the message is one bad record', () => {
    const header = 'v,switch,call,line,to,answered,durationMs';
    const row = '1,sbc,a,L1,+33612345678,2026-11-02T10:00:00.000Z,61000';
    const records = read({ format: 'canonical-csv' }, [`${header}\n${row}\n${row.replace(',a,', ',b,')}`, row]);
    expect(records.map(shown)).toEqual([
      `100/0 a ${row}`,
      `100/1 b ${row.replace(',a,', ',b,')}`,
      `101/0 bad-header ${row}`,
    ]);
  });

  it('are all there when a message holds thousands', () => {
    const lines = Array.from({ length: 3_000 }, (_, index) => canonical(`c${index}`));
    const records = read({ format: 'canonical-ndjson' }, [lines.join('\n'), canonical('last')]);
    expect(records.map(({ item }) => item)).toEqual([...lines.keys(), 0]);
    expect(records.at(-1)?.position).toBe(101);
  });

  it('are the same however they are spread over messages', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.constantFrom('a', 'bb', 'ccc', '{"v":1,', 'é')), { maxLength: 20 }),
        (batches) => {
          const lines = batches.map((batch) => batch.map((text) => (text.length < 4 ? canonical(text) : text)));
          const records = read(
            { format: 'canonical-ndjson' },
            lines.map((texts) => texts.join('\n')),
          );
          const expected = lines.flatMap((texts, index) => texts.map((text, item) => [100 + index, item, text]));
          expect(
            records.map(({ position, item, buffer, start, end }) => [
              position,
              item,
              buffer.toString('utf8', start, end),
            ]),
          ).toEqual(expected);
        },
      ),
    );
  });

  it('can only be read with the settings that their format asks for', () => {
    const opened = openMessages({ format: 'asterisk-csv' });
    expect(opened).toMatchObject({ kind: 'unusable', code: 'missing-options' });
  });
});

describe('messages that hold more than can be read of one', () => {
  it('give 100,000 records, and what follows whole, in pieces of lines', () => {
    const value = Buffer.from(`${canonical('first')}\n${'0\n'.repeat(1_600_000)}${canonical('last')}\n`);
    const records = read({ format: 'canonical-ndjson' }, [value, canonical('after')]);
    const rest = records.filter(({ decoded }) => decoded.kind === 'bad' && decoded.reason === 'too-many-records');
    expect(records.length).toBe(100_000 + rest.length + 1);
    expect(rest.length).toBe(3);
    expect(rest.every(({ buffer, start, end }) => end - start <= 1_048_576 && buffer[end - 1] === 10)).toBe(true);
    expect(rest[0]!.start).toBe(records[99_999]!.end + 1);
    expect(Buffer.concat(rest.map(({ buffer, start, end }) => buffer.subarray(start, end)))).toEqual(
      value.subarray(rest[0]!.start),
    );
    expect(rest.map(({ item }) => item)).toEqual([100_000, 100_001, 100_002]);
    expect(shown(records.at(-1)!)).toBe(`101/0 after ${canonical('after')}`);
  });

  it('keep 1 MiB of a record that is too long, and read the others', () => {
    const value = `${canonical('a')}\n${'x'.repeat(3_000_000)}\n${canonical('b')}`;
    const [a, long, b] = read({ format: 'canonical-ndjson' }, [value]);
    expect([a, b].map((record) => shown(record!).slice(0, 7))).toEqual(['100/0 a', '100/2 b']);
    expect(long).toMatchObject({
      item: 1,
      decoded: { reason: 'too-long', detail: 'Cannot read the record: 3000000 bytes, at most 1048576 are read' },
    });
    expect(long!.end - long!.start).toBe(1_048_576);
  });

  it.each([['canonical-ndjson'], ['canonical-csv'], ['freeswitch-json']] as const)(
    'are one bad record where their beginning alone was kept: %s',
    (format) => {
      const reader = openMessages({ format });
      if ('kind' in reader) throw new Error(reader.problem);
      const value = Buffer.from(canonical('a'));
      const records = reader.read([{ offset: '7', value, valueBytes: 900_000_000 }]);
      expect(records).toMatchObject([{ position: 7, decoded: { kind: 'bad', reason: 'too-long' }, end: value.length }]);
    },
  );
});
