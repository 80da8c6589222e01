import { isLocalChannel } from './asterisk-channel.ts';
import type { Row } from './asterisk-payer.ts';
import type { AsteriskSaid } from './asterisk-said.ts';
import { ROUNDING_MS } from './asterisk-times.ts';
import { compareRows, isFirstOfChannel, isLaterThanChannel } from './asterisk-trunk-leg.ts';

/** Rows that name no call (`linkedid`): what joins those of one call, and which of them do. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Channels that Asterisk numbers from 0 on after each start; older ones, by an address, and others come again. */
const NUMBERED_CHANNEL = /-00[0-9a-f]{6}$/;

/**
 * What two rows share, where nothing else says that they are of one call: the name of a `Local/` channel, both halves
 * of which they name, or of a channel on a trunk, on which one of them called and which goes on in the other. With it
 * the day, since names begin anew when Asterisk restarts; the hour, where names come again all day. `null` for a row
 * that names neither.
 *
 * @param tellsMaking whether rows have a `uniqueid`, which says when a channel was made
 */
export function pairOf(said: AsteriskSaid, tellsMaking: boolean): string | null {
  const { channel, dstchannel, begunAt, madeAt, fromTrunk, toTrunk, disposition } = said;
  if (begunAt === null) return null;
  const isAnswered = disposition === 'ANSWERED';
  const local = [dstchannel, channel].find(isLocalChannel);
  if (local !== undefined) return `${local.replace(/;[12]$/, '')} ${Math.floor(begunAt / DAY_MS)}`;
  // A channel that came in shows so in its first row, answered or not.
  if (!(isAnswered && (fromTrunk || toTrunk)) && !isFirstOfChannel(said)) return null;
  const trunk = fromTrunk ? channel : dstchannel;
  // A channel that goes on after midnight has the time that it was made at in its id.
  const from = fromTrunk ? Math.min(madeAt ?? begunAt, begunAt) : begunAt;
  if (NUMBERED_CHANNEL.test(trunk)) return `${trunk} ${Math.floor(from / DAY_MS)}`;
  // Nothing but the time that the channel was made at tells channels of one name apart.
  return !tellsMaking || (fromTrunk && madeAt === undefined) ? null : `${trunk} ${Math.floor(from / HOUR_MS)}h`;
}

/** Rows that name one channel, parted into those of one call each: those that follow one another in time. */
export function callsInTime(rows: readonly Row[]): readonly (readonly Row[])[] {
  const calls: Row[][] = [];
  for (const row of rows.toSorted(compareRows)) {
    const call = calls.findLast((one) => goesOnIn(row, one));
    if (call === undefined) calls.push([row]);
    else call.push(row);
  }
  return calls;
}

/** @param call rows that began before */
function goesOnIn({ said }: Row, call: readonly Row[]): boolean {
  if (call.some((one) => isOneChannel(one.said, said))) return true;
  if (isFirstOfChannel(said) && !isLocalChannel(said.dstchannel)) return false;
  const from = said.begunAt ?? 0;
  if (!call.some((one) => from <= (one.said.until ?? one.said.begunAt ?? 0) + ROUNDING_MS)) return false;
  const trunk = said.fromTrunk ? said.channel : said.toTrunk ? said.dstchannel : '';
  if (trunk === '' || NUMBERED_CHANNEL.test(trunk) || isLocalChannel(said.dstchannel)) return true;
  // The name comes again: it is the same channel where it was made, or moved, while the row before had it called.
  return said.fromTrunk && isLaterThanChannel(said) && call.some((one) => wasMadeIn(said, one.said));
}

function isOneChannel(one: AsteriskSaid, other: AsteriskSaid): boolean {
  return one.channel === other.channel && one.fromTrunk && one.madeAt !== undefined && one.madeAt === other.madeAt;
}

/** Whether the channel of a row was made while another row had it called. */
function wasMadeIn({ channel, madeAt = 0, isMoved }: AsteriskSaid, before: AsteriskSaid): boolean {
  const { dstchannel, begunAt, until } = before;
  if (channel !== dstchannel && !(isMoved === true && channel === before.channel)) return false;
  if (begunAt === null) return false;
  return begunAt - ROUNDING_MS <= madeAt && madeAt <= (until ?? begunAt) + ROUNDING_MS;
}
