import { shortCode, writtenForm, type CalledNumber } from './called-number.ts';
import type { DrawDuration } from './call-durations.ts';
import { emergencyCodes, freeShortCodes, paidShortCodes, type NumberKind } from './number-ranges.ts';
import type { Random } from './random.ts';
import type { Cast, LineFacts, Scene } from './scene.ts';
import type { Call, TrafficRecord } from './traffic-record.ts';
import { drawStart, type WeekPattern } from './week-pattern.ts';

/** When a call takes place; ms. */
export interface Slot {
  readonly startedAt: number;
  readonly durationMs: number;
}

/** Who talks longer than this has the next call dropped. */
const MAX_WAIT_MS = 1_800_000;
const SECOND_HAND = 0.05;

/**
 * Slots for about `count` calls of a person at a phone with two keys, in order of start: never more than two at once.
 * A call that would have to wait for half an hour is not made.
 */
export function scheduleCalls(random: Random, pattern: WeekPattern, duration: DrawDuration, count: number): Slot[] {
  const starts = Float64Array.from({ length: count }, () => drawStart(pattern, random)).toSorted();
  const busyUntil: [number, number] = [0, 0];
  const slots: Slot[] = [];
  for (const wanted of starts) {
    const hand = random.chance(SECOND_HAND) ? 1 : 0;
    const startedAt = Math.max(wanted, busyUntil[hand] + 2000 + random.below(20_000));
    if (startedAt > wanted + MAX_WAIT_MS) continue;
    const durationMs = duration(random);
    busyUntil[hand] = startedAt + durationMs;
    slots.push({ startedAt, durationMs });
  }
  return oneAMillisecond(slots.toSorted((a, b) => a.startedAt - b.startedAt));
}

/**
 * No two start in the same millisecond, so that the order of calls is that of the slots: ties are planned, never met.
 */
function oneAMillisecond(slots: readonly Slot[]): Slot[] {
  let earliestStart = 0;
  return slots.map(({ startedAt, durationMs }) => {
    const start = Math.max(startedAt, earliestStart);
    earliestStart = start + 1;
    return { startedAt: start, durationMs };
  });
}

/** What may be otherwise about a call than its line and phone would have it. */
export type CallChanges = Partial<Omit<TrafficRecord, 'startedAt'>> & { readonly isForwarded?: boolean };

/** A call of the cast's line from its own phone at its own site, but for `changes`. */
export function callAt(cast: Cast, slot: Slot, number: CalledNumber, changes?: CallChanges): Call {
  const { random, device } = cast;
  const legId = cast.switchId.endsWith('2') ? 'a' : '';
  const own: Call = {
    switchId: cast.switchId,
    callId: cast.nextCallId(),
    legId,
    line: cast.line,
    dialled: writtenForm(number, random),
    calling: random.chance(0.04) ? 'anonymous' : `+${cast.number}`,
    startedAt: slot.startedAt,
    durationMs: slot.durationMs,
    userAgent: slot.startedAt < cast.upgradedAt ? device.before : device.after,
    sourceIp: cast.site.address(random),
    diversions: [],
    transferredBy: null,
    mobilityUsed: null,
    revision: 0,
    kind: 'call',
    number,
    isForwarded: false,
  };
  return changes === undefined ? own : { ...own, ...changes };
}

/** Calls in the slots, the i-th to the i-th number. */
export function callsIn(
  cast: Cast,
  slots: readonly Slot[],
  numbers: readonly CalledNumber[],
  changes?: CallChanges,
): Call[] {
  return slots.map((slot, index) => callAt(cast, slot, numberAt(numbers, index), changes));
}

export function numberAt(numbers: readonly CalledNumber[], index: number): CalledNumber {
  const number = numbers[index % numbers.length];
  if (number === undefined) throw new RangeError('Cannot call: there is no number');
  return number;
}

/** `count` distinct numbers of the kinds, in the given weights. */
export function drawNumbers(
  cast: Cast,
  count: number,
  weights: readonly (readonly [NumberKind, number])[],
): CalledNumber[] {
  return Array.from({ length: count }, () => cast.book.draw(weighted(cast.random, weights)));
}

function weighted<T>(random: Random, weights: readonly (readonly [T, number])[]): T {
  let rest = random.fraction() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [item, weight] of weights) {
    rest -= weight;
    if (rest < 0) return item;
  }
  const [last] = weights.at(-1) ?? [];
  if (last === undefined) throw new RangeError('Cannot draw by weight: there is nothing to draw');
  return last;
}

export const OFFICE_KINDS: readonly (readonly [NumberKind, number])[] = [
  ['national-fixed', 46],
  ['national-mobile', 38],
  ['international-included', 7],
  ['international-metered', 3],
  ['shared-price', 3],
  ['special-rate', 2],
  ['overseas-fixed', 1],
];
export const HOME_KINDS: readonly (readonly [NumberKind, number])[] = [
  ['national-fixed', 52],
  ['national-mobile', 40],
  ['international-included', 3],
  ['international-metered', 2],
  ['overseas-mobile', 1],
  ['special-rate', 2],
];

/** A number that now and then comes between a line's partners: free, an emergency, a paying short code. */
export function occasionalNumber(cast: Cast): CalledNumber {
  const { random } = cast;
  const kind = random.below(20);
  if (kind < 2) return shortCode(random.pick(emergencyCodes), true);
  if (kind < 5) return shortCode(random.pick(freeShortCodes), true);
  if (kind < 10) return shortCode(random.pick(paidShortCodes), false);
  return cast.book.draw('toll-free');
}

/** The facts of a business line that has the offer and has always had it, but for `changes`. */
export function factsOf(cast: Cast, changes: Partial<LineFacts> = {}): LineFacts {
  return {
    number: cast.number,
    offer: 'full-illimite',
    usageClass: 'business',
    mobility: 'off',
    equipment: 'managed',
    fromDay: null,
    toDay: null,
    ...changes,
  };
}

/** A scene of a line with its own phone at its own site; what the profile says otherwise goes before. */
export function sceneOf(cast: Cast, scene: Partial<Scene> & Pick<Scene, 'calls'>): Scene {
  return {
    facts: [factsOf(cast)],
    devices: [cast.device.pattern],
    networks: cast.site.networks,
    nonCalls: [],
    breaches: [],
    ...scene,
  };
}
