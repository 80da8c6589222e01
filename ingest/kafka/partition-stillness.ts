import type { OwnedPartition } from './owned-partition.ts';

/** A partition that is read is expected to move within so long, while the log goes on. */
const STILL_MS = 60_000;

/**
 * Whether a partition that should be read stands still: the log goes on, nothing of it is under way, and for a minute
 * nothing came. Whatever it is, a pause that nobody ended, a fetch that is never answered, a transaction that stays
 * open, it must not be silent. To be asked at every look; it says so once a minute.
 *
 * @param end of the log
 * @param now ms since the epoch
 */
export function standsStill(owned: OwnedPartition, end: number, now: number): boolean {
  const { phase, position, next, underWay } = owned.state;
  if (phase !== 'reading' || underWay.length > 0 || next >= end) {
    owned.still = null;
    return false;
  }
  if (owned.still?.position !== position) owned.still = { position, since: now };
  if (now - owned.still.since < STILL_MS) return false;
  owned.still = { position, since: now };
  return true;
}
