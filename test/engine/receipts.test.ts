import { describe, expect, it } from 'vitest';
import { originHeaders, rekeyedReader } from '../../ingest/kafka/rekeyed-reader.ts';
import { MessageFrame } from '../../kafka/frame-message.ts';
import { receiptHeaders, receiptsOf } from '../../ingest/kafka/receipt-headers.ts';
import {
  DEFAULT_START_WINDOW,
  isPlausible,
  messageTimestamp,
  receiptAt,
  receiptReader,
} from '../../engine/starts/plausible-starts.ts';

const DAY = 86_400_000;
const WINDOW = { beforeMs: 3 * DAY, afterMs: 0 };

describe('messageTimestamp()', () => {
  it.each([
    ['0', 0],
    ['1795903441716', 1_795_903_441_716],
    ['-1', null],
    ['', null],
    ['1e3', null],
    [undefined, null],
    ['9223372036854775807', 253_402_214_400_000],
  ])('reads %s', (text, expected) => {
    expect(messageTimestamp(text)).toBe(expected);
  });
});

describe('receiptReader()', () => {
  it('gives messages of one timestamp one receipt, and none where there is no timestamp', () => {
    const receiptOf = receiptReader(WINDOW);
    expect(receiptOf('5')).toBe(receiptOf('5'));
    expect(receiptOf('6')).toEqual(receiptAt(6, WINDOW));
    expect(receiptOf('-1')).toBeNull();
    expect(isPlausible(Infinity, receiptOf(undefined))).toBe(true);
  });
});

describe('the headers of a re-keyed message', () => {
  const offset = '7';

  it.each([
    ['one receipt', [5, 5, 5]],
    ['several, in any order', [5, 9, 9, 1, 1_795_903_441_716, 0]],
    ['some, and none', [null, null, 8, null, 8, 3]],
    ['none at all', [null, null]],
  ])('carry when each record reached its source: %s', (_, instants) => {
    const receipts = instants.map((instant) => (instant === null ? null : receiptAt(instant, WINDOW)));
    const headers = receiptHeaders(receipts);
    expect(receiptsOf({ offset, value: null, headers, timestamp: '99' }, receipts.length)).toEqual(receipts);
  });

  it('of an earlier version are none: the time of re-keying stands in', () => {
    const receipt = receiptAt(99, DEFAULT_START_WINDOW);
    expect(receiptsOf({ offset, value: null, timestamp: '99' }, 2)).toEqual([receipt, receipt]);
    expect(receiptsOf({ offset, value: null, timestamp: '-1' }, 1)).toEqual([null]);
  });

  it.each([
    ['too few', { 'fairtally-received': '5' }],
    ['too many', { 'fairtally-received': '5*3' }],
    ['nonsense', { 'fairtally-received': '5,x' }],
    ['a negative instant', { 'fairtally-received': '5,-6' }],
    ['an instant that is none', { 'fairtally-received': '999999999999999,1' }],
    ['a window that is none', { 'fairtally-received': '5*2', 'fairtally-starts': '1' }],
  ])('that the re-keyer did not write make the message none of its own: %s', (_, headers) => {
    expect(receiptsOf({ offset, value: null, headers, timestamp: '99' }, 2)).toBeNull();
    const frame = new MessageFrame();
    for (const item of [0, 1]) frame.add({ position: 1, item, record: Buffer.from('{}'), canonical: null });
    const origin = originHeaders({ source: 'kafka:x', partition: 0, format: 'canonical-ndjson' });
    const [record] = rekeyedReader.read([{ offset, value: frame.take(), headers: { ...origin, ...headers } }]);
    expect(record?.decoded).toMatchObject({ kind: 'bad', reason: 'broken-frame' });
  });
});
