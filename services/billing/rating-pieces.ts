import type { FeedEntry } from '../../ledger/index.ts';
import type { Coverage } from '../../rater/index.ts';
import { type Piece, piece } from './json-bytes.ts';

const COVERAGE_NO: Readonly<Record<Coverage, number>> = { included: 1, metered: 2, free: 3 };
const COVERAGES = 4;
/** There are as many as there are conditions, and some more: what has others is made anew. */
const MOST_REASONS = 64;

interface Reason {
  readonly bytes: Buffer;
  readonly piece: Piece;
}

/** `","destination":"‹name›","coverage":"included","reason":"‹reason›","billedSeconds":` of entries, each made once. */
export class RatingPieces {
  /** Their names, by the ledger's numbers, which never change their meaning. */
  destinations: ReadonlyMap<number, string> = new Map();
  /** By destination and coverage. */
  readonly #reasons = new Map<number, Reason[]>();

  /** That of an entry; `null`: its destination is not known. */
  find(entry: FeedEntry): Piece | null {
    const { destination, coverage } = entry;
    const key = destination * COVERAGES + (coverage === null ? 0 : COVERAGE_NO[coverage]);
    const known = this.#reasons.get(key);
    if (known !== undefined) for (const reason of known) if (isReasonOf(reason.bytes, entry)) return reason.piece;
    const name = this.destinations.get(destination);
    return name === undefined ? null : this.#make(key, name, entry);
  }

  #make(key: number, name: string, { coverage, bytes: row, reasonStart, reasonEnd }: FeedEntry): Piece {
    const bytes = Buffer.from(row.subarray(reasonStart, reasonEnd));
    const reason: Reason = {
      bytes,
      piece: piece(
        `","destination":${JSON.stringify(name)},"coverage":${JSON.stringify(coverage)},` +
          `"reason":"${bytes.toString('utf8')}","billedSeconds":`,
      ),
    };
    const known = this.#reasons.get(key) ?? [];
    this.#reasons.set(key, known.length < MOST_REASONS ? [...known, reason] : [reason]);
    return reason.piece;
  }
}

function isReasonOf(reason: Buffer, { bytes, reasonStart, reasonEnd }: FeedEntry): boolean {
  if (reason.length !== reasonEnd - reasonStart) return false;
  for (let at = 0; at < reason.length; at++) if (reason[at] !== bytes[reasonStart + at]) return false;
  return true;
}
