import { fraudDuration, talkDuration } from '../call-durations.ts';
import type { CalledNumber } from '../called-number.ts';
import { callAt, callsIn, drawNumbers, OFFICE_KINDS, scheduleCalls, sceneOf, type Slot } from '../plan-calls.ts';
import type { Cast, Profile } from '../scene.ts';
import { foreignAddress } from '../site.ts';
import { earliest, type Call, type NonCall } from '../traffic-record.ts';
import { scanners } from '../user-agents.ts';

/** Thresholds of the offer: exactly these values are allowed, and behaviour is judged from so many calls on. */
const MIN_CALLS = 100;
const SHORT_MS = 6000;
const MAX_SHORT_PER_MILLE = 400;
const MAX_CONCURRENT = 4;
const MAX_SEQUENTIAL = 9;
const MAX_HOURS = 20;
const MAX_IN_RANGE = 25;

const MINUTE = 60_000;

/** Six in ten calls end within six seconds. */
export const shortCaller: Profile = (cast) => {
  const slots = officeSlots(cast, 200);
  const count = Math.floor(slots.length * 0.6);
  const calls = callsIn(cast, shortened(cast, slots, count), drawNumbers(cast, 60, OFFICE_KINDS));
  return sceneOf(cast, {
    calls,
    breaches: [
      { condition: 'conversational-use', broken: { 'short-calls': Math.floor((count * 1000) / calls.length) } },
    ],
  });
};

/** All calls short, but one too few to be judged; free ones and those of 0 ms do not count. */
export const shortCallerBelowMinimum: Profile = (cast) => {
  const calls = shortOnly(cast, MIN_CALLS - 1);
  const zero = callsIn(cast, officeSlots(cast, 6), drawNumbers(cast, 6, OFFICE_KINDS)).map((call) => ({
    ...call,
    durationMs: 0,
  }));
  const free = callsIn(cast, officeSlots(cast, 8), [cast.book.draw('toll-free')]);
  return sceneOf(cast, { calls: [...calls, ...zero, ...free] });
};

export const shortCallerAtMinimum: Profile = (cast) =>
  sceneOf(cast, {
    calls: shortOnly(cast, MIN_CALLS),
    breaches: [{ condition: 'conversational-use', broken: { 'short-calls': 1000 } }],
  });

/** Six calls at once, over a lunch break that is otherwise quiet. */
export const concurrentCaller: Profile = (cast) => {
  const numbers = drawNumbers(cast, 40, OFFICE_KINDS);
  const calls = callsIn(cast, quietNoonSlots(cast, 130), numbers);
  const start = noon(cast, 8);
  const burst = Array.from({ length: 6 }, (_, index) => ({ startedAt: start + index * 1000, durationMs: 5 * MINUTE }));
  return sceneOf(cast, {
    calls: [...calls, ...callsIn(cast, burst, numbers)],
    breaches: [{ condition: 'conversational-use', broken: { 'concurrent-calls': 6 } }],
  });
};

/** Fifteen numbers one after the other. */
export const sequentialCaller: Profile = (cast) => {
  const row = numbersFrom(cast.book.drawBlock('national-mobile') + 400, 15, 1);
  const numbers = [...row, ...drawNumbers(cast, 30, OFFICE_KINDS)];
  return sceneOf(cast, {
    calls: callsIn(cast, officeSlots(cast, 150), numbers),
    breaches: [{ condition: 'conversational-use', broken: { 'sequential-numbers': 15 } }],
  });
};

/** Forty numbers of one block of a thousand: traffic pumping. */
export const rangeCaller: Profile = (cast) => {
  const range = numbersFrom(cast.book.drawBlock('international-included'), 40, 3);
  const numbers = [...range, ...drawNumbers(cast, 20, OFFICE_KINDS)];
  return sceneOf(cast, {
    calls: callsIn(cast, officeSlots(cast, 180), numbers),
    breaches: [{ condition: 'conversational-use', broken: { 'number-range': 40 } }],
  });
};

/** A machine that calls at every hour of the day. */
export const allHoursCaller: Profile = (cast) => {
  const numbers = drawNumbers(cast, 20, OFFICE_KINDS);
  const around = Array.from({ length: 24 }, (_, hour) => ({
    startedAt: cast.calendar.at(10, hour) + 10 * MINUTE,
    durationMs: MINUTE,
  }));
  return sceneOf(cast, {
    calls: [...callsIn(cast, officeSlots(cast, 130), numbers), ...callsIn(cast, around, numbers)],
    breaches: [{ condition: 'conversational-use', broken: { 'all-hours': 24 } }],
  });
};

