import type { AsteriskRowGiven } from '../asterisk-rows.ts';
import { CUCM_HAPPENINGS, cucmCall } from './cucm-calls.ts';
import { FREESWITCH_HAPPENINGS, freeSwitchCall } from './freeswitch-calls.ts';
import type { OracleRecord } from './oracle-types.ts';
import { OTHER_HAPPENINGS, otherCall } from './other-calls.ts';

/** What happened on the switch: told apart from how its rows are read, so that nothing is inferred here. */
export interface SwitchCall {
  /** Of an Asterisk. */
  readonly rows: readonly AsteriskRowGiven[];
  /** Of a FreeSWITCH, and channel events of an Asterisk: each a line. */
  readonly documents?: readonly string[];
  /** What a carrier bills, and who pays. */
  readonly billed: readonly OracleRecord[];
  /** Rows that must wait, by the last trunk channel that they name, or by their leg. */
  readonly waiting: readonly { readonly reason: string; readonly channel: string }[];
}

/** Who calls whom, and what befalls the call. */
export interface Happening {
  readonly kind:
    | (typeof HAPPENINGS)[number]
    | (typeof FREESWITCH_HAPPENINGS)[number]
    | (typeof CUCM_HAPPENINGS)[number]
    | (typeof OTHER_HAPPENINGS)[number];
  readonly caller: string;
  readonly other: string;
  readonly number: string;
  readonly second: string;
  readonly day: number;
  readonly minute: number;
  readonly seconds: number;
}

export const HAPPENINGS = [
  'direct',
  'direct',
  'unanswered',
  'internal',
  'forwarded',
  'forwarded-from-outside',
  'forwarded-lost-half',
  'click-to-dial',
  'through-local',
  'blind-transfer',
  'transferred-inside',
  'transferred-to-queue',
  'talks-to-two',
  'inbound-transferred',
  'three-way',
  'three-way-lost-dial',
  'two-numbers',
  'two-callers',
  'two-contents',
  'rung-before',
] as const;

const TRUNK_NUMBER = '0140000001';

/** The rows that a switch writes of what happened, and what must come of them. */
export function switchCall(happening: Happening, index: number): SwitchCall {
  const ofFreeSwitch = FREESWITCH_HAPPENINGS.find((one) => one === happening.kind);
  if (ofFreeSwitch !== undefined) return freeSwitchCall({ ...happening, kind: ofFreeSwitch }, index);
  const ofCucm = CUCM_HAPPENINGS.find((one) => one === happening.kind);
  if (ofCucm !== undefined) return cucmCall({ ...happening, kind: ofCucm }, index);
  const isOther = OTHER_HAPPENINGS.find((one) => one === happening.kind);
  if (isOther !== undefined) return otherCall({ ...happening, kind: isOther }, index);
  return asteriskCall(happening, index);
}

