import { agrees } from './asterisk-channel.ts';
import { type CelSaid, transferor } from './asterisk-cel-said.ts';
import type { AsteriskSaid } from './asterisk-said.ts';
import { noTexts, quote } from '../canonical/canonical-fields.ts';
import type { DecodingNote } from '../format.ts';
import type { Leg } from '../call/leg.ts';

/** A row with its leg. */
export interface Row {
  readonly leg: Leg;
  readonly said: AsteriskSaid;
}

/** Who pays for a leg, and what shows it. */
export interface Payer {
  readonly line: string;
  readonly diversions: readonly string[];
  readonly transferredBy: string | null;
  readonly why: string;
}

export interface Fault {
  readonly kind: 'bad';
  readonly reason: 'unclear-number' | 'contradiction' | 'incomplete-call' | 'no-line' | 'no-number';
  readonly detail: string;
}

export interface Sent {
  readonly kind: 'number';
  readonly number: string;
  readonly notes: readonly DecodingNote[];
  /** The row that dialled it; `null`: only the extension says so. */
  readonly dialledBy: Row | null;
}

export function bad(reason: Fault['reason'], detail: string): Fault {
  return { kind: 'bad', reason, detail };
}

export function named({ leg }: Row): string {
  return `leg ${quote(leg.legId)}`;
}

export function agreesWithSent({ dst, extension, sent }: AsteriskSaid): boolean {
  return sent.some((number) => agrees(dst, number) || (extension !== null && agrees(extension, number)));
}

/** What a row says of its number by itself, where no row surely dialled it. */
export function ownNumber(said: AsteriskSaid): Sent | Fault {
  const { app, sent, isCut, dst, extension, isPrefixKnown } = said;
  if (app === 'Dial' && sent.length > 1) {
    return bad('unclear-number', `Cannot tell which number answered: lastdata ${quote(said.data)} dials several`);
  }
  if (app === 'Dial' && sent.length === 1) {
    return bad('contradiction', `Cannot tell the number: dst says ${quote(dst)}, lastdata ${quote(said.data)}`);
  }
  if (extension === null) {
    return bad('no-number', `Cannot find the number: neither in dst ${quote(dst)} nor in lastdata ${quote(said.data)}`);
  }
  if (!isPrefixKnown && extension.replace(/^(?:sips?:|tel:)/i, '').startsWith('00')) {
    return bad(
      'unclear-number',
      `Cannot tell the number: dst ${quote(dst)} begins with 00, an international number or an outside line's 0; ` +
        `nothing says what was sent to ${quote(said.dstchannel)}: say it by a rule of the trunk (dial-prefix)`,
    );
  }
  const notes: readonly DecodingNote[] = isCut ? ['truncated-field'] : [];
  return { kind: 'number', number: extension, notes, dialledBy: null };
}

export function noLine(row: Row): Fault {
  const { channel } = row.said;
  return bad('no-line', `Cannot tell whose call it is: no accountcode, and channel ${quote(channel)} is no line's`);
}

export function placedBy(line: string, why: string): Payer {
  return { line, diversions: noTexts, transferredBy: null, why };
}

/** The last of the parties that is one of our lines pays; should none be, the call waits for the last. */
export function forwardedBy(parties: readonly string[], why: string): Payer {
  return { line: parties.at(-1)!, diversions: parties, transferredBy: null, why };
}

/** A caller of a `Local/` channel dialled the number itself: whatever else it rang is no matter. */
export function withoutRings(row: Row): Row {
  return { leg: row.leg, said: { ...row.said, sent: [row.said.dst] } };
}

export function samePayer(payer: Payer | Fault): string {
  return 'line' in payer ? JSON.stringify([payer.line, payer.diversions, payer.transferredBy]) : payer.detail;
}

export function lineOf(payer: Payer | Fault): string {
  return 'line' in payer ? payer.line : payer.reason;
}

/** Who pays for what a phone forwarded, by the event that says so. */
export function forwardedAs({ forwarder, channel, to }: CelSaid, parties: readonly string[]): Payer {
  const known = parties.at(-1) === forwarder ? parties : [...parties, forwarder];
  return forwardedBy(known, `${forwarder}, whom ${channel} called, forwarded to ${to} (event FORWARD)`);
}

/** A payer by rows, with the event of the phone that forwarded. */
export function withForward(payer: Payer | Fault, forward: CelSaid): Payer {
  return forwardedAs(forward, 'line' in payer ? payer.diversions : []);
}

/** A payer by rows, with the event of a transfer: it names who transferred; rows may say that of another. */
export function withTransfer(payer: Payer | Fault, told: CelSaid, row: Row): Payer | Fault {
  const line = transferor(told);
  if ('line' in payer && payer.transferredBy !== null) {
    if (payer.transferredBy === line || payer.transferredBy === told.account) return payer;
    return bad(
      'contradiction',
      `Cannot tell who transferred ${quote(row.said.channel)}: the rows say ${quote(payer.transferredBy)} ` +
        `(${payer.why}), event ${told.event} of ${quote(told.channel)} says ${quote(line)}`,
    );
  }
  const why = `${line} transferred ${row.said.channel} (event ${told.event})`;
  return { line, diversions: noTexts, transferredBy: line, why };
}
