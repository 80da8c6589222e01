import { type FreeSwitchLegGiven, freeSwitchLeg } from '../freeswitch-legs.ts';
import type { OracleRecord } from './oracle-types.ts';
import type { Happening, SwitchCall } from './switch-calls.ts';

export const FREESWITCH_HAPPENINGS = [
  'fs-direct',
  'fs-no-account',
  'fs-lost-caller',
  'fs-forwarded',
  'fs-forwarded-from-outside',
  'fs-transferred',
  'fs-consulted',
  'fs-consulted-by-called',
  'fs-rung-at-once',
  'fs-blind-transfer',
  'fs-click-to-dial',
  'fs-two-accounts',
  'fs-untold',
  'fs-told-twice',
] as const;

/** The records that a FreeSWITCH writes of what happened, and what must come of them. */
export function freeSwitchCall(
  happening: Happening & { readonly kind: (typeof FREESWITCH_HAPPENINGS)[number] },
  index: number,
): SwitchCall {
  const { kind, caller, other, number, second, day, minute, seconds } = happening;
  const uuid = (leg: string): string => `fs-${index}-${leg}`;
  const leg = (name: string, given: Omit<FreeSwitchLegGiven, 'uuid'>): string => {
    const { at = 0, call = 'A', madeFor, ...rest } = given;
    const of = madeFor === undefined ? {} : { madeFor: uuid(madeFor) };
    const to = { to: number, seconds, day };
    return freeSwitchLeg({ ...to, ...rest, ...of, uuid: uuid(name), call: uuid(call), at: minute * 60 + at });
  };
  const billed = (name: string, line: string, answered: number, given: Partial<OracleRecord> = {}): OracleRecord => ({
    switchId: 'fs',
    callId: uuid('A'),
    legId: uuid(name),
    revision: 0,
    line,
    dialled: number,
    calling: null,
    startedAt: Date.UTC(2026, 10, day, 10, minute) + answered * 1000,
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
  const waits = (reason: string, name: string) => [{ reason, channel: uuid(name) }];
  const ofCaller = { accountcode: caller };
  const names = { sip_auth_username: caller, ...ofCaller };
  const from = (given: Partial<FreeSwitchLegGiven> = {}): string =>
    leg('A', { role: 'caller', variables: names, ...given });
  const out = (given: Partial<FreeSwitchLegGiven> = {}): string =>
    leg('B', { role: 'carrier', madeFor: 'A', variables: ofCaller, ...given });
  const phone = (given: Partial<FreeSwitchLegGiven> = {}): string =>
    leg('Y', { role: 'phone', madeFor: 'A', to: other, ...given });
  switch (kind) {
    case 'fs-direct':
      return { rows: [], documents: [from(), out()], billed: [billed('B', caller, 5)], waiting: [] };
    // Another module reports the carrier's leg as well, without the leg that it was made for.
    case 'fs-told-twice': {
      const bare = leg('B', { role: 'carrier', variables: ofCaller });
      return { rows: [], documents: [from(), out(), bare], billed: [billed('B', caller, 5)], waiting: [] };
    }
    case 'fs-no-account':
      return { rows: [], documents: [from(), out({ variables: {} })], billed: [billed('B', caller, 5)], waiting: [] };
    case 'fs-lost-caller':
      return { rows: [], documents: [out({ variables: {} })], billed: [], waiting: waits('no-line', 'B') };
    case 'fs-forwarded':
      return {
        rows: [],
        documents: [from({ first: other, ring: 15 }), phone({ ring: null }), out({ at: 10 })],
        billed: [billed('B', other, 15, { diversions: [other] })],
        waiting: [],
      };
    case 'fs-forwarded-from-outside':
      return {
        rows: [],
        documents: [
          from({ role: 'from-carrier', variables: {}, first: other, ring: 15 }),
          out({ at: 10, variables: {} }),
        ],
        billed: [billed('B', other, 15, { diversions: [other] })],
        waiting: [],
      };
    case 'fs-transferred':
      return {
        rows: [],
        documents: [from({ first: other }), phone({ seconds: 55 }), out({ at: 60 })],
        billed: [billed('B', other, 65, { transferredBy: other })],
        waiting: [],
      };
    // Both are up all the while: who calls a third party does so for himself.
    case 'fs-consulted':
      return {
        rows: [],
        documents: [from({ first: other, seconds: 900 }), phone({ seconds: 900 }), out({ at: 60 })],
        billed: [billed('B', caller, 65)],
        waiting: [],
      };
    case 'fs-consulted-by-called':
      return {
        rows: [],
        documents: [
          from({ first: other, seconds: 900 }),
          phone({ seconds: 900 }),
          out({ at: 60, madeFor: 'Y', variables: {} }),
        ],
        billed: [billed('B', other, 65, { transferredBy: other })],
        waiting: [],
      };
    // A group of one phone and one number, none of which is anybody's to forward.
    case 'fs-rung-at-once':
      return {
        rows: [],
        documents: [from({ first: '600', ring: 15 }), phone({ ring: null }), out({ ring: 15 })],
        billed: [billed('B', '600', 15, { diversions: ['600'] })],
        waiting: [],
      };
    case 'fs-blind-transfer':
      return {
        rows: [],
        documents: [from(), out(), leg('C', { role: 'carrier', madeFor: 'B', to: second, at: 90 })],
        billed: [billed('B', caller, 5), billed('C', caller, 95, { dialled: second, transferredBy: caller })],
        waiting: [],
      };
    case 'fs-click-to-dial':
      return {
        rows: [],
        documents: [leg('A', { role: 'phone', to: caller }), out({ variables: {} })],
        billed: [billed('B', caller, 5)],
        waiting: [],
      };
    case 'fs-two-accounts':
      return {
        rows: [],
        documents: [from(), out({ variables: { accountcode: other } })],
        billed: [],
        waiting: waits('contradiction', 'B'),
      };
    case 'fs-untold':
      return {
        rows: [],
        documents: [from({ first: other }), out({ at: 60 })],
        billed: [],
        waiting: waits('incomplete-call', 'B'),
      };
  }
}
