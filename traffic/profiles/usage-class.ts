import { talkDuration } from '../call-durations.ts';
import { callAt, callsIn, drawNumbers, factsOf, OFFICE_KINDS, scheduleCalls, sceneOf } from '../plan-calls.ts';
import type { Cast, Profile } from '../scene.ts';
import { earliest, type Call } from '../traffic-record.ts';
import { MAX_NUMBERS } from './distinct-numbers.ts';

/** A telecom professional that behaves like an office: its declared class alone is in the way. */
function professional(usageClass: string): Profile {
  return (cast) => {
    const calls = officeCalls(cast);
    return sceneOf(cast, {
      facts: [factsOf(cast, { usageClass })],
      calls,
      breaches: [{ condition: 'usage-class', usageClass, firstCall: earliest(calls) }],
    });
  };
}
export const telemarketer = professional('telemarketing');
export const phoneShop = professional('phone-shop');

/** Changes its trade on the 15th. */
export const turnedPhoning: Profile = (cast) => {
  const day = 14;
  const calls = officeCalls(cast);
  const since = calls.filter(({ startedAt }) => startedAt >= cast.calendar.at(day, 0));
  return sceneOf(cast, {
    facts: [factsOf(cast, { toDay: day }), factsOf(cast, { usageClass: 'phoning', fromDay: day })],
    calls,
    breaches: [{ condition: 'usage-class', usageClass: 'phoning', firstCall: earliest(since) }],
  });
};

const CENTRE_NUMBERS = 260;

/** A call centre that dials one number after the other: 260 in a row, 450 in 1,000 calls short. */
export const callCentre: Profile = (cast) => {
  const first = cast.book.drawBlock('national-fixed');
  const slots = scheduleCalls(cast.random, cast.patterns.office, talkDuration, 420);
  const calls = slots.map((slot, index) => {
    const isShort = index % 20 < 9;
    const number = { called: first + (index % CENTRE_NUMBERS), isFree: false };
    return callAt(cast, { ...slot, durationMs: isShort ? cast.random.between(900, 6000) : slot.durationMs }, number);
  });
  const crossing = calls[MAX_NUMBERS];
  if (crossing === undefined || calls.length < CENTRE_NUMBERS)
    throw new RangeError('Cannot plan a call centre: too few calls');
  const shortCalls = calls.filter(({ durationMs }) => durationMs <= 6000).length;
  return sceneOf(cast, {
    facts: [factsOf(cast, { usageClass: 'call-centre' })],
    calls,
    breaches: [
      { condition: 'usage-class', usageClass: 'call-centre', firstCall: earliest(calls) },
      { condition: 'distinct-numbers', crossing },
      {
        condition: 'conversational-use',
        broken: {
          'short-calls': Math.floor((shortCalls * 1000) / calls.length),
          'sequential-numbers': CENTRE_NUMBERS,
          'number-range': CENTRE_NUMBERS,
        },
      },
    ],
  });
};

function officeCalls(cast: Cast): Call[] {
  const slots = scheduleCalls(cast.random, cast.patterns.office, talkDuration, 90);
  return callsIn(cast, slots, drawNumbers(cast, 40, OFFICE_KINDS));
}
