import { type Hash, createHash } from 'node:crypto';
import { type Queryable, readSourcePosition } from '../../ledger/index.ts';

/** A file as the ledger knows it: under which name, how far it was taken in, and from where to read on. */
export interface FoundSource {
  readonly source: string;
  /** The ledger's position; 0 for content never seen. */
  readonly position: number;
  /** Where to read on: the position, or the start of a line that had no end when it was read. */
  readonly readFrom: number;
  /** SHA-256 over the first `position` bytes, to be fed with what follows. */
  readonly hash: Hash;
  /** Sources of the same name whose content is another: the file was replaced, cut or rewritten. */
  readonly otherContents: number;
  /** The source whose content is read anew by this one: its own name unless it is a reading `NAME#again-N`. */
  readonly firstReading: string;
}

type Match = Omit<FoundSource, 'otherContents' | 'firstReading'>;

interface Candidate {
  readonly source: string;
  readonly position: number;
  readonly prefixHash: string | null;
}

/**
 * Finds out how far a file's content was taken in. A file that only grew since goes on from where it ended. A file
 * whose beginning changed is another source: it gets the name with `#2`, `#3`, … behind, so that it is read from its
 * start and nothing of it is lost; calls seen before are recognised one by one, by their identity.
 *
 * @param chunks the file's bytes, uncompressed, from its start; read no further than needed, and closed
 */
export async function findSource(db: Queryable, name: string, chunks: AsyncGenerator<Buffer>): Promise<FoundSource> {
  const candidates: Candidate[] = [];
  let source = name;
  for (;;) {
    const found = await readSourcePosition(db, source, 0);
    // Where nothing was taken in, any content begins.
    if (found === null || found.position === 0) break;
    candidates.push({ source, ...found });
    source = `${name}#${candidates.length + 1}`;
  }
  const match = await longestMatch(candidates, chunks);
  const otherContents = candidates.length - (match === null ? 0 : 1);
  if (match === null) return { ...unread(source), otherContents, firstReading: source };
  return { ...match, otherContents, firstReading: match.source };
}

/**
 * A file's next reading from its start, under the first free name `NAME#again-N`, whatever was taken in of it before;
 * the calls of earlier readings are recognised by their identity. A file never read is read for the first time.
 */
export async function findNextReading(db: Queryable, found: FoundSource): Promise<FoundSource> {
  if (found.position === 0) return found;
  for (let number = 1; ; number++) {
    const source = `${found.firstReading}#again-${number}`;
    if ((await readSourcePosition(db, source, 0)) === null) return { ...found, ...unread(source) };
  }
}

function unread(source: string): Match {
  return { source, position: 0, readFrom: 0, hash: createHash('sha256') };
}

/** The candidate whose bytes are the file's first, and the longest if there are several; `null` when none's are. */
async function longestMatch(candidates: readonly Candidate[], chunks: AsyncGenerator<Buffer>): Promise<Match | null> {
  const waiting = candidates.toSorted((a, b) => a.position - b.position);
  const prefix = new PrefixReader();
  const matches: Match[] = [];
  const check = (nextByte: number | undefined): void => {
    for (; waiting[0]?.position === prefix.position; waiting.shift()) {
      const { source, position, prefixHash } = waiting[0];
      const hash = prefix.hash.copy();
      if (hash.copy().digest('hex') !== prefixHash) continue;
      matches.push({ source, position, readFrom: prefix.resumeAt(nextByte), hash });
    }
  };
  try {
    for await (const chunk of chunks) {
      for (let used = 0; used < chunk.length && waiting.length > 0;) {
        // Asked with the byte that follows the position in hand: it may stand in the next chunk.
        check(chunk[used]);
        const length = Math.min(chunk.length - used, (waiting[0]?.position ?? prefix.position) - prefix.position);
        prefix.feed(chunk.subarray(used, used + length));
        used += length;
      }
      if (waiting.length === 0) break;
    }
    check(undefined);
  } finally {
    await chunks.return(undefined);
  }
  return matches.at(-1) ?? null;
}

const LF = 10;
const CR = 13;
const CLOSE_BRACE = 0x7d;

/** Hashes the beginning of a file and keeps in mind where its last line began. */
class PrefixReader {
  readonly hash = createHash('sha256');
  position = 0;
  #lineStart = 0;
  #last: number | undefined;

  feed(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.hash.update(bytes);
    const lineEnd = bytes.lastIndexOf(LF);
    if (lineEnd >= 0) this.#lineStart = this.position + lineEnd + 1;
    this.position += bytes.length;
    this.#last = bytes.at(-1);
  }

  /**
   * Where to read on when `nextByte` follows. A line that was read without its end, and is longer now, was read while
   * the switch still wrote it: it is read again, whole. A JSON document that was closed was whole.
   */
  resumeAt(nextByte: number | undefined): number {
    const wasWhole = this.position === 0 || this.#last === LF || this.#last === CLOSE_BRACE;
    const isLineEnd = nextByte === undefined || nextByte === LF || nextByte === CR;
    return wasWhole || isLineEnd ? this.position : this.#lineStart;
  }
}
