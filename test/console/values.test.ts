import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callsOf, readCallsFilter, weekdayOf } from '../../console/src/case/calls-filter.ts';
import { readEvidence } from '../../console/src/case/evidence.ts';
import { daysIn, roundSteps, stepPath } from '../../console/src/charts/scale.ts';
import { perMinute } from '../../console/src/health/day.ts';
import { en } from '../../console/src/language/en.ts';
import { formatOf, phoneText } from '../../console/src/language/format.ts';
import { fr } from '../../console/src/language/fr.ts';
import { microsOf, moneyOf, sumOfMoney } from '../../console/src/language/money.ts';
import { fill, fillNodes } from '../../console/src/language/text.ts';
import { groupOf } from '../../console/src/quarantine/reason-groups.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import { QUARANTINE_REASONS } from '../../services/index.ts';

function same(value: number): number {
  return value;
}

describe('what a day has seen', () => {
  it('tells how many records came a minute, once it was counted twice', () => {
    expect(perMinute(null, { at: 60_000, records: 5 })).toBeNull();
    expect(perMinute({ at: 60_000, records: 5 }, { at: 61_000, records: 9 })).toBeNull();
    expect(perMinute({ at: 60_000, records: 5 }, { at: 90_000, records: 105 })).toBe(200);
  });
});

describe('money', () => {
  it('is added exactly, whatever its size', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })), (amounts) => {
        const texts = amounts.map(moneyOf);
        expect(microsOf(sumOfMoney(texts))).toBe(amounts.reduce((sum, amount) => sum + amount, 0n));
      }),
    );
  });

  it('is shown exactly where a float would not do', () => {
    expect(formatOf('en-GB').money('9007199254740993.010000', 'EUR')).toBe('€9,007,199,254,740,993.01');
    expect(formatOf('fr-FR').signedMoney('12.500000', 'EUR')).toMatch(/^\+12,50\s€$/);
  });
});

describe('numbers of telephones', () => {
  it('are shown as the country writes them, masked ones too; others as they came', () => {
    expect(phoneText('+33491447150').replaceAll('\u00A0', ' ')).toBe('04 91 44 71 50');
    expect(phoneText('+33491447****'.slice(0, 12)).replaceAll('\u00A0', ' ')).toBe('04 91 44 7* **');
    expect(phoneText('+262692123456').replaceAll('\u00A0', ' ')).toBe('+262 6 92 12 34 56');
    expect(phoneText('+442079460958')).toBe('+442079460958');
    expect(phoneText('3949')).toBe('3949');
  });
});

describe('the languages', () => {
  const shapeOf = (value: unknown): unknown =>
    typeof value === 'string'
      ? [...value.matchAll(/\{\w+\}/g)].map(([name]) => name).toSorted()
      : Array.isArray(value)
        ? value.length
        : Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, shapeOf(each)]));

  it('have the same texts, with the same places to fill', () => {
    expect(shapeOf(en)).toEqual(shapeOf(fr));
  });

  it('name every condition and every reason of quarantine', () => {
    for (const { condition, reasons } of [fr, en]) {
      expect(Object.keys(condition).toSorted()).toEqual([...CONDITION_IDS].toSorted());
      expect(QUARANTINE_REASONS.filter((reason) => !(reason in reasons))).toEqual([]);
    }
  });

  it('choose one or many by the language: none is one in French', () => {
    const french = formatOf('fr-FR');
    const first = ['2026-11-01T12:00:00Z', 'Europe/Paris'] as const;
    expect(french.longDay('2026-11-01')).toBe('dimanche 1er novembre');
    expect(french.wholeDay('2026-11-01')).toBe('dimanche 1er novembre 2026');
    expect([french.dayOf(...first), french.shortDayOf(...first)]).toEqual(['1er novembre', '1er nov.']);
    expect([french.longDay('2026-11-11'), french.day('2026-11-01')]).toEqual(['mercredi 11 novembre', '01/11']);
    expect(formatOf('en-GB').longDay('2026-11-01')).toBe('Sunday 1 November');
    expect(formatOf('fr-FR').plural(fr.queue.count, 0)).toBe('0 dossier');
    expect(formatOf('en-GB').plural(en.queue.count, 0)).toBe('0 cases');
  });

  it('fill places with texts and with nodes', () => {
    expect(fill('{a} of {b} {c}', { a: '1', b: '2' })).toBe('1 of 2 {c}');
    expect(fillNodes('x {a}', { a: 1 })).toMatchObject(['x ', { props: { children: 1 } }, '']);
  });
});