/** Every measure exactly at its maximum, 6,000 and 6,001 ms among the calls: nothing is broken. */
export const atThresholds: Profile = (cast) => {
  const base = quietNoonSlots(cast, 170).slice(0, 150);
  const start = noon(cast, 8);
  // Four at once; a fifth begins in the instant in which the first ends.
  const burst = [
    { startedAt: start, durationMs: 5 * MINUTE },
    ...[1, 2, 3].map((second) => ({ startedAt: start + second * 1000, durationMs: 6 * MINUTE })),
    { startedAt: start + 5 * MINUTE, durationMs: 2 * MINUTE },
  ];
  const hours = new Set([...base, ...burst].map(({ startedAt }) => cast.calendar.hourOfDay(startedAt)));
  const missing = Array.from({ length: 24 }, (_, hour) => hour).filter((hour) => !hours.has(hour));
  const added = missing
    .slice(0, MAX_HOURS - hours.size)
    .map((hour) => ({ startedAt: cast.calendar.at(11, hour) + 40 * MINUTE, durationMs: MINUTE }));
  const rest = (5 - ((base.length + burst.length + added.length) % 5)) % 5;
  const filler = Array.from({ length: rest }, (_, index) => ({ startedAt: noon(cast, 15 + index), durationMs: 6001 }));
  const total = base.length + burst.length + added.length + rest;
  const shortCount = (total * MAX_SHORT_PER_MILLE) / 1000;
  const slots = [...shortened(cast, base, shortCount), ...burst, ...added, ...filler];
  const block = cast.book.drawBlock('national-mobile');
  const row = numbersFrom(block + 100, MAX_SEQUENTIAL, 1);
  const range = numbersFrom(block + 300, MAX_IN_RANGE - MAX_SEQUENTIAL, 5);
  return sceneOf(cast, { calls: callsIn(cast, slots, [...row, ...range, ...drawNumbers(cast, 20, OFFICE_KINDS)]) });
};

const LANES = 2 * MAX_CONCURRENT;

/**
 * Stolen credentials, from Friday 22:00 to Monday 06:00: probes with prefixes, then parallel calls of much the same
 * length to a few numbers in a few ranges abroad, by a scanner on a network that is nobody's.
 */
export const fraudWeekend: Profile = (cast) => {
  const { random, calendar } = cast;
  const friday = calendar.days.findIndex(({ weekday }, day) => weekday === 4 && day >= 7);
  const from = calendar.at(friday, 22);
  const to = calendar.at(friday + 3, 6);
  const numbers = Array.from({ length: 4 }, () => numbersFrom(cast.book.drawBlock('high-cost') + 10, 6, 7)).flat();
  const userAgent = random.pick(scanners);
  const office = scheduleCalls(random, cast.patterns.officeBefore(calendar.at(friday, 20)), talkDuration, 60);
  const own = callsIn(cast, office, drawNumbers(cast, 20, OFFICE_KINDS));
  const fraud = Array.from({ length: LANES }, (_, lane) => laneSlots(cast, from + lane * 2000, to))
    .flat()
    .map((slot) => callAt(cast, slot, random.pick(numbers), { userAgent, sourceIp: foreignAddress(random) }));
  const calls = [...own, ...fraud];
  const hours = new Set(calls.map(({ startedAt }) => calendar.hourOfDay(startedAt))).size;
  return sceneOf(cast, {
    calls,
    nonCalls: probes(cast, earliest(fraud), from),
    breaches: [
      { condition: 'sip-mobility', why: 'foreign-device-and-network', firstCall: earliest(fraud) },
      {
        condition: 'conversational-use',
        broken: { 'concurrent-calls': LANES, ...(hours > MAX_HOURS ? { 'all-hours': hours } : {}) },
      },
    ],
  });
};

/** One of several calls at a time, with pauses. */
function laneSlots({ random }: Cast, from: number, to: number): Slot[] {
  const slots: Slot[] = [];
  for (let startedAt = from; startedAt < to;) {
    const durationMs = fraudDuration(random);
    slots.push({ startedAt, durationMs });
    startedAt += durationMs + (random.chance(0.5) ? 3000 : random.between(60, 200) * MINUTE);
  }
  return slots;
}

/** Unanswered attempts to one number with all sorts of prefixes, in the ten minutes before. */
function probes({ random, nextCallId }: Cast, call: Call, from: number): NonCall[] {
  return ['00', '000', '900', '0', '', '9011', '+', '00'].map((prefix, index) => ({
    record: {
      ...call,
      callId: nextCallId(),
      dialled: `${prefix}${call.number.called}`,
      startedAt: null,
      durationMs: 0,
      kind: index % 2 === 0 ? 'attempt' : 'call',
    },
    reason: 'unanswered',
    writtenAt: from - random.between(1000, 600_000),
  }));
}

function officeSlots(cast: Cast, count: number): Slot[] {
  return scheduleCalls(cast.random, cast.patterns.office, talkDuration, count);
}

/** Slots that leave the time from 12:45 to 14:00 free. */
function quietNoonSlots(cast: Cast, count: number): Slot[] {
  return scheduleCalls(cast.random, cast.patterns.withoutNoon, talkDuration, count);
}

/** 13:05 on a day, from 0. */
function noon({ calendar }: Cast, day: number): number {
  return calendar.at(day, 13) + 5 * MINUTE;
}

function shortOnly(cast: Cast, count: number): Call[] {
  const slots = officeSlots(cast, count + 40).slice(0, count);
  return callsIn(cast, shortened(cast, slots, count), drawNumbers(cast, 40, OFFICE_KINDS));
}

/** The first `count` slots made short, the last of them as long as a short call can be. */
function shortened({ random }: Cast, slots: readonly Slot[], count: number): Slot[] {
  return slots.map((slot, index) => {
    if (index >= count) return slot;
    return { ...slot, durationMs: index === count - 1 ? SHORT_MS : random.between(400, SHORT_MS) };
  });
}

function numbersFrom(first: number, count: number, step: number): CalledNumber[] {
  return Array.from({ length: count }, (_, index) => ({ called: first + index * step, isFree: false }));
}
