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

/**
 * Applications, in small letters, that call members whom their configuration names, or connect with a channel that is
 * up already: `dst` is the queue, the room, the parking place or the feature code, and never what a trunk was sent.
 */
const CONNECTS: ReadonlySet<string> = new Set(
  ['Queue', 'FollowMe', 'Page', 'ConfBridge', 'MeetMe', 'Park', 'ParkedCall', 'Pickup', 'PickupChan', 'Bridge'].map(
    (name) => name.toLowerCase(),
  ),
);

/** What a row says of its number by itself, where no row surely dialled it. */
export function ownNumber(said: AsteriskSaid): Sent | Fault {
  const { app, sent, isCut, dst, extension, isPrefixKnown } = said;
  if (app === 'Dial' && sent.length > 1) {
    return bad('unclear-number', `Cannot tell which number answered: lastdata ${quote(said.data)} dials several`);
  }
  if (app === 'Dial' && sent.length === 1) {
    return bad('contradiction', `Cannot tell the number: dst says ${quote(dst)}, lastdata ${quote(said.data)}`);
  }
  if (CONNECTS.has(app.toLowerCase())) {
    return bad(
      'no-number',
      `Cannot find the number: ${app} does not dial dst ${quote(dst)}, and no record shows what was dialled on ` +
        `${quote(said.dstchannel)}`,
    );
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

/**
 * A payer by rows, with the events of phones that forwarded there: of several phones that one which the rows name.
 *
 * @param payer `null`: no row shows who called
 */
export function withForward(payer: Payer | Fault | null, forwards: readonly CelSaid[], row: Row): Payer | Fault {
  const parties = payer !== null && 'line' in payer ? payer.diversions : [];
  const shown = forwards.find(({ forwarder }) => parties.includes(forwarder));
  const other = forwards.find(({ forwarder }) => forwarder !== forwards[0]!.forwarder);
  if (shown === undefined && other !== undefined) return severalTold('forwarded', forwards, row);
  return forwardedAs(shown ?? forwards[0]!, parties);
}

/**
 * A payer by rows, with the events of transfers of the channel: they name who transferred; rows may say that of
 * another. A channel may be transferred more than once: then the rows say which event is this leg's.
 */
export function withTransfer(payer: Payer | Fault, told: readonly CelSaid[], row: Row): Payer | Fault {
  const [first] = told;
  const line = transferor(first!);
  if ('line' in payer && payer.transferredBy !== null) {
    const by = payer.transferredBy;
    if (told.some((one) => by === transferor(one) || by === one.account)) return payer;
    return bad(
      'contradiction',
      `Cannot tell who transferred ${quote(row.said.channel)}: the rows say ${quote(by)} ` +
        `(${payer.why}), event ${first!.event} of ${quote(first!.channel)} says ${quote(line)}`,
    );
  }
  if (told.some((one) => transferor(one) !== line)) return severalTold('transferred', told, row);
  const why = `${line} transferred ${row.said.channel} (event ${first!.event})`;
  return { line, diversions: noTexts, transferredBy: line, why };
}

function severalTold(what: 'forwarded' | 'transferred', told: readonly CelSaid[], row: Row): Fault {
  const lines = told.map((one) => (what === 'forwarded' ? one.forwarder : transferor(one)));
  const all = [...new Set(lines)].toSorted().map((line) => quote(line));
  return bad(
    'contradiction',
    `Cannot tell who ${what} ${quote(row.said.channel)}: events say ${all.join(' and ')}, and no row says which`,
  );
}
