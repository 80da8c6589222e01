import { talkDuration } from '../call-durations.ts';
import { callsIn, drawNumbers, factsOf, OFFICE_KINDS, scheduleCalls, sceneOf } from '../plan-calls.ts';
import type { Cast, Profile, Scene } from '../scene.ts';
import { foreignAddress } from '../site.ts';
import { earliest, type Call } from '../traffic-record.ts';
import { softphones } from '../user-agents.ts';

/** Share of a nomad's calls that come from elsewhere. */
const AWAY = 0.3;

type Change = (call: Call, cast: Cast) => Call;

const bySoftphone: Change = (call, { random }) => ({ ...call, userAgent: random.pick(softphones) });
const fromElsewhere: Change = (call, { random }) => ({ ...call, sourceIp: foreignAddress(random) });
const withoutUserAgent: Change = (call) => ({ ...call, userAgent: null });

interface Plan {
  readonly calls: readonly Call[];
  /** Those of the calls that were changed. */
  readonly away: readonly Call[];
}

/** An office's calls, some of which are changed by all of `changes`. */
function withSomeAway(cast: Cast, changes: readonly Change[]): Plan {
  const plain = officeCalls(cast);
  const isAway = plain.map((_, index) => index === 5 || cast.random.chance(AWAY));
  const calls = plain.map((call, index) =>
    isAway[index] === true ? changes.reduce((changed, change) => change(changed, cast), call) : call,
  );
  return { calls, away: calls.filter((_, index) => isAway[index] === true) };
}

/** The login in a softphone, on another network: both known, both foreign. */
export const nomad: Profile = (cast) => {
  const { calls, away } = withSomeAway(cast, [bySoftphone, fromElsewhere]);
  return sceneOf(cast, {
    calls,
    breaches: [{ condition: 'sip-mobility', why: 'foreign-device-and-network', firstCall: earliest(away) }],
  });
};

/** Only one of the two is foreign, or the user agent is missing: no breach. */
function harmless(...changes: readonly Change[]): Profile {
  return (cast) => sceneOf(cast, { calls: withSomeAway(cast, changes).calls });
}
export const softphoneAtOffice = harmless(bySoftphone);
export const phoneTakenHome = harmless(fromElsewhere);
export const awayWithoutUserAgent = harmless(fromElsewhere, withoutUserAgent);

/** Nothing is provisioned that a call could be foreign to. */
export const nothingProvisioned: Profile = (cast) => {
  const { calls } = withSomeAway(cast, [bySoftphone, fromElsewhere]);
  return sceneOf(cast, { calls, devices: [], networks: [] });
};

/** One call of 0 ms from away shows it as well as a long one. */
export const nomadOfAnInstant: Profile = (cast) => {
  const calls = officeCalls(cast);
  const zero = calls.map((call, index) =>
    index === 20 ? { ...fromElsewhere(bySoftphone(call, cast), cast), durationMs: 0 } : call,
  );
  const shown = zero[20];
  if (shown === undefined) throw new RangeError('Cannot plan a call of 0 ms: the line has too few calls');
  return sceneOf(cast, {
    calls: zero,
    breaches: [{ condition: 'sip-mobility', why: 'foreign-device-and-network', firstCall: shown }],
  });
};

/** The switch says that "mobilité" was used. */
export const mobilityBySwitch: Profile = (cast) => {
  const { calls, away } = withSomeAway(cast, [(call) => ({ ...call, mobilityUsed: true })]);
  const marked = calls.map((call) => (call.mobilityUsed === null ? { ...call, mobilityUsed: false } : call));
  return sceneOf(cast, {
    calls: marked,
    breaches: [{ condition: 'sip-mobility', why: 'switch', firstCall: earliest(away) }],
  });
};

/** "Mobilité" is switched on on the 12th: every call from then on shows it. */
export const mobilityProvisioned: Profile = (cast) => {
  const day = 11;
  const calls = officeCalls(cast);
  const since = calls.filter(({ startedAt }) => startedAt >= cast.calendar.at(day, 0));
  return sceneOf(cast, {
    facts: [factsOf(cast, { toDay: day }), factsOf(cast, { mobility: 'used', fromDay: day })],
    calls,
    breaches: [{ condition: 'sip-mobility', why: 'provisioning', firstCall: earliest(since) }],
  });
};

/** A home with two phones on two networks, one of them IPv6. */
export const twoSites: Profile = (cast) => {
  const second = '2001:db8:beef::/48';
  const calls = officeCalls(cast).map((call, index) =>
    index % 3 === 0
      ? { ...call, sourceIp: `2001:db8:beef:${index}::7`, userAgent: 'Gigaset N510 IP PRO/42.258.00.000.000' }
      : call,
  );
  const scene: Scene = sceneOf(cast, { calls });
  return {
    ...scene,
    facts: [factsOf(cast, { usageClass: 'residential', mobility: '', equipment: '' })],
    devices: [...new Set([...scene.devices, 'Gigaset N510 IP PRO/*'])],
    networks: [...scene.networks, second],
  };
};

function officeCalls(cast: Cast): Call[] {
  const slots = scheduleCalls(cast.random, cast.patterns.office, talkDuration, 80);
  return callsIn(cast, slots, drawNumbers(cast, 18, OFFICE_KINDS));
}
