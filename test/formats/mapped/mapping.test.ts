import { describe, expect, test } from 'vitest';
import type { Decoded } from '../../../formats/format.ts';
import { createMapped } from '../../../formats/mapped/mapped.ts';
import { readMapping } from '../../../formats/mapped/mapping.ts';
import { compileTimePattern } from '../../../formats/mapped/time-pattern.ts';
import { told } from '../read-fixture.ts';

const JSON_MAPPING = {
  form: 'json',
  call: 'id',
  line: 'caller.account',
  to: 'legs.0.number',
  answered: 'times.answer',
  ended: 'times.end',
  duration: { field: 'talk', unit: 'ms' },
  diversions: ['diverted'],
  transferredBy: 'by',
  ip: 'address',
  noCalls: [{ field: 'state', is: ['missed', ''], reason: 'unanswered' }],
};

function faultsOf(mapping: unknown): readonly string[] {
  const read = readMapping(JSON.stringify(mapping), 'm.json');
  return 'faults' in read ? read.faults : [];
}

function decode(mapping: object, record: unknown): Decoded {
  const read = readMapping(JSON.stringify(mapping), 'm.json');
  if ('faults' in read) throw new Error(read.faults.join());
  const format = createMapped('', { mapping: read.mapping, switchId: 'sw' });
  if ('problem' in format) throw new Error(format.problem);
  const bytes = Buffer.from(JSON.stringify(record));
  return format.decode(bytes, 0, bytes.length);
}

describe('a mapping', () => {
  const record = {
    id: 'c1',
    state: 'up',
    caller: { account: 'L1' },
    legs: [{ number: '0612345678#' }],
    times: { answer: '2026-11-03T11:15:04.250+01:00', end: 1_793_697_365.5 },
    talk: 61_250,
  };

  test('finds fields of JSON by path', () => {
    const times = { answer: '2026-11-03T10:15:04.250+01:00', end: '1793697365.500' };
    expect(told(decode(JSON_MAPPING, { ...record, times }))).toBe(
      'L1 to 0612345678 at 2026-11-03T09:15:04.250 for 61250 ms',
    );
    const more = { diverted: '"A" <sip:L2@x>', by: 'sip:L3@x', address: '192.0.2.1' };
    expect(told(decode(JSON_MAPPING, { ...record, times, ...more }))).toBe(
      'L1 to 0612345678 at 2026-11-03T09:15:04.250 for 61250 ms; diverted by L2; transferred by L3; from 192.0.2.1',
    );
  });

  test('has what contradicts itself, or says nothing, wait', () => {
    expect(told(decode(JSON_MAPPING, record))).toBe('bad: duration-mismatch');
    expect(told(decode(JSON_MAPPING, { ...record, legs: 'x' }))).toBe('bad: duration-mismatch');
    expect(told(decode(JSON_MAPPING, { ...record, state: undefined }))).toBe('unanswered');
    expect(told(decode(JSON_MAPPING, { ...record, times: [] }))).toBe('bad: invalid-field');
  });

  test.each<[string, unknown, readonly string[]]>([
    ['no object', [], ["Cannot use mapping 'm.json': it is not a JSON object"]],
    [
      'an unknown field',
      { ...JSON_MAPPING, durationMs: 'x' },
      [expect.stringContaining("Cannot use mapping 'm.json': field 'durationMs' is 'x', no field of a mapping")],
    ],
    [
      'several faults at once',
      { form: 'xml', zone: 'Paris', to: '', answered: { field: 'a', format: 'DD.MM.YY' } },
      [
        expect.stringContaining("field 'to' is ''"),
        expect.stringContaining("field 'call' is missing"),
        expect.stringContaining("field 'to' is missing"),
        expect.stringContaining("field 'line' is missing"),
        expect.stringContaining("field 'duration' is missing"),
        expect.stringContaining("field 'answered.format' is 'DD.MM.YY'"),
        expect.stringContaining("field 'form' is 'xml'"),
        expect.stringContaining("field 'zone' is 'Paris'"),
      ],
    ],
    [
      'a unit that is none',
      { ...JSON_MAPPING, duration: { field: 'd', unit: 'min' } },
      [expect.stringContaining('a unit of')],
    ],
    [
      'a reason that is none',
      { ...JSON_MAPPING, noCalls: [{ field: 's', is: ['x'], reason: 'busy' }] },
      [expect.stringContaining("field 'noCalls.reason' is 'busy'")],
    ],
    [
      'a test without values',
      { ...JSON_MAPPING, calls: [{ field: 's' }] },
      [expect.stringContaining("field 'calls' is")],
    ],
  ])('is refused with %s, naming file, field and value', (_what, mapping, expected) => {
    expect(faultsOf(mapping)).toEqual(expected);
  });

  test('is refused for a file that has not its columns', () => {
    const read = readMapping(JSON.stringify({ ...JSON_MAPPING, form: 'csv' }), 'm');
    const format = 'mapping' in read ? createMapped('a;b;c', { mapping: read.mapping, switchId: 's' }) : null;
    expect(format !== null && 'problem' in format && format.problem).toContain("it has no column 'id'");
  });
});

describe('compileTimePattern()', () => {
  test.each([
    ['DD.MM.YYYY hh:mm:ss', '03.11.2026 11:15:04', '2026-11-03T11:15:04.000Z'],
    ['MM/DD/YYYY hh:mm:ss.SSS', '11/3/2026 9:15:04.25', '2026-11-03T09:15:04.250Z'],
    ['YYYYMMDDhhmmss', '20261103111504', '2026-11-03T11:15:04.000Z'],
    ['DD.MM.YYYY hh:mm:ss', '31.02.2026 11:15:04', null],
    ['DD.MM.YYYY hh:mm:ss', '03.11.2026 24:15:04', null],
    ['DD.MM.YYYY hh:mm:ss', '03.11.2026 11:15:64', null],
    ['DD.MM.YYYY hh:mm:ss', '03-11-2026 11:15:04', null],
  ])('%s reads %j as %j', (shape, text, expected) => {
    const read = compileTimePattern(shape)?.(text) ?? null;
    expect(read === null ? null : new Date(read).toISOString()).toBe(expected);
  });

  test.each(['', 'YYYY', 'DD.MM.YYYY hh:mm', 'DD.MM.YYYY DD hh:mm:ss', 'x'.repeat(65)])('refuses %j', (shape) => {
    expect(compileTimePattern(shape)).toBe(null);
  });
});
