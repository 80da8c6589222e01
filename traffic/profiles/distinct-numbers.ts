import { talkDuration } from '../call-durations.ts';
import { shortCode, type CalledNumber } from '../called-number.ts';
import {
  callAt,
  callsIn,
  drawNumbers,
  factsOf,
  numberAt,
  OFFICE_KINDS,
  scheduleCalls,
  sceneOf,
  type CallChanges,
  type Slot,
} from '../plan-calls.ts';
import type { Cast, Profile } from '../scene.ts';
import { earliest, type Call } from '../traffic-record.ts';

/** Article 7: exactly this many different numbers are allowed. */
export const MAX_NUMBERS = 150;
/** Where in the month's calls the 151st number comes. */
const CROSSING_SHARE = 0.7;

/** A line that calls exactly this many numbers, in several written forms. */
function heavy(count: number): Profile {
  return (cast) => sceneOf(cast, { calls: coveringCalls(cast, count) });
}
export const heavy149 = heavy(149);
export const heavy150 = heavy(150);

/** The 151st number is called once and again; only its first call crosses. */
export const heavy151: Profile = (cast) => {
  const numbers = drawNumbers(cast, MAX_NUMBERS + 1, OFFICE_KINDS);
  const { before, crossing, after } = slotsAround(cast);
  const crossingCall = callAt(cast, crossing, numberAt(numbers, MAX_NUMBERS));
  const earlier = callsIn(cast, before, covering(cast, numbers.slice(0, MAX_NUMBERS), before.length));
  const later = after.map((slot) => callAt(cast, slot, cast.random.pick(numbers)));
  return sceneOf(cast, {
    calls: [...earlier, crossingCall, ...later],
    breaches: [{ condition: 'distinct-numbers', crossing: crossingCall }],
  });
};

/** Two new numbers after 150, called at once: the order of identities says which call crossed. */
function parallelCrossing(secondAfterMs: number): Profile {
  return (cast) => {
    const numbers = drawNumbers(cast, MAX_NUMBERS + 2, OFFICE_KINDS);
    const { before, crossing } = slotsAround(cast);
    const twins = [
      callAt(cast, crossing, numberAt(numbers, MAX_NUMBERS)),
      callAt(cast, { ...crossing, startedAt: crossing.startedAt + secondAfterMs }, numberAt(numbers, MAX_NUMBERS + 1)),
    ];
    const earlier = callsIn(cast, before, covering(cast, numbers.slice(0, MAX_NUMBERS), before.length));
    return sceneOf(cast, {
      calls: [...earlier, ...twins],
      breaches: [{ condition: 'distinct-numbers', crossing: earliest(twins) }],
    });
  };
}
export const heavySameInstant = parallelCrossing(0);
export const heavySameSecond = parallelCrossing(400);

/** 150 numbers in the month; one more in the last millisecond before it, another in the first after it. */
export const heavyMonthEdges: Profile = (cast) => {
  const { start, end } = cast.calendar;
  const [before, after] = [cast.book.draw('national-mobile'), cast.book.draw('national-mobile')];
  const edges = [
    callAt(cast, { startedAt: start - 1, durationMs: 30_000 }, before),
    callAt(cast, { startedAt: end, durationMs: 30_000 }, after),
  ];
  return sceneOf(cast, { calls: [...coveringCalls(cast, MAX_NUMBERS), ...edges] });
};

/** 150 numbers, and many more that do not count: free ones, forwarded legs, calls of 0 ms. */
export const heavyUncounted: Profile = (cast) => {
  const { random, patterns, book } = cast;
  const extra = (count: number, number: () => CalledNumber, changes?: CallChanges): Call[] =>
    scheduleCalls(random, patterns.office, talkDuration, count).map((slot) => callAt(cast, slot, number(), changes));
  const zero = extra(5, () => book.draw('national-fixed')).map((call) => ({ ...call, durationMs: 0 }));
  const forwarded = { isForwarded: true, diversions: [`+${cast.number}`] };
  return sceneOf(cast, {
    calls: [
      ...coveringCalls(cast, MAX_NUMBERS),
      ...extra(20, () => book.draw('toll-free')),
      ...extra(4, () => shortCode(112, true)),
      ...extra(20, () => book.draw('national-mobile'), forwarded),
      ...zero,
    ],
  });
};

/**
 * 150 numbers of its own, and the 151st by a transfer of a colleague's call: the transferor pays, and has called it.
 */
export const heavyTransfer: Profile = (cast) => {
  const numbers = drawNumbers(cast, MAX_NUMBERS, OFFICE_KINDS);
  const { before, crossing } = slotsAround(cast);
  const changes = { line: cast.colleague, transferredBy: cast.line };
  const transfer = callAt(cast, crossing, cast.book.draw('national-mobile'), changes);
  const earlier = callsIn(cast, before, covering(cast, numbers, before.length));
  return sceneOf(cast, {
    calls: [...earlier, transfer],
    breaches: [{ condition: 'distinct-numbers', crossing: transfer }],
  });
};

/** 120 numbers before it took the offer, 140 others after: only what is called under the offer counts. */
export const offerTakenMidMonth: Profile = (cast) => {
  const day = 12;
  const takenAt = cast.calendar.at(day, 0);
  const slots = scheduleCalls(cast.random, cast.patterns.officeBefore(takenAt), talkDuration, 180);
  const laterSlots = scheduleCalls(cast.random, cast.patterns.officeFrom(takenAt), talkDuration, 220);
  const earlier = callsIn(cast, slots, covering(cast, drawNumbers(cast, 120, OFFICE_KINDS), slots.length));
  const later = callsIn(cast, laterSlots, covering(cast, drawNumbers(cast, 140, OFFICE_KINDS), laterSlots.length));
  return sceneOf(cast, {
    facts: [factsOf(cast, { offer: '', toDay: day }), factsOf(cast, { fromDay: day })],
    calls: [...earlier, ...later],
  });
};

/** A line without the offer may call whom it likes. */
export const noOffer: Profile = (cast) =>
  sceneOf(cast, { facts: [factsOf(cast, { offer: '' })], calls: coveringCalls(cast, 200) });

function coveringCalls(cast: Cast, count: number): Call[] {
  const slots = scheduleCalls(cast.random, cast.patterns.office, talkDuration, Math.round(count * 1.3) + 20);
  return callsIn(cast, slots, covering(cast, drawNumbers(cast, count, OFFICE_KINDS), slots.length));
}

interface SlotsAround {
  readonly before: readonly Slot[];
  readonly crossing: Slot;
  readonly after: readonly Slot[];
}

function slotsAround(cast: Cast): SlotsAround {
  const slots = scheduleCalls(cast.random, cast.patterns.office, talkDuration, 290);
  const at = Math.floor(slots.length * CROSSING_SHARE);
  const crossing = slots[at];
  if (crossing === undefined) throw new RangeError('Cannot plan a crossing: the month has no calls');
  return { before: slots.slice(0, at), crossing, after: slots.slice(at + 1) };
}

/** `length` numbers in random order, with every one of `numbers` among them. */
function covering(cast: Cast, numbers: readonly CalledNumber[], length: number): CalledNumber[] {
  if (length < numbers.length) {
    throw new RangeError(`Cannot call '${numbers.length}' numbers: there are '${length}' calls`);
  }
  const again = Array.from({ length: length - numbers.length }, () => cast.random.pick(numbers));
  return cast.random.shuffled([...numbers, ...again]);
}
