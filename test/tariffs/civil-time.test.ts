import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCivilTime, isTimeZone } from '../../tariffs/civil-time.ts';

const paris = compileCivilTime('Europe/Paris');
const ZONES = [
  'Europe/Paris',
  'UTC',
  'America/New_York',
  'Indian/Reunion',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'America/Sao_Paulo',
];

describe('periodOf()', () => {
  it('is the civil month of the zone, not that of UTC', () => {
    const table: [string, number][] = [
      ['2026-10-31T22:59:59.999Z', 202610],
      ['2026-10-31T23:00:00.000Z', 202611],
      ['2026-11-30T22:59:59.999Z', 202611],
      ['2026-11-30T23:00:00.000Z', 202612],
      ['2026-06-30T21:59:59.999Z', 202606],
      ['2026-06-30T22:00:00.000Z', 202607],
      ['2026-12-31T22:59:59.999Z', 202612],
      ['2026-12-31T23:00:00.000Z', 202701],
      ['2028-02-29T22:59:59.999Z', 202802],
      ['2028-02-29T23:00:00.000Z', 202803],
    ];
    expect(table.map(([text]) => [text, paris.periodOf(Date.parse(text))])).toEqual(table);
  });

  it('covers 2000 to 2060 and throws outside', () => {
    expect(paris.periodOf(paris.firstInstant)).toBe(200001);
    expect(paris.periodOf(paris.endInstant - 1)).toBe(206012);
    expect(paris.covers(paris.endInstant)).toBe(false);
    expect(() => paris.periodOf(paris.endInstant)).toThrow('outside 2000 to 2060');
    expect(() => paris.periodOf(paris.firstInstant - 1)).toThrow('outside 2000 to 2060');
    expect(paris.offsetMs(paris.firstInstant)).toBe(3_600_000);
    expect(() => paris.offsetMs(paris.firstInstant - 1)).toThrow('outside 2000 to 2060');
    expect(() => paris.offsetMs(Number.NaN)).toThrow('NaN');
  });

  it('lies between periodStart() and periodEnd(), which meet', () => {
    for (let period = 200001; period < 206012; period = paris.nextPeriod(period)) {
      expect(paris.periodOf(paris.periodStart(period))).toBe(period);
      expect(paris.periodOf(paris.periodEnd(period) - 1)).toBe(period);
      expect(paris.periodEnd(period)).toBe(paris.periodStart(paris.nextPeriod(period)));
      expect(paris.previousPeriod(paris.nextPeriod(period))).toBe(period);
    }
    expect(() => paris.periodStart(199912)).toThrow('199912');
    expect(() => paris.periodStart(202613)).toThrow('202613');
  });
});

describe('the local clock', () => {
  it('jumps from 01:59 to 03:00 on the last Sunday of March', () => {
    const change = Date.parse('2026-03-29T01:00:00Z');
    expect([paris.hourOfDay(change - 1), paris.hourOfDay(change)]).toEqual([1, 3]);
    expect([paris.offsetMs(change - 1), paris.offsetMs(change)]).toEqual([3_600_000, 7_200_000]);
    expect(paris.minuteOfWeek(change)).toBe(6 * 1440 + 180);
  });

  it('reads 02:00 to 02:59 twice on the last Sunday of October', () => {
    const change = Date.parse('2026-10-25T01:00:00Z');
    expect([paris.hourOfDay(change - 1), paris.hourOfDay(change)]).toEqual([2, 2]);
    expect([paris.minuteOfWeek(change - 60_000), paris.minuteOfWeek(change)]).toEqual([6 * 1440 + 179, 6 * 1440 + 120]);
  });

  it('knows that the week begins on Monday', () => {
    expect(paris.weekday(Date.parse('2026-11-23T00:00:00+01:00'))).toBe(0);
    expect(paris.weekday(Date.parse('2026-11-22T23:59:59+01:00'))).toBe(6);
    expect(paris.date(Date.parse('2026-11-22T23:30:00Z'))).toBe('2026-11-23');
  });

  it('equals Intl at any instant of any zone', () => {
    for (const timeZone of ZONES) {
      const civil = compileCivilTime(timeZone);
      const format = new Intl.DateTimeFormat('en-US', {
        timeZone,
        hourCycle: 'h23',
        weekday: 'short',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
      });
      const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
      fc.assert(
        fc.property(fc.integer({ min: civil.firstInstant, max: civil.endInstant - 1 }), (instant) => {
          const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
          const expected = {
            period: Number(part['year']) * 100 + Number(part['month']),
            date: `${part['year']}-${part['month']}-${part['day']}`,
            hour: Number(part['hour']),
            minute: days.indexOf(part['weekday'] ?? '') * 1440 + Number(part['hour']) * 60 + Number(part['minute']),
          };
          const actual = {
            period: civil.periodOf(instant),
            date: civil.date(instant),
            hour: civil.hourOfDay(instant),
            minute: civil.minuteOfWeek(instant),
          };
          expect(actual).toEqual(expected);
        }),
        { numRuns: 400 },
      );
    }
  });

  it('equals Intl within seconds of every change of the clock', () => {
    for (const timeZone of ZONES) {
      const civil = compileCivilTime(timeZone);
      const format = new Intl.DateTimeFormat('en-US', {
        timeZone,
        hourCycle: 'h23',
        hour: '2-digit',
        minute: '2-digit',
      });
      for (const { from } of civil.stretches) {
        for (const instant of [from - 1000, from, from + 1000].filter((at) => civil.covers(at))) {
          const minute = civil.minuteOfWeek(instant) % 1440;
          const clock = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
          expect(clock).toBe(format.format(instant));
        }
      }
    }
  });
});

describe('parseInstant()', () => {
  it('reads ISO 8601 with an offset or Z, and a plain date as midnight of the zone', () => {
    const table: [string, string | null][] = [
      ['2026-11-03T10:15:00.123Z', '2026-11-03T10:15:00.123Z'],
      ['2026-11-03T10:15:00.5+01:00', '2026-11-03T09:15:00.500Z'],
      ['2026-11-03T10:15-0530', '2026-11-03T15:45:00.000Z'],
      ['2026-11-03', '2026-11-02T23:00:00.000Z'],
      ['2026-07-01', '2026-06-30T22:00:00.000Z'],
      ['2028-02-29', '2028-02-28T23:00:00.000Z'],
      ['2026-02-29', null],
      ['2026-13-01', null],
      ['2026-11-03T24:00:00Z', null],
      ['2026-11-03T10:60:00Z', null],
      ['2026-11-03T10:15:00', null],
      ['2026-11-03 10:15:00Z', null],
      ['2026-11-03T10:15:00.1234Z', null],
      ['1999-12-31T12:00:00Z', null],
      ['2061-01-02', null],
      ['9999-12-31', null],
      ['9999-12-31T00:00:00Z', null],
      ['03/11/2026', null],
      ['', null],
    ];
    const expected = table.map(([text, iso]) => [text, iso === null ? null : Date.parse(iso)]);
    expect(table.map(([text]) => [text, paris.parseInstant(text)])).toEqual(expected);
  });

  it('takes a midnight that the change of the clock skips as the change itself', () => {
    const saoPaulo = compileCivilTime('America/Sao_Paulo');
    expect(saoPaulo.parseInstant('2018-11-04')).toBe(Date.parse('2018-11-04T03:00:00Z'));
    expect(saoPaulo.date(Date.parse('2018-11-04T03:00:00Z') - 1)).toBe('2018-11-03');
  });
});

describe('isTimeZone()', () => {
  it('tells zones from other words', () => {
    expect(['Europe/Paris', 'UTC', 'Paris', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});
