import { internationalDuration, talkDuration } from '../call-durations.ts';
import { shortCode } from '../called-number.ts';
import {
  callAt,
  callsIn,
  drawNumbers,
  factsOf,
  HOME_KINDS,
  numberAt,
  OFFICE_KINDS,
  scheduleCalls,
  sceneOf,
  type Slot,
} from '../plan-calls.ts';
import { paidShortCodes } from '../number-ranges.ts';
import type { Profile } from '../scene.ts';

/** Family in countries of the 40, and overseas. */
export const abroadIncluded: Profile = (cast) => {
  const slots = scheduleCalls(cast.random, cast.patterns.home, internationalDuration, 70);
  return sceneOf(cast, {
    calls: callsIn(
      cast,
      slots,
      drawNumbers(cast, 16, [
        ['international-included', 3],
        ['overseas-fixed', 1],
      ]),
    ),
  });
};

/** All that looks included and is not: the Caribbean behind +1, overseas mobiles in national form, paying numbers. */
export const abroadMetered: Profile = (cast) => {
  const slots = scheduleCalls(cast.random, cast.patterns.home, internationalDuration, 80);
  const numbers = [
    ...drawNumbers(cast, 20, [
      ['caribbean', 2],
      ['overseas-mobile', 2],
      ['international-metered', 2],
      ['special-rate', 1],
    ]),
    ...paidShortCodes.map((code) => shortCode(code, false)),
  ];
  return sceneOf(cast, { calls: callsIn(cast, slots, numbers) });
};

/** A line that calls what is free, and little else. */
export const freeCaller: Profile = (cast) => {
  const slots = scheduleCalls(cast.random, cast.patterns.home, talkDuration, 60);
  const free = Array.from({ length: 12 }, () => cast.book.draw('toll-free'));
  const codes = [15, 18, 112, 3919, 3114].map((called) => ({ called, isFree: true }));
  const numbers = [...free, ...codes, ...drawNumbers(cast, 3, HOME_KINDS)];
  return sceneOf(cast, {
    facts: [factsOf(cast, { usageClass: 'residential' })],
    calls: slots.map((slot, index) => callAt(cast, slot, numberAt(numbers, index))),
  });
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Calls at every edge of time: minute, hour, midnight, month, and where the clock is changed. */
export const edges: Profile = (cast) => {
  const { start, end, clockChanges, at } = cast.calendar;
  const durations = [1, 999, 1000, 1001, 59_000, 59_999, 60_000, 60_001, 61_000, 3_600_000, 3_601_000];
  const whole = durations.map((durationMs, index) => ({ startedAt: at(2 + index, 10), durationMs }));
  const edge: Slot[] = [
    { startedAt: start - 1, durationMs: 2 * SECOND },
    { startedAt: start, durationMs: 30 * SECOND },
    { startedAt: at(7, 0) - 10 * MINUTE, durationMs: 30 * MINUTE },
    { startedAt: at(8, 0), durationMs: SECOND },
    { startedAt: end - 5 * MINUTE, durationMs: 20 * MINUTE },
    { startedAt: end - 1, durationMs: 10 * MINUTE },
    { startedAt: end, durationMs: 3 * MINUTE },
    ...clockChanges.flatMap((change) => [
      { startedAt: change - 10 * MINUTE, durationMs: 25 * MINUTE },
      // Half past two, twice, where the clock goes back.
      { startedAt: change - 30 * MINUTE, durationMs: MINUTE },
      { startedAt: change + 30 * MINUTE, durationMs: MINUTE },
      { startedAt: change, durationMs: 5 * SECOND },
    ]),
  ];
  const ordinary = scheduleCalls(cast.random, cast.patterns.office, talkDuration, 20);
  const numbers = drawNumbers(cast, 20, OFFICE_KINDS);
  const zero = callAt(cast, { startedAt: at(3, 11), durationMs: 0 }, cast.book.draw('national-mobile'));
  return sceneOf(cast, { calls: [...callsIn(cast, [...whole, ...edge, ...ordinary], numbers), zero] });
};
