import { createHash, type Hash } from 'node:crypto';
import type { Database, Queryable } from './database.ts';
import { ENTRY_COLUMNS, ENTRY_FORM } from './entry-copy.ts';
import { entryRows } from './entry-rows.ts';
import { type Posting, chainAfter, readPostings } from './posting-store.ts';

/** Postings that are in memory at a time. */
const POSTINGS_A_PAGE = 5_000;

/**
 * What `fairtally verify` finds wrong:
 *
 * - `entries-missing`: feed positions of a posting that no entry has.
 * - `entries-changed`: all positions are there, and what the entries say is not what was posted.
 * - `entries-added`: entries at positions that no posting gave out.
 * - `posting-missing`: a posting between two others, or the last one, is gone.
 * - `posting-changed`: a posting is not what was chained.
 * - `form-unknown`: a posting was made by a newer version, whose digests this one can't compute.
 * - `not-as-kept`: the chain is whole, but not the one that was kept elsewhere: it was made anew.
 */
export type ProofFault =
  | 'entries-missing'
  | 'entries-changed'
  | 'entries-added'
  | 'posting-missing'
  | 'posting-changed'
  | 'form-unknown'
  | 'not-as-kept';

/** Something that was tampered with, and where. */
export interface ProofFinding {
  readonly fault: ProofFault;
  readonly bucket: number;
  /** Feed positions concerned: those after `after`, up to `upTo`. */
  readonly after: number;
  readonly upTo: number;
  /** When it was posted, ms since the epoch, and what for; `null` where no posting tells. */
  readonly postedAt: number | null;
  readonly cause: string | null;
}

/** A bucket's chain at a feed position: to be kept elsewhere, and compared later. */
export interface BucketProof {
  readonly bucket: number;
  readonly position: number;
  /** Hex. */
  readonly chain: string;
}

/** What was verified of a bucket. */
export interface VerifiedBucket {
  readonly proof: BucketProof;
  /** Entries that a posting proves, and those that were posted before there were postings. */
  readonly proven: number;
  readonly unproven: number;
  readonly findings: readonly ProofFinding[];
}

/**
 * Computes the digests of a bucket's postings again from its entries, and the chain of the postings. Writers may go on
 * meanwhile: what they post after it has begun is left to the next time.
 *
 * @param kept the bucket's proof as it was kept elsewhere, if it was
 */
export async function verifyBucket(db: Database, bucket: number, kept: BucketProof | null): Promise<VerifiedBucket> {
  const head = await readHead(db, bucket);
  const findings: ProofFinding[] = [];
  const postings = new PostingChain(bucket, head, kept, findings);
  const check = new EntryCheck(bucket, postings.verified(db), findings);
  await check.begin();
  const statement = `copy (
    select ${ENTRY_COLUMNS} from entry where bucket = ${bucket} and position <= ${head.position} order by position
  ) to stdout (format binary)`;
  for await (const { position, bytes } of entryRows(db.copyOut(statement))) await check.add(position, bytes);
  await check.end();
  const beyond = await entriesBeyondHead(db, bucket);
  if (beyond > 0) findings.push(finding('entries-added', bucket, head.position, head.position + beyond, null));
  const { proven, unproven } = check;
  return { proof: { bucket, position: head.position, chain: head.chain }, proven, unproven, findings };
}

interface HeadProof {
  readonly position: number;
  readonly chain: string;
}

async function readHead(q: Queryable, bucket: number): Promise<HeadProof> {
  const [row] = await q.query<{ position: bigint; chain: string }>(
    `select position, encode(chain, 'hex') as chain from head where bucket = $1`,
    [bucket],
  );
  if (row === undefined) throw new Error(`Cannot verify bucket '${bucket}': the ledger has no such bucket`);
  return { position: Number(row.position), chain: row.chain };
}

/** Asked in one statement, so that what a writer commits meanwhile is not taken for tampering. */
async function entriesBeyondHead(q: Queryable, bucket: number): Promise<number> {
  const [row] = await q.query<{ count: bigint }>(
    `select count(*) from entry e join head h using (bucket) where bucket = $1 and e.position > h.position`,
    [bucket],
  );
  return Number(row?.count ?? 0n);
}

/** The postings of a bucket up to its head, each checked against the chain before it. */
class PostingChain {
  readonly #bucket: number;
  readonly #head: HeadProof;
  readonly #kept: BucketProof | null;
  readonly #findings: ProofFinding[];

  constructor(bucket: number, head: HeadProof, kept: BucketProof | null, findings: ProofFinding[]) {
    this.#bucket = bucket;
    this.#head = head;
    this.#kept = kept;
    this.#findings = findings;
  }

