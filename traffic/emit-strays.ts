import type { Emit } from './emitted-record.ts';
import { encodeRecord } from './encode-record.ts';
import type { MonthCalendar } from './month-calendar.ts';
import { numberRanges } from './number-ranges.ts';
import { Random } from './random.ts';
import type { TrafficRecord } from './traffic-record.ts';

/** Strings that are no number, each with the reason that the numbering plan gives. */
const badNumbers: readonly (readonly [dialled: string, reason: string])[] = [
  ['', 'empty-number'],
  ['anonymous', 'not-a-number'],
  ['06XXXXXX12', 'not-a-number'],
  ['*98', 'service-code'],
  ['tel:1234;phone-context=+44', 'foreign-context'],
  ['+0612345678', 'malformed-number'],
  ['612345678', 'ambiguous-number'],
  ['4000', 'unknown-short-code'],
  ['0600123456', 'routing-prefix'],
  ['+999123456789', 'unassigned-number'],
  ['061234567', 'wrong-length'],
];

/** Ways to break a good record, each with the reason that the reader gives. */
const breakages: readonly (readonly [breakIt: (text: string) => string, reason: string])[] = [
  [(text) => text.slice(0, text.length >> 1), 'not-json'],
  [(text) => text.replace('"durationMs":', '"durationMs":0'), 'not-json'],
  [(text) => `[${text}]`, 'not-an-object'],
  // In Latin-1, as records are written, `é` is one byte, and no UTF-8.
  [(text) => text.replace('"sbc', '"\u00e9sbc'), 'invalid-utf8'],
  [(text) => text.replace('{', '{"durationMs":1,'), 'duplicate-field'],
  [(text) => text.replace('"v":1', '"v":2'), 'unsupported-version'],
  [(text) => text.replace('{', '{"disposition":"ANSWERED",'), 'unknown-field'],
  [(text) => text.replace(/"line":"[^"]*",/, ''), 'missing-field'],
  [(text) => text.replace(/"answered":"[^"]*"/, '"answered":"2026-02-30T10:00:00Z"'), 'invalid-field'],
  [(text) => text.replace(/"answered":"([^"]*)Z"/, '"answered":"$1"'), 'invalid-field'],
  [(text) => text.replace(/"durationMs":\d+/, '"durationMs":-1'), 'invalid-field'],
  [(text) => text.replace(/"durationMs":(\d+)/, '"durationMs":"$1"'), 'invalid-field'],
  [(text) => text.replace(/"ip":"[^"]*"/, '"ip":"300.1.2.3"'), 'invalid-field'],
  [(text) => text.replace(/"call":"[^"]*"/, '"call":""'), 'invalid-field'],
];

const UNKNOWN_LINES = ['L999999', 'trunk-old', '+33999000000', 'l000001'];

/** Of all calls: records that cannot be read; numbers that are none; lines that are not ours. */
const BROKEN = 0.0005;
const BAD_NUMBER = 0.0005;
const UNKNOWN_LINE = 0.0005;

/**
 * Writes the records that belong to no call of any line: broken ones, numbers that are none, unknown lines; every kind
 * at least once. `lines` are ids of lines that are in force all month.
 */
export function emitStrays(
  seed: string,
  lines: readonly string[],
  calls: number,
  calendar: MonthCalendar,
  emit: Emit,
): void {
  const random = new Random(seed, 'strays');
  let count = 0;
  const record = (changes: Partial<TrafficRecord>): { readonly text: string; readonly at: number } => {
    const startedAt = calendar.start + random.below(calendar.end - calendar.start);
    const stray = {
      ...strayRecord(random, `stray-${(count++).toString(16).padStart(6, '0')}`, random.pick(lines), startedAt),
      ...changes,
    };
    return { text: encodeRecord(stray), at: startedAt + stray.durationMs };
  };
  for (let index = 0; index < Math.max(breakages.length, Math.round(calls * BROKEN)); index++) {
    const [breakIt, reason] = itemAt(breakages, index);
    const { text, at } = record({});
    emit({ text: breakIt(text), at, fate: { kind: 'quarantined', reason } });
  }
  for (let index = 0; index < Math.max(badNumbers.length, Math.round(calls * BAD_NUMBER)); index++) {
    const [dialled, reason] = itemAt(badNumbers, index);
    emit({ ...record({ dialled }), fate: { kind: 'quarantined', reason } });
  }
  for (let index = 0; index < Math.max(UNKNOWN_LINES.length, Math.round(calls * UNKNOWN_LINE)); index++) {
    emit({ ...record({ line: itemAt(UNKNOWN_LINES, index) }), fate: { kind: 'quarantined', reason: 'unknown-line' } });
  }
}

function itemAt<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('Cannot take an item: there is none');
  return item;
}

function strayRecord(random: Random, callId: string, line: string, startedAt: number): TrafficRecord {
  const range = random.pick(numberRanges['national-mobile']);
  return {
    switchId: 'sbc-par-1',
    callId,
    legId: '',
    line,
    dialled: `+${range.replaceAll('X', () => String(random.below(10)))}`,
    calling: null,
    startedAt,
    durationMs: random.between(1000, 300_000),
    userAgent: null,
    sourceIp: '192.0.2.1',
    diversions: [],
    transferredBy: null,
    mobilityUsed: null,
    revision: 0,
    kind: 'call',
  };
}
