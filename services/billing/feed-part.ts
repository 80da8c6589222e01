import type { FeedEnd, FeedStretch } from '../../ledger/index.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { type FeedCursor, cursorText, readCursorText } from './feed-cursor.ts';

/** What is to be read next of the feed. */
export interface FeedPart {
  readonly stretches: readonly FeedStretch[];
  /** Where it ends. */
  readonly next: FeedCursor;
  /** Whether nothing came after it, as of `asOf`: ms since the epoch. */
  readonly isLast: boolean;
  readonly asOf: number;
}

/** The place that a cursor names in the ledger as it is; of no cursor (`null`), the beginning. As `startingAt`. */
export function beginningAt(cursor: string | null, end: FeedEnd, only: number | null): FeedCursor | Refused {
  return cursor === null ? { life: end.life, positions: end.positions.map(() => 0) } : startingAt(cursor, end, only);
}

/**
 * The place that a cursor names in the ledger as it is.
 *
 * @param only the one bucket that is read; `null`: all are. How far others are is not told, not by a refusal either.
 */
export function startingAt(cursor: string, end: FeedEnd, only: number | null): FeedCursor | Refused {
  const from = readCursorText(cursor);
  if (from === null) return refused(refusal('usage-cursor-unreadable', { cursor }));
  return refusedPlace(from, end, only) ?? from;
}

/** The place up to which there is anything beyond `from`: of the bucket that is read, or of all (`only` is `null`). */
export function endAfter(from: FeedCursor, end: FeedEnd, only: number | null): FeedCursor {
  const isRead = (bucket: number): boolean => only === null || bucket === only;
  const positions = from.positions.map((position, bucket) => (isRead(bucket) ? end.positions[bucket]! : position));
  return { life: end.life, positions };
}

type Place = Pick<FeedCursor, 'positions'>;

/** Whether nothing that is read up to `from` is beyond `to`: of one bucket, or of all (`only` is `null`). */
export function isBefore(from: Place, to: Place, only: number | null): boolean {
  return from.positions.every((position, bucket) => {
    const isRead = only === null || bucket === only;
    return !isRead || position <= to.positions[bucket]!;
  });
}

/** Why a place is none of the ledger as it is; `null`: it is one. */
function refusedPlace(from: FeedCursor, end: FeedEnd, only: number | null): Refused | null {
  if (from.life !== end.life) return refused(refusal('cursor-of-another-life', { life: from.life, here: end.life }));
  return isBefore(from, end, only) ? null : refused(refusal('cursor-ahead', { cursor: cursorText(from) }));
}

/** What comes after a place, bucket by bucket: `most` positions in all, of one bucket alone where `only` names it. */
export function partAfter(from: FeedCursor, end: FeedEnd, most: number, only: number | null): FeedPart | Refused {
  const refusedHere = refusedPlace(from, end, only);
  if (refusedHere !== null) return refusedHere;
  const stretches: FeedStretch[] = [];
  const positions = [...from.positions];
  let left = most;
  let isLast = true;
  for (const [bucket, after] of from.positions.entries()) {
    if (only !== null && bucket !== only) continue;
    const upTo = Math.min(end.positions[bucket]!, after + left);
    if (upTo > after) stretches.push({ bucket, after, upTo });
    positions[bucket] = upTo;
    isLast &&= upTo === end.positions[bucket];
    left -= upTo - after;
  }
  return { stretches, next: { life: from.life, positions }, isLast, asOf: end.asOf };
}