describe('the calls behind a figure', () => {
  const call = {
    callId: 'a',
    startedAt: '2026-11-03T09:15:00.000Z',
    day: '2026-11-03',
    minute: 615,
    durationMs: 1000,
    number: '+33123456789',
    destination: 'France Fixe',
    coverage: 'included',
    meteredPrice: '0.020000',
    isForwarded: false,
    isForeign: false,
  } as const;

  it.each([
    ['day:2026-11-03', 1],
    ['day:2026-11-04', 0],
    ['hour:1-10', 1],
    ['hour:1-11', 0],
    ['number:+33123456789', 1],
    ['coverage:metered', 0],
    ['to:France Fixe', 1],
    ['nonsense', 1],
  ])('%s: %i', (text, count) => {
    expect(callsOf([call], readCallsFilter(text))).toHaveLength(count);
  });

  it('know their day of the week: Monday is 0', () => {
    expect(weekdayOf('2026-11-02')).toBe(0);
    expect(weekdayOf('2026-11-08')).toBe(6);
  });
});

describe('charts', () => {
  it('have round steps up to what they show', () => {
    expect(roundSteps(162, 4)).toEqual([0, 50, 100, 150, 200]);
    expect(roundSteps(0, 4)).toEqual([0]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (most) => {
        const steps = roundSteps(most, 4);
        expect(steps.at(-1)).toBeGreaterThanOrEqual(most);
        expect(steps.length).toBeLessThanOrEqual(6);
      }),
    );
  });

  it('know how long months are, and rise at each day', () => {
    expect([daysIn('2026-02'), daysIn('2028-02'), daysIn('2026-11')]).toEqual([28, 29, 30]);
    expect(stepPath([[2, 5]], 30, same, same)).toBe('M1 0H2V5H30');
  });
});

describe('evidence', () => {
  it('is read by its condition; what is of no known shape is told by the words of the API', () => {
    const crossing = { startedAt: 0, callId: 'c', called: 33123456789 };
    expect(readEvidence('distinct-numbers', { maxNumbers: 150, crossing, numbers: [1, 2] })).toEqual({
      kind: 'crossing',
      limit: 150,
      nth: 2,
      called: '+33123456789',
      at: { callId: 'c', startedAt: '1970-01-01T00:00:00.000Z' },
    });
    expect(readEvidence('distinct-numbers', null)).toEqual({ kind: 'unknown' });
    expect(readEvidence('equipment', { why: 'provisioning' })).toEqual({ kind: 'unknown' });
    expect(readEvidence('yet-to-come', {})).toEqual({ kind: 'unknown' });
  });
});

describe('reasons of quarantine', () => {
  it('are grouped by what mends them; what is settled is by itself', () => {
    expect(groupOf('unknown-line', 'waiting')).toBe('line');
    expect(groupOf('not-json', 'waiting')).toBe('damaged');
    expect(groupOf('service-code', 'waiting')).toBe('no-telephone-number');
    expect(groupOf('no-line', 'waiting')).toBe('source');
    expect(groupOf('half-a-call', 'waiting')).toBe('rest-of-call');
    expect(groupOf('yet-to-come', 'waiting')).toBe('damaged');
    expect(groupOf('unknown-line', 'superseded')).toBe('settled');
  });
});
