import { compareText } from '../../rater/index.ts';
import { isLocalChannel } from './asterisk-channel.ts';
import type { Row } from './asterisk-payer.ts';
import type { AsteriskSaid } from './asterisk-said.ts';
import { ROUNDING_MS } from './asterisk-times.ts';

/** A row by its begin, then by its leg and what it says: the one order in which rows are looked at. */
export function compareRows(a: Row, b: Row): number {
  const difference = (a.said.begunAt ?? 0) - (b.said.begunAt ?? 0) || compareText(a.leg.legId, b.leg.legId);
  return difference || compareText(a.leg.evidence, b.leg.evidence);
}

export function isAnsweredTrunkLeg({ disposition, dstchannel, toTrunk }: AsteriskSaid): boolean {
  return disposition === 'ANSWERED' && dstchannel !== '' && toTrunk;
}

/** Whether a row may be what goes on of a leg on a trunk: with a phone, in a queue or a conference, parked. */
function mayGoOn({ disposition, fromTrunk, toTrunk, answeredAt, fault }: AsteriskSaid): boolean {
  return disposition === 'ANSWERED' && fromTrunk && !toTrunk && (answeredAt !== null || fault !== null);
}

/**
 * The row in which the trunk's channel of a row was called, where the row is what goes on of that leg after a transfer.
 * `null` where it is not: a channel that rows show as a caller first has called in.
 *
 * @param rows those of the call, in order
 */
export function calledInRow(row: Row, rows: readonly Row[]): Row | null {
  return rows.length === 1 || !mayGoOn(row.said) ? null : callOf(row.said.channel, rows);
}

/** The row in which a trunk's channel was called; `null` where the first row that names it shows something else. */
function callOf(channel: string, rows: readonly Row[]): Row | null {
  const first = rows.find(({ said }) => said.channel === channel || said.dstchannel === channel);
  return first !== undefined && first.said.dstchannel === channel && first.said.toTrunk ? first : null;
}

/** Whether a row begins when its channel on a trunk was made: then the channel called in. */
export function isFirstOfChannel({ fromTrunk, begunAt, madeAt, isMoved }: AsteriskSaid): boolean {
  if (!fromTrunk || begunAt === null || madeAt === undefined || isMoved === true) return false;
  return begunAt <= madeAt + ROUNDING_MS;
}

/** Whether a row begins after its channel on a trunk was made: another row shows what the channel was made for. */
export function isLaterThanChannel({ fromTrunk, begunAt, madeAt, isMoved }: AsteriskSaid): boolean {
  if (isMoved === true) return fromTrunk;
  return fromTrunk && begunAt !== null && madeAt !== undefined && begunAt > madeAt + ROUNDING_MS;
}

/**
 * What rows without a `linkedid` leave open of an answered one from a trunk that counts as no call: whether its channel
 * called in, or goes on after it was called and transferred.
 *
 * - `waits`: it begins after its channel was made, and no row shows for what
 * - `doubtful`: nothing tells when its channel was made, or the row that would show it does not meet this one, since
 *   this one names a `Local/` channel
 *
 * @param rows those of the call, in order
 */
export function untoldOrigin({ said }: Row, rows: readonly Row[]): 'waits' | 'doubtful' | null {
  if (!mayGoOn(said) || (said.identity === undefined && said.isUnlinked !== true && said.isMoved !== true)) return null;
  const first = rows.find((one) => one.said.channel === said.channel || one.said.dstchannel === said.channel)!.said;
  if (!first.fromTrunk || first.channel !== said.channel || isFirstOfChannel(first)) return null;
  if (!isLaterThanChannel(first)) return first.madeAt === undefined ? 'doubtful' : null;
  return isLocalChannel(said.dstchannel) ? 'doubtful' : 'waits';
}

/** A part of a leg, ms since the epoch, and ms. */
export interface Stretch {
  readonly from: number;
  readonly durationMs: number;
}

/**
 * The part of its leg on a trunk that a row bills, which no other row bills of the same channel: a conference shows two
 * parties that were called by a third, each on a leg of its own. `null` where nothing is left. Where the leg goes on
 * while it is connected to another trunk, as after a transfer to a number outside, that row is the call on the other
 * trunk: this leg's own is as long as both.
 *
 * @param dials the rows that surely dialled the channel
 * @param rows those of the call, in order
 */
export function ownStretch(row: Row, dials: readonly Row[], rows: readonly Row[]): Stretch | null {
  if (rows.length === 1) return wholeOf(row);
  const trunk = row.said.toTrunk ? row.said.dstchannel : row.said.channel;
  const wasCalled = callOf(trunk, rows) !== null;
  const shown = rows.filter(({ said }) =>
    said.dstchannel === trunk
      ? isAnsweredTrunkLeg(said)
      : wasCalled && said.channel === trunk && (mayGoOn(said) || isBeside(said)),
  );
  const own = restOf(row, dials, shown);
  if (own === null) return null;
  const billing = shown.filter((one) => !isOtherLeg(one, trunk) && restOf(one, dials, shown) !== null);
  let end = own.from + own.durationMs;
  for (const one of shown) {
    if (!isOtherLeg(one, trunk) || billing.findLast((before) => compareRows(before, one) < 0) !== row) continue;
    const { from, durationMs } = wholeOf(one);
    end = Math.max(end, from + durationMs);
  }
  return { from: own.from, durationMs: end - own.from };
}

/** Whether a row goes out from one trunk to another: it is the call on the second. */
function isBeside(said: AsteriskSaid): boolean {
  return said.fromTrunk && isAnsweredTrunkLeg(said) && said.answeredAt !== null;
}

function isOtherLeg({ said }: Row, trunk: string): boolean {
  return said.toTrunk && said.dstchannel !== trunk;
}

function wholeOf({ said: { answeredAt, durationMs } }: Row): Stretch {
  return { from: answeredAt ?? 0, durationMs };
}

/** What the rows that show a leg before this one leave of a row. */
function restOf(row: Row, dials: readonly Row[], shown: readonly Row[]): Stretch | null {
  const whole = wholeOf(row);
  if (row.said.toTrunk && (dials.length === 0 || dials.includes(row))) return whole;
  let start = whole.from;
  const end = whole.from + whole.durationMs;
  for (const one of shown) {
    // Rows before it in the one order come first.
    if (one === row || !(dials.includes(one) || compareRows(one, row) < 0)) continue;
    const other = wholeOf(one);
    const otherEnd = other.from + other.durationMs;
    if (other.from < end && otherEnd > start + ROUNDING_MS) start = Math.max(start, otherEnd);
  }
  if (start === whole.from) return whole;
  return end - start > ROUNDING_MS ? { from: start, durationMs: end - start } : null;
}
