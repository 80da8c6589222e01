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

/** The place that a cursor names in the ledger as it is; of no cursor (`null`), the beginning. */
export function beginningAt(cursor: string | null, end: FeedEnd): FeedCursor | Refused {
  return cursor === null ? { life: end.life, positions: end.positions.map(() => 0) } : startingAt(cursor, end);
}

/** The place that a cursor names in the ledger as it is. */
export function startingAt(cursor: string, end: FeedEnd): FeedCursor | Refused {
  const from = readCursorText(cursor);
  if (from === null) return refused(refusal('usage-cursor-unreadable', { cursor }));
  return refusedPlace(from, end) ?? from;
}

/** Why a place is none of the ledger as it is; `null`: it is one. */
function refusedPlace(from: FeedCursor, { life, positions }: FeedEnd): Refused | null {
  if (from.life !== life) return refused(refusal('cursor-of-another-life', { life: from.life, here: life }));
  const isAhead = from.positions.some((position, bucket) => position > positions[bucket]!);
  return isAhead ? refused(refusal('cursor-ahead', { cursor: cursorText(from) })) : null;
}

/** What comes after a place, bucket by bucket: `most` positions in all, of one bucket alone where `only` names it. */
export function partAfter(from: FeedCursor, end: FeedEnd, most: number, only: number | null): FeedPart | Refused {
  const refusedHere = refusedPlace(from, end);
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
