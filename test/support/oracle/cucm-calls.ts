import { type CucmRowGiven, cucmRow } from '../cucm-rows.ts';
import type { OracleRecord } from './oracle-types.ts';
import type { Happening, SwitchCall } from './switch-calls.ts';

export const CUCM_HAPPENINGS = [
  'cucm-direct',
  'cucm-transferred',
  'cucm-conference',
  'cucm-transferred-ringing',
  'cucm-both-outside',
  'cucm-inbound-transferred',
  'cucm-lost-first',
  'cucm-consulted',
  'cucm-conference-outside',
] as const;

/** The rows that a CUCM writes of what happened, and what must come of them. */
export function cucmCall(
  happening: Happening & { readonly kind: (typeof CUCM_HAPPENINGS)[number] },
  index: number,
): SwitchCall {
  const { kind, caller, other, number, second, day, minute, seconds } = happening;
  const answered = Date.UTC(2026, 10, day, 10, minute, 5) / 1000;
  const pkid = (place: number): string => `cucm-${index}-${place}`;
  const leg = (place: number): number => 1_000 + index * 10 + place;
  const phone = (line: string, place: number) => [leg(place), `SEP${line}`] as const;
  const trunk = (place: number) => [leg(place), 'SIP-Carrier-1'] as const;
  const row = (place: number, given: Partial<CucmRowGiven>): CucmRowGiven => ({
    call: index,
    pkid: pkid(place),
    from: phone(caller, 1),
    to: trunk(2),
    calling: caller,
    called: number,
    connect: answered,
    seconds,
    ...given,
  });
  /** The leg on the trunk goes on, for half a minute. */
  const rest = (place: number, given: Partial<CucmRowGiven> = {}): CucmRowGiven =>
    row(place, {
      from: trunk(2),
      to: phone(other, 4),
      calling: number,
      called: other,
      connect: answered + seconds,
      seconds: 30,
      redirected: caller,
      behalf: 10,
      join: 10,
      ...given,
    });
  const billed = (place: number, talked: number, given: Partial<OracleRecord> = {}): OracleRecord => ({
    switchId: 'lyon',
    callId: `1-${index}`,
    legId: pkid(place),
    revision: 0,
    line: caller,
    dialled: number,
    calling: null,
    startedAt: answered * 1000,
    durationMs: talked * 1000,
    userAgent: null,
    sourceIp: null,
    diversions: [],
    transferredBy: null,
    mobilityUsed: null,
    recordBuffer: Buffer.alloc(0),
    recordStart: 0,
    recordEnd: 0,
    ...given,
  });
  const told = (rows: readonly CucmRowGiven[], calls: readonly OracleRecord[], waits: readonly number[] = []) => ({
    rows: [],
    documents: rows.map(cucmRow),
    billed: calls,
    waiting: waits.map((place) => ({ reason: 'incomplete-call', channel: pkid(place) })),
  });
  const startedLater = (answered + seconds) * 1000;
  switch (kind) {
    case 'cucm-direct':
      return told([row(1, {})], [billed(1, seconds)]);
    case 'cucm-transferred': {
      const again = rest(3, { to: phone(second, 6), connect: answered + seconds + 30, redirected: other });
      return told([row(1, {}), rest(2), again], [billed(1, seconds + 60)]);
    }
    case 'cucm-conference': {
      const conference = { redirected: '', behalf: 4, join: 4 };
      const bridge = rest(2, { ...conference, to: [leg(5), 'CFB_2'], called: 'b0029' });
      const own = rest(3, { ...conference, from: phone(caller, 1), to: [leg(6), 'CFB_2'], called: 'b0029' });
      return told([row(1, {}), bridge, own], [billed(1, seconds + 30)]);
    }
    case 'cucm-transferred-ringing':
      return told(
        [row(1, { connect: 0, seconds: 0, rangUntil: answered }), rest(2)],
        [billed(2, 30, { startedAt: startedLater, transferredBy: caller })],
      );
    case 'cucm-both-outside':
      return told(
        [row(1, {}), rest(2, { to: trunk(7), called: second })],
        [billed(1, seconds + 30), billed(2, 30, { dialled: second, startedAt: startedLater, transferredBy: caller })],
      );
    case 'cucm-inbound-transferred':
      return told([row(1, { from: trunk(2), to: phone(caller, 3), calling: number, called: caller }), rest(2)], []);
    // Another number outside is called by a call of its own, for a second until the first call is joined to it.
    case 'cucm-consulted':
    case 'cucm-conference-outside': {
      const consulted = { call: 500_000 + index, called: second, connect: answered + seconds - 1, seconds: 1 };
      const consultation = row(5, { ...consulted, from: phone(caller, 7), to: trunk(8) });
      const begun = { callId: `1-${consulted.call}`, dialled: second, startedAt: startedLater - 1000 };
      const calls = [billed(1, seconds + 30), billed(5, 31, begun)];
      if (kind === 'cucm-consulted') return told([row(1, {}), consultation, rest(2, { to: trunk(8) })], calls);
      const bridge = { redirected: '', behalf: 4, join: 4, called: 'b0029' };
      const first = rest(2, { ...bridge, to: [leg(5), 'CFB_2'] });
      const ofSecond = rest(3, { ...bridge, from: trunk(8), to: [leg(6), 'CFB_2'], calling: second });
      return told([row(1, {}), consultation, first, ofSecond], calls);
    }
    case 'cucm-lost-first':
      return told([rest(2)], [], [2]);
  }
}
