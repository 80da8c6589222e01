import { talkDuration } from '../call-durations.ts';
import { callsIn, drawNumbers, factsOf, OFFICE_KINDS, scheduleCalls, sceneOf } from '../plan-calls.ts';
import type { Cast, LineFacts, Profile } from '../scene.ts';
import { earliest, type Call } from '../traffic-record.ts';
import { customerPbxs } from '../user-agents.ts';

/** The login as a trunk of a switchboard that the operator did not supply, at the line's own site. */
export const customerPbx: Profile = (cast) => {
  const userAgent = cast.random.pick(customerPbxs);
  const calls = officeCalls(cast).map((call, index) => (index % 2 === 1 ? { ...call, userAgent } : call));
  const byPbx = calls.filter((call) => call.userAgent === userAgent);
  return sceneOf(cast, {
    calls,
    breaches: [{ condition: 'equipment', why: 'user-agent', firstCall: earliest(byPbx) }],
  });
};

/** A switchboard that the operator manages: it is among the line's devices. */
export const managedPbx: Profile = (cast) => {
  const userAgent = cast.random.pick(customerPbxs);
  return sceneOf(cast, { calls: officeCalls(cast).map((call) => ({ ...call, userAgent })), devices: [userAgent] });
};

/** Equipment is declared from a day on, whatever the user agent says. */
function declared(equipment: LineFacts['equipment'], day: number): Profile {
  return (cast) => {
    const calls = officeCalls(cast);
    const since = calls.filter(({ startedAt }) => startedAt >= cast.calendar.at(day, 0));
    return sceneOf(cast, {
      facts: [factsOf(cast, { toDay: day }), factsOf(cast, { equipment, fromDay: day })],
      calls,
      breaches: [{ condition: 'equipment', why: 'provisioning', firstCall: earliest(since) }],
    });
  };
}
export const declaredPbx = declared('customer-pbx', 9);
export const declaredGateway = declared('customer-gateway', 16);

function officeCalls(cast: Cast): Call[] {
  const slots = scheduleCalls(cast.random, cast.patterns.office, talkDuration, 90);
  return callsIn(cast, slots, drawNumbers(cast, 25, OFFICE_KINDS));
}
