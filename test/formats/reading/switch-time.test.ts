import { describe, expect, test } from 'vitest';
import { clockedToMs, readSwitchTime, secondsToMs } from '../../../formats/reading/switch-time.ts';
import { parseSpan } from '../../../formats/settings/told-settings.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';

const paris = compileCivilTime('Europe/Paris');

describe('readSwitchTime()', () => {
  test.each([
    ['1793697304', [1_793_697_304_000]],
    ['1793697304.25', [1_793_697_304_250]],
    ['1793697304.123999', [1_793_697_304_123]],
    ['1793697304250', [1_793_697_304_250]],
    ['1793697304250999', [1_793_697_304_250]],
    ['2026-11-03T09:15:04.250Z', [1_793_697_304_250]],
    ['2026-11-03 10:15:04.250123+0100', [1_793_697_304_250]],
    // Local: once, twice in the hour that comes twice.
    ['2026-11-03 10:15:04.250', [1_793_697_304_250]],
    ['2026/11/03 10:15:04', [1_793_697_304_000]],
    ['2026-10-25 02:30:00', [1_792_888_200_000, 1_792_891_800_000]],
  ])('reads %s', (text, instants) => expect(readSwitchTime('t', text, paris)).toEqual({ instants }));

  test.each([
    ['2026-03-29 02:30:00', 'nonexistent-local-time'],
    ['2026-02-30 02:30:00', 'invalid-field'],
    ['2026/11-03 10:15:04', 'invalid-field'],
    ['03/11/2026 10:15:04', 'invalid-field'],
    ['-1', 'invalid-field'],
    ['', 'invalid-field'],
    ['1e9', 'invalid-field'],
  ])('refuses %j: %s', (text, reason) => expect(readSwitchTime('t', text, paris)).toMatchObject({ reason }));

  test('does not guess a zone', () => {
    expect(readSwitchTime('t', '2026-11-03 10:15:04', null)).toMatchObject({
      reason: 'invalid-field',
      detail: "Cannot place t: '2026-11-03 10:15:04' has no offset, and no zone is set for its switch",
    });
  });
});

describe('lengths of time', () => {
  test.each([
    ['61', 61_000],
    ['61.5', 61_500],
    ['0.001', 1],
    ['', null],
    ['-1', null],
    ['1e3', null],
    ['0x10', null],
  ])('%j seconds are %j ms', (text, ms) => expect(secondsToMs(text)).toBe(ms));

  test.each([
    ['00:01:01', 61_000],
    ['100:00:00', 360_000_000],
    ['00:61:00', null],
    ['1:1:1', null],
  ])('%s is %j ms', (text, ms) => expect(clockedToMs(text)).toBe(ms));

  test.each([
    ['4h', 14_400_000],
    ['-1.5s', -1_500],
    ['90min', 5_400_000],
    ['2d', 172_800_000],
    ['250ms', 250],
    ['4', null],
    ['h', null],
    ['4 h', null],
    ['1e3s', null],
  ])('people write %s for %j ms', (text, ms) => expect(parseSpan(text)).toBe(ms));
});