function asteriskCall(happening: Happening, index: number): SwitchCall {
  const { kind, caller, other, number, second, day, minute, seconds } = happening;
  const group = `${1_793_690_000 + index}.1`;
  const channel = (place: number): string => (index * 16 + place).toString(16).padStart(8, '0');
  const phone = (line: string, place: number): string => `PJSIP/${line}-${channel(place)}`;
  const trunk = (place: number): string => `PJSIP/op-${channel(place)}`;
  const local = (extension: string, half: 1 | 2): string => `Local/${extension}@in-${channel(9)};${half}`;
  const row = (sequence: number, given: AsteriskRowGiven): AsteriskRowGiven => ({
    account: caller,
    src: caller,
    dst: number,
    day,
    minute,
    seconds,
    group,
    uniqueid: `${group}${sequence}`,
    sequence,
    ...given,
  });
  const billed = (sequence: number, line: string, given: Partial<OracleRecord> = {}, after = 0): OracleRecord => ({
    switchId: 'pbx',
    callId: group,
    legId: `${group}${sequence}#${sequence}`,
    revision: 0,
    line,
    dialled: number,
    calling: null,
    startedAt: Date.UTC(2026, 10, day, 10, minute + after, 5),
    durationMs: seconds * 1000,
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
  const out = row(1, { from: phone(caller, 1), to: trunk(2) });
  const toOther = row(1, { dst: other, from: phone(caller, 1), to: local(`FMPR-${other}`, 1), data: 'Local/x@in' });
  const forwarded = row(2, { from: local(`FMPR-${other}`, 2), to: trunk(2) });
  const outside = { account: '', src: TRUNK_NUMBER };
  switch (kind) {
    case 'direct':
      return { rows: [out], billed: [billed(1, caller)], waiting: [] };
    case 'unanswered':
      return { rows: [{ ...out, disposition: 'NO ANSWER' }], billed: [], waiting: [] };
    case 'internal':
      return { rows: [{ ...out, dst: other, to: phone(other, 2) }], billed: [], waiting: [] };
    case 'forwarded':
      return { rows: [toOther, forwarded], billed: [billed(2, other, { diversions: [other] })], waiting: [] };
    case 'forwarded-from-outside':
      return {
        rows: [
          { ...toOther, ...outside, from: trunk(1) },
          { ...forwarded, ...outside },
        ],
        billed: [billed(2, other, { diversions: [other] })],
        waiting: [],
      };
    case 'forwarded-lost-half':
      return { rows: [forwarded], billed: [], waiting: [{ reason: 'incomplete-call', channel: trunk(2) }] };
    case 'click-to-dial':
      return {
        rows: [
          row(1, { from: local(number, 2), to: trunk(2) }),
          row(2, { dst: 's', from: phone(caller, 3), to: local(number, 1), app: 'AppDial2', data: '(Outgoing Line)' }),
        ],
        billed: [billed(1, caller)],
        waiting: [],
      };
    case 'through-local':
      return {
        rows: [
          row(1, { from: phone(caller, 1), to: local(number, 1), data: 'Local/x@out' }),
          row(2, { account: '', from: local(number, 2), to: trunk(2) }),
        ],
        billed: [billed(2, caller)],
        waiting: [],
      };
    case 'blind-transfer':
      return {
        rows: [out, row(2, { src: number, dst: second, from: trunk(2), to: trunk(3), minute: minute + 9 })],
        // A carrier bills the first leg until the second ends, too.
        billed: [
          billed(1, caller, { durationMs: (9 * 60 + seconds) * 1000 }),
          billed(2, caller, { dialled: second }, 9),
        ],
        waiting: [],
      };
    case 'transferred-inside': {
      const rest = row(2, { ...outside, src: number, dst: other, from: trunk(2), to: phone(other, 5), data: 'x' });
      return {
        rows: [out, { ...rest, minute: minute + 9 }],
        billed: [billed(1, caller), billed(2, caller, {}, 9)],
        waiting: [],
      };
    }
    case 'transferred-to-queue':
      return {
        rows: [out, row(2, { account: '', dst: '600', from: trunk(2), to: '', app: 'Queue', minute: minute + 9 })],
        billed: [billed(1, caller), billed(2, caller, {}, 9)],
        waiting: [],
      };
    case 'talks-to-two': {
      // Another joins the caller and whom he called, and stays half a minute longer.
      const joined = row(2, { dst: other, from: trunk(2), to: phone(other, 5), app: 'ConfBridge', data: '1' });
      const after = Date.UTC(2026, 10, day, 10, minute, 5 + seconds);
      return {
        rows: [out, { ...joined, seconds: seconds + 30 }],
        billed: [billed(1, caller), billed(2, caller, { startedAt: after, durationMs: 30_000 })],
        waiting: [],
      };
    }
    case 'inbound-transferred':
      return {
        rows: [
          row(1, { ...outside, dst: other, from: trunk(1), to: phone(other, 2), data: `PJSIP/${other}` }),
          row(2, { ...outside, from: trunk(1), to: trunk(3), minute: minute + 9 }),
        ],
        billed: [billed(2, other, {}, 9)],
        waiting: [],
      };
    case 'three-way': {
      const dialled = row(2, { dst: second, from: phone(caller, 1), to: trunk(4) });
      const stale = {
        ...dialled,
        sequence: 3,
        uniqueid: `${group}3`,
        data: out.data ?? `PJSIP/${number}@op`,
        minute: minute + 9,
      };
      return {
        rows: [out, dialled, stale],
        billed: [billed(1, caller), billed(2, caller, { dialled: second }), billed(3, caller, { dialled: second }, 9)],
        waiting: [],
      };
    }
    case 'three-way-lost-dial': {
      const stale = row(3, {
        dst: second,
        from: phone(caller, 1),
        to: trunk(4),
        data: `PJSIP/${number}@op`,
        minute: minute + 9,
      });
      return {
        rows: [out, stale],
        billed: [billed(1, caller)],
        waiting: [{ reason: 'contradiction', channel: trunk(4) }],
      };
    }
    case 'two-numbers': {
      const both = { ...out, data: `PJSIP/${number}@op&PJSIP/${second}@op` };
      return { rows: [both], billed: [], waiting: [{ reason: 'unclear-number', channel: trunk(2) }] };
    }
    case 'two-callers': {
      const another = { ...toOther, dst: caller, sequence: 3, uniqueid: `${group}3` };
      const waiting = [{ reason: 'contradiction', channel: trunk(2) }];
      return { rows: [toOther, forwarded, another], billed: [], waiting };
    }
    case 'rung-before':
      // The dialplan sends a call from outside on, after the phone of the other has rung: until that row has come, the
      // account code pays.
      return {
        rows: [
          row(1, { ...outside, dst: other, from: trunk(1), to: phone(other, 2), data: 'x', disposition: 'NO ANSWER' }),
          row(2, { src: TRUNK_NUMBER, from: trunk(1), to: trunk(3) }),
        ],
        billed: [billed(2, caller, { diversions: [other, caller] })],
        waiting: [],
      };
    case 'two-contents':
      return {
        rows: [out, { ...out, seconds: seconds + 1 }],
        billed: [billed(1, caller), billed(1, caller, { durationMs: (seconds + 1) * 1000 })],
        waiting: [],
      };
    default:
      throw new Error(`Cannot tell what an Asterisk writes of '${kind}'`);
  }
}