  async *verified(q: Queryable): AsyncGenerator<Posting> {
    const { position, chain: headChain } = this.#head;
    let chain: Buffer = Buffer.alloc(0);
    let last: Posting | null = null;
    let isKeptSeen = false;
    for (let after = 0; after < position;) {
      const page = await readPostings(q, this.#bucket, after, POSTINGS_A_PAGE);
      const known = page.filter(({ upTo }) => upTo <= position);
      for (const posting of known) {
        if (last !== null && posting.after !== last.upTo) this.#missing(last.upTo, posting.after);
        if (!chainAfter(chain, posting).equals(posting.chain)) this.#changed(posting);
        chain = posting.chain;
        last = posting;
        if (posting.upTo === this.#kept?.position) isKeptSeen = this.#compareWithKept(posting);
        yield posting;
      }
      if (known.length < POSTINGS_A_PAGE) break;
      after = last?.upTo ?? position;
    }
    // A ledger that is older than its first posting has a head without a chain until then.
    const isWhole = last === null ? headChain === '' : last.upTo === position;
    if (!isWhole) this.#missing(last?.upTo ?? 0, position);
    else if (last !== null && headChain !== last.chain.toString('hex')) this.#changed(last);
    const kept = this.#kept;
    if (kept !== null && kept.chain !== '' && !isKeptSeen) this.#missing(kept.position - 1, kept.position);
  }

  #compareWithKept(posting: Posting): boolean {
    if (this.#kept?.chain !== posting.chain.toString('hex')) {
      this.#findings.push(finding('not-as-kept', this.#bucket, 0, posting.upTo, posting));
    }
    return true;
  }

  #missing(after: number, upTo: number): void {
    this.#findings.push(finding('posting-missing', this.#bucket, after, upTo, null));
  }

  #changed(posting: Posting): void {
    this.#findings.push(finding('posting-changed', this.#bucket, posting.after, posting.upTo, posting));
  }
}

/** Holds entries, in order of their positions, against the postings that they belong to. */
class EntryCheck {
  readonly #bucket: number;
  readonly #postings: AsyncGenerator<Posting>;
  readonly #findings: ProofFinding[];
  #posting: Posting | null = null;
  #hash: Hash = createHash('sha256');
  /** The last position of the posting that an entry was found for. */
  #reached = 0;
  #isGap = false;
  #end = 0;
  proven = 0;
  unproven = 0;

  constructor(bucket: number, postings: AsyncGenerator<Posting>, findings: ProofFinding[]) {
    this.#bucket = bucket;
    this.#postings = postings;
    this.#findings = findings;
  }

  async begin(): Promise<void> {
    await this.#next();
    this.#end = this.#posting?.after ?? Number.MAX_SAFE_INTEGER;
  }

  async add(position: number, bytes: Buffer): Promise<void> {
    while (this.#posting !== null && position > this.#posting.upTo) await this.#finish();
    const posting = this.#posting;
    if (posting === null || position <= posting.after) {
      // Before the first posting of all nothing is proven; later nothing may stand between two.
      if (position <= this.#end && this.proven === 0) this.unproven++;
      else this.#findings.push(finding('entries-added', this.#bucket, position - 1, position, null));
      return;
    }
    if (position === this.#reached) {
      this.#findings.push(finding('entries-added', this.#bucket, position - 1, position, posting));
      return;
    }
    if (position > this.#reached + 1) this.#lacks(this.#reached, position - 1, posting);
    this.#reached = position;
    this.#hash.update(bytes);
    this.proven++;
  }

  async end(): Promise<void> {
    while (this.#posting !== null) await this.#finish();
  }

  async #finish(): Promise<void> {
    const posting = this.#posting!;
    if (this.#reached < posting.upTo) this.#lacks(this.#reached, posting.upTo, posting);
    if (posting.form !== ENTRY_FORM) {
      this.#findings.push(finding('form-unknown', this.#bucket, posting.after, posting.upTo, posting));
    } else if (!this.#isGap && !this.#hash.digest().equals(posting.digest)) {
      this.#findings.push(finding('entries-changed', this.#bucket, posting.after, posting.upTo, posting));
    }
    await this.#next();
  }

  #lacks(after: number, upTo: number, posting: Posting): void {
    this.#isGap = true;
    this.#findings.push(finding('entries-missing', this.#bucket, after, upTo, posting));
  }

  async #next(): Promise<void> {
    const next = await this.#postings.next();
    this.#posting = next.done === true ? null : next.value;
    this.#hash = createHash('sha256');
    this.#isGap = false;
    this.#reached = this.#posting?.after ?? 0;
  }
}

function finding(
  fault: ProofFault,
  bucket: number,
  after: number,
  upTo: number,
  posting: Posting | null,
): ProofFinding {
  const postedAt = posting === null ? null : Number(posting.postedAtMicros / 1000n);
  return { fault, bucket, after, upTo, postedAt, cause: posting?.cause ?? null };
}
