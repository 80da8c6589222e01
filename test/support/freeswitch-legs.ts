/** A record of one FreeSWITCH leg, by what matters of it. */
export interface FreeSwitchLegGiven {
  readonly uuid: string;
  /** `call_uuid`; its own by default. */
  readonly call?: string;
  readonly role: 'caller' | 'from-carrier' | 'carrier' | 'phone' | 'loopback';
  /** The leg that it was made for. */
  readonly madeFor?: string;
  /** What was dialled, or the number sent, or the phone rung. */
  readonly to?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Dialled first, where the dialplan sent the call on. */
  readonly first?: string;
  /** Seconds after 10:00:00 UTC on the day in November 2026. */
  readonly at?: number;
  /** Seconds from its start to its answer; `null`: nobody answered. */
  readonly ring?: number | null;
  readonly seconds?: number;
  readonly day?: number;
}

/** The leg as a mod_json_cdr document. */
export function freeSwitchLeg(given: FreeSwitchLegGiven): string {
  const { uuid, call = uuid, role, madeFor, to = '0612345678', first = to, at = 0, ring = 5, seconds = 60 } = given;
  const start = Date.UTC(2026, 10, given.day ?? 3, 10) / 1000 + at;
  const answer = ring === null ? 0 : start + ring;
  const end = ring === null ? start + 20 : answer + seconds;
  const cameIn = role === 'caller' || role === 'from-carrier';
  const variables = {
    direction: cameIn ? 'inbound' : 'outbound',
    uuid,
    call_uuid: call,
    channel_name: CHANNELS[role](to, uuid),
    sip_to_user: role === 'phone' ? to : first,
    sip_req_user: cameIn ? first : to,
    start_uepoch: `${start}000000`,
    answer_uepoch: answer === 0 ? '0' : `${answer}000000`,
    end_uepoch: `${end}000000`,
    billusec: ring === null ? '0' : `${seconds}000000`,
    ...(role === 'carrier' ? { sip_gateway_name: 'op' } : {}),
    ...(role === 'from-carrier' ? { sip_gateway: 'op' } : {}),
    ...(role === 'phone' ? { dialed_user: to } : {}),
    ...(madeFor === undefined ? {} : { originating_leg_uuid: madeFor }),
    ...given.variables,
  };
  return JSON.stringify({
    switchname: 'fs',
    variables,
    callflow: first === to ? [profile(to)] : [profile(to), profile(first)],
  });
}

function profile(number: string): unknown {
  return { caller_profile: { destination_number: number } };
}

const CHANNELS = {
  caller: () => 'sofia/internal/200@pbx.example',
  'from-carrier': () => 'sofia/external/0140000001@op.example',
  carrier: (to: string) => `sofia/external/${to}`,
  phone: (to: string) => `sofia/internal/${to}@192.0.2.7`,
  loopback: (to: string, uuid: string) => `loopback/${to}-${uuid.endsWith('b') ? 'b' : 'a'}`,
} as const;
