import { officeDuration, talkDuration } from '../call-durations.ts';
import { writtenForm } from '../called-number.ts';
import {
  callAt,
  callsIn,
  drawNumbers,
  factsOf,
  numberAt,
  OFFICE_KINDS,
  scheduleCalls,
  sceneOf,
  type Slot,
} from '../plan-calls.ts';
import type { Cast, Profile } from '../scene.ts';
import type { Call, NonCall } from '../traffic-record.ts';

/** Its owner is on the road: calls to the line go on to a mobile, 80 of them, named by number or id in any notation. */
export const forwarder: Profile = (cast) => {
  const mobile = cast.book.draw('national-mobile');
  const slots = scheduleCalls(cast.random, cast.patterns.office, officeDuration, 80);
  const outside = `+${cast.book.draw('national-fixed').called}`;
  const self = { called: cast.number, isFree: false };
  const forwarded = slots.map((slot, index) => {
    const diverter = index % 3 === 0 ? cast.line : writtenForm(self, cast.random);
    // Others may have diverted before us, and networks after us: ours is the last that is known.
    const diversions = index % 5 === 0 ? [outside, diverter] : index % 7 === 0 ? [diverter, outside] : [diverter];
    return callAt(cast, slot, mobile, { isForwarded: true, diversions, calling: outside, legId: 'b' });
  });
  return sceneOf(cast, {
    calls: [...ownCalls(cast, 60), ...forwarded],
    nonCalls: forwarded.map((call) => inboundLegOf(cast, call)),
  });
};

/** The switch names the colleague who called; the leg belongs to the line that forwarded it. */
export const forwardsColleague: Profile = (cast) => {
  const mobile = cast.book.draw('national-mobile');
  const slots = scheduleCalls(cast.random, cast.patterns.office, talkDuration, 30);
  const changes = { isForwarded: true, diversions: [`+${cast.number}`], line: cast.colleague };
  return sceneOf(cast, {
    calls: [...ownCalls(cast, 60), ...slots.map((slot) => callAt(cast, slot, mobile, changes))],
  });
};

/** Calls that somebody outside diverted before they reached the line: no forwarding of ours. */
export const divertedOutside: Profile = (cast) => {
  const outside = `+${cast.book.draw('national-fixed').called}`;
  const calls = ownCalls(cast, 70).map((call, index) => (index % 4 === 0 ? { ...call, diversions: [outside] } : call));
  return sceneOf(cast, { calls });
};

/** From 09 80 to 09 85, where no line has its number. */
const RENUMBERED = 5_000_000;

/** Named by its number in the records, which changes on the 15th; each number names it only while it has it. */
export const renumbered: Profile = (cast) => {
  const day = 14;
  const changedAt = cast.calendar.at(day, 0);
  const newNumber = cast.number + RENUMBERED;
  const calls = ownCalls(cast, 90).map((call) => {
    const called = call.startedAt < changedAt ? cast.number : newNumber;
    return { ...call, line: writtenForm({ called, isFree: false }, cast.random), calling: `+${called}` };
  });
  return sceneOf(cast, {
    facts: [factsOf(cast, { toDay: day }), factsOf(cast, { fromDay: day, number: newNumber })],
    calls,
  });
};

/** Closed on the 20th; the calls that a switch still reports of it wait for someone who knows. */
export const closedMidMonth: Profile = (cast) =>
  sceneOf(cast, { facts: [factsOf(cast, { toDay: 19 })], calls: ownCalls(cast, 90) });

function ownCalls(cast: Cast, count: number): Call[] {
  const slots: readonly Slot[] = scheduleCalls(cast.random, cast.patterns.office, talkDuration, count);
  const numbers = drawNumbers(cast, 20, OFFICE_KINDS);
  return callsIn(
    cast,
    slots,
    slots.map((_, index) => numberAt(numbers, index * 7)),
  );
}

/** The leg by which the call came in, of the same call id. */
function inboundLegOf(cast: Cast, call: Call): NonCall {
  const record = { ...call, legId: 'a', kind: 'inbound' as const, dialled: `+${cast.number}`, diversions: [] };
  return { record, reason: 'inbound', writtenAt: call.startedAt + call.durationMs };
}
