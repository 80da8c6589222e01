import type { CalledNumber } from './called-number.ts';

/** What a switch writes of one leg, by the names of the canonical CDR's meaning; instants in ms since the epoch. */
export interface TrafficRecord {
  readonly switchId: string;
  readonly callId: string;
  readonly legId: string;
  /** The line as the switch names it: its id, or its number in some notation. */
  readonly line: string;
  readonly dialled: string;
  readonly calling: string | null;
  /** `null`: nobody answered. */
  readonly startedAt: number | null;
  readonly durationMs: number;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
  readonly diversions: readonly string[];
  readonly transferredBy: string | null;
  readonly mobilityUsed: boolean | null;
  readonly revision: number;
  readonly kind: 'call' | 'attempt' | 'interim' | 'inbound' | 'internal';
}

/** An answered call of the line that it was planned for, with what its planner knows of it. */
export interface Call extends TrafficRecord {
  readonly startedAt: number;
  readonly number: CalledNumber;
  /** The leg exists because a call to the line was forwarded: the user did not dial it. */
  readonly isForwarded: boolean;
}

/** Why a record is none to rate, as the engine has to count it. */
export type NotACallReason = 'unanswered' | 'interim' | 'inbound' | 'internal';

/** A record that is no call, written when the switch writes it. */
export interface NonCall {
  readonly record: TrafficRecord;
  readonly reason: NotACallReason;
  readonly writtenAt: number;
}

/** By start, then identity (switch, call, leg) compared by UTF-16 code units: the order in which calls count. */
export function compareCalls(a: Call, b: Call): number {
  return (
    a.startedAt - b.startedAt ||
    compareText(a.switchId, b.switchId) ||
    compareText(a.callId, b.callId) ||
    compareText(a.legId, b.legId)
  );
}

/** The first of the calls, at least one. */
export function earliest(calls: readonly Call[]): Call {
  const [first, ...others] = calls;
  if (first === undefined) throw new RangeError('Cannot find the earliest call: there is none');
  return others.reduce((best, call) => (compareCalls(call, best) < 0 ? call : best), first);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
