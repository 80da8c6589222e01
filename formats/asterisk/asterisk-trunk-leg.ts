import type { Row } from './asterisk-payer.ts';
import type { AsteriskSaid } from './asterisk-said.ts';
import { ROUNDING_MS } from './asterisk-times.ts';

/** A row by its begin, then by its leg and what it says: the one order in which rows are looked at. */
export function compareRows(a: Row, b: Row): number {
  const difference = (a.said.begunAt ?? 0) - (b.said.begunAt ?? 0) || compareTexts(a.leg.legId, b.leg.legId);
  return difference || compareTexts(a.leg.evidence, b.leg.evidence);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
  const { channel } = row.said;
  if (rows.length === 1 || !mayGoOn(row.said)) return null;
  const first = rows.find(({ said }) => said.channel === channel || said.dstchannel === channel);
  return first !== undefined && first.said.dstchannel === channel && first.said.toTrunk ? first : null;
}

/** A part of a leg, ms since the epoch, and ms. */
export interface Stretch {
  readonly from: number;
  readonly durationMs: number;
}

/**
 * The part of a row that no other row bills of the same trunk channel: a conference shows two parties that were called
 * by a third, each on a leg of its own. `null` where nothing is left.
 *
 * @param dials the rows that surely dialled the channel
 * @param rows those of the call, in order
 */
export function ownStretch(row: Row, dials: readonly Row[], rows: readonly Row[]): Stretch | null {
  const { answeredAt, durationMs, toTrunk } = row.said;
  const from = answeredAt ?? 0;
  const isRest = !toTrunk;
  if (!isRest && (dials.length === 0 || dials.includes(row))) return { from, durationMs };
  const trunk = isRest ? row.said.channel : row.said.dstchannel;
  let start = from;
  const end = from + durationMs;
  // Rows before it in the one order come first.
  const before = rows.filter(
    (one) => one !== row && isOfLeg(one, trunk, rows) && (dials.includes(one) || compareRows(one, row) < 0),
  );
  for (const { said } of before) {
    const [otherFrom, otherEnd] = [said.answeredAt ?? 0, (said.answeredAt ?? 0) + said.durationMs];
    if (otherFrom < end && otherEnd > start + ROUNDING_MS) start = Math.max(start, otherEnd);
  }
  if (start === from) return { from, durationMs };
  return end - start > ROUNDING_MS ? { from: start, durationMs: end - start } : null;
}

/** Whether a row bills the leg on a trunk's channel. */
function isOfLeg(row: Row, trunk: string, rows: readonly Row[]): boolean {
  if (row.said.dstchannel === trunk) return isAnsweredTrunkLeg(row.said);
  return row.said.channel === trunk && calledInRow(row, rows) !== null;
}
