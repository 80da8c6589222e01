import { homeDuration, officeDuration } from '../call-durations.ts';
import {
  callAt,
  drawNumbers,
  factsOf,
  HOME_KINDS,
  numberAt,
  occasionalNumber,
  OFFICE_KINDS,
  scheduleCalls,
  sceneOf,
  type Slot,
} from '../plan-calls.ts';
import type { Random } from '../random.ts';
import type { Cast, Profile, Scene } from '../scene.ts';
import { foreignAddress } from '../site.ts';
import type { Call } from '../traffic-record.ts';

/** Ordinary lines stay well below the 150 numbers of the offer. */
const MAX_PARTNERS = 120;
const OCCASIONAL = 0.015;
const ZERO_MS = 0.002;

/** An office phone: a few dozen partners, the first of them called most, on working days. */
export const office: Profile = (cast) => {
  const partners = partnerCount(cast.random, 16, 0.9);
  const numbers = drawNumbers(cast, partners, OFFICE_KINDS);
  const slots = scheduleCalls(cast.random, cast.patterns.office, officeDuration, cast.callsWanted);
  return withHabits(cast, slots, (random) => numberAt(numbers, zipf(random, partners)));
};

/** A home phone: fewer partners, longer calls, evenings and weekends. */
export const residential: Profile = (cast) => {
  const partners = partnerCount(cast.random, 8, 0.8);
  const numbers = drawNumbers(cast, partners, HOME_KINDS);
  const slots = scheduleCalls(cast.random, cast.patterns.home, homeDuration, cast.callsWanted);
  const scene = withHabits(cast, slots, (random) => numberAt(numbers, zipf(random, partners)));
  return { ...scene, facts: [factsOf(cast, { usageClass: 'residential' })] };
};

/** A line that is never used. */
export const idle: Profile = (cast) => sceneOf(cast, { calls: [] });

function partnerCount(random: Random, median: number, sigma: number): number {
  return Math.min(MAX_PARTNERS, Math.max(2, Math.round(random.lognormal(median, sigma))));
}

/**
 * How a line's records look: all of its own phone; at home now and then; without user agent; behind something that
 * hides all.
 */
type Habit = 'plain' | 'home-worker' | 'no-user-agent' | 'hidden';

function habitOf(random: Random): Habit {
  const share = random.fraction();
  if (share < 0.86) return 'plain';
  if (share < 0.91) return 'home-worker';
  return share < 0.97 ? 'no-user-agent' : 'hidden';
}

function withHabits(
  cast: Cast,
  slots: readonly Slot[],
  partner: (random: Random) => ReturnType<typeof numberAt>,
): Scene {
  const { random } = cast;
  const habit = habitOf(random);
  const calls = slots.map((slot) => {
    const number = random.chance(OCCASIONAL) ? occasionalNumber(cast) : partner(random);
    const durationMs = random.chance(ZERO_MS) ? 0 : slot.durationMs;
    return withHabit(callAt(cast, { startedAt: slot.startedAt, durationMs }, number), habit, random);
  });
  return sceneOf(cast, { calls });
}

function withHabit(call: Call, habit: Habit, random: Random): Call {
  switch (habit) {
    case 'plain':
      return call;
    case 'home-worker':
      // The managed phone taken home: its user agent keeps the call within the conditions.
      return random.chance(0.2) ? { ...call, sourceIp: foreignAddress(random) } : call;
    case 'no-user-agent':
      return { ...call, userAgent: null };
    case 'hidden':
      return { ...call, userAgent: null, sourceIp: null };
    default:
      return habit satisfies never;
  }
}

const zipfTables = new Map<number, Float64Array>();

/** An index below `count`, the first most often (Zipf, exponent 1.2). */
function zipf(random: Random, count: number): number {
  const table = zipfTables.get(count) ?? zipfTable(count);
  zipfTables.set(count, table);
  const wanted = random.fraction() * (table.at(-1) ?? 0);
  return table.findIndex((sum) => sum > wanted);
}

function zipfTable(count: number): Float64Array {
  let sum = 0;
  return Float64Array.from({ length: count }, (_, index) => (sum += (index + 1) ** -1.2));
}
