import { noTexts, quote } from '../canonical/canonical-fields.ts';
import type { Leg } from '../call/leg.ts';
import { NO_LINE } from '../call/told-call.ts';
import type { BadRecordReason } from '../format.ts';
import type { FreeSwitchSaid } from './freeswitch-said.ts';

/** A record with its leg. */
export interface Row {
  readonly leg: Leg;
  readonly said: FreeSwitchSaid;
}

/** Who pays for a leg, and what shows it. */
export interface Payer {
  readonly line: string;
  readonly diversions: readonly string[];
  readonly transferredBy: string | null;
  /** The leg of the payer's own phone; `null` where none is known. */
  readonly phone: Row | null;
  /** The leg's own word for the subscriber's phone may be the caller's, who does not pay. */
  readonly isOther: boolean;
  readonly why: string;
}

export interface Fault {
  readonly kind: 'bad';
  readonly reason: BadRecordReason;
  readonly detail: string;
}

export function bad(reason: BadRecordReason, detail: string): Fault {
  return { kind: 'bad', reason, detail };
}

export function named({ said }: Row): string {
  return `leg ${quote(said.uuid)}`;
}

export function lineNamed({ names, originatorName }: FreeSwitchSaid): string {
  return names.find((name) => name !== '') ?? originatorName;
}

/** Whether a variable names the line; the user in the originator's profile may be a carrier's caller. */
export function namesLine({ names }: FreeSwitchSaid): boolean {
  return names.some((name) => name !== '');
}

export function namesOf(said: FreeSwitchSaid): ReadonlySet<string> {
  return new Set([...said.names, ...said.aliases]);
}

/** What a leg says by itself of who pays; the line of its caller stands in where it names none. */
export function alone(row: Row, caller: Row | null): Payer | Fault {
  const { diversions, transferredBy: by } = row.said;
  const sentOn = by || (diversions.at(-1) ?? '');
  const own = lineNamed(row.said);
  const line = own || sentOn || (caller === null ? '' : callerName(caller.said));
  if (line === '') return bad('no-line', NO_LINE);
  const isOfCaller = caller !== null && caller.said.role === 'caller' && sentOn === '';
  const why =
    own === '' && isOfCaller
      ? `${named(caller)} called, as ${line}`
      : `the leg names ${line === own ? 'line ' : ''}${line}`;
  return {
    line,
    diversions,
    transferredBy: by || null,
    phone: isOfCaller ? caller : null,
    isOther: false,
    why: sentOn === '' ? why : `${why}; ${sentOn} sent the call on, as its headers say`,
  };
}

export function callerName(said: FreeSwitchSaid): string {
  return said.role === 'caller' ? lineNamed(said) || (said.aliases[0] ?? '') : '';
}

export function plain(line: string, why: string): Payer {
  return { line, diversions: noTexts, transferredBy: null, phone: null, isOther: false, why };
}

export function paidByTransferor(line: string, why: string): Payer {
  return { ...plain(line, why), transferredBy: line, isOther: true };
}

/** The last of the parties that is one of our lines pays; should none be, the call waits for the last. */
export function forwardedBy(parties: readonly string[], why: string): Payer {
  return { ...plain(parties.at(-1)!, why), diversions: parties, isOther: true };
}

/** The phone of who pays, as far as it is known: another's would be a foreign one. */
export function phoneOf(call: { userAgent: string | null; sourceIp: string | null }, { phone, isOther }: Payer) {
  if (isOther) return { userAgent: null, sourceIp: null };
  return {
    userAgent: call.userAgent ?? phone?.said.userAgent ?? null,
    sourceIp: call.sourceIp ?? phone?.said.sourceIp ?? null,
  };
}
