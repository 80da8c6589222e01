import { createHash, type Hash } from 'node:crypto';
import type { Database, Queryable } from '../database/database.ts';
import { copyRows } from '../database/copy-rows.ts';
import { ENTRY_COLUMNS, ENTRY_FORM, positionOfRow } from '../entries/entry-columns.ts';
import { type Posting, chainAfter, readPostings } from './posting-store.ts';
import { StretchCheck } from './verify-stretches.ts';

/** Postings that are in memory at a time. */
const POSTINGS_A_PAGE = 5_000;

/**
 * What `fairtally verify` finds wrong:
 *
 * - `entries-missing`: feed positions that were given out and that no entry has.
 * - `entries-changed`: all positions are there, and what the entries say is not what was posted.
 * - `entries-added`: entries at positions that no posting gave out, or in a bucket that there is not.
 * - `posting-missing`: a posting between two others, the first or the last one, is gone.
 * - `posting-added`: a posting that no head leads to.
 * - `bucket-missing`: the head of a bucket, or where its proof begins, is gone.
 * - `told-ahead`: relays, or a restore, went further than the ledger does.
 * - `billed-after-close`: entries in the bill of a month that was closed before they were posted.
 * - `posting-changed`: a posting is not what was chained.
 * - `form-unknown`: a posting was made by a newer version, whose digests this one can't compute.
 * - `stretch-changed`: a packed copy of entries does not say what they say.
 * - `not-as-kept`: the chain is whole, but not the one that was kept elsewhere: it was made anew.
 */
export type ProofFault =
  | 'entries-missing'
  | 'entries-changed'
  | 'entries-added'
  | 'posting-missing'
  | 'posting-added'
  | 'posting-changed'
  | 'bucket-missing'
  | 'told-ahead'
  | 'billed-after-close'
  | 'form-unknown'
  | 'stretch-changed'
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
  const check = new EntryCheck(bucket, head.start, postings.verified(db), findings);
  const stretches = await StretchCheck.of(db, bucket, head.position);
  await check.begin();
  const statement = `copy (
    select ${ENTRY_COLUMNS} from entry where bucket = ${bucket} and position <= ${head.position} order by position
  ) to stdout (format binary)`;
  for await (const row of copyRows(db.copyOut(statement))) {
    const view = new DataView(row.buffer, row.byteOffset, row.length);
    const position = positionOfRow(view, 0);
    stretches.add(position, view);
    await check.add(position, row);
  }
  await check.end();
  stretches.end();
  for (const { after, upTo } of stretches.changed) findings.push(finding('stretch-changed', bucket, after, upTo, null));
  const beyond = await entriesBeyondHead(db, bucket);
  if (beyond > 0) findings.push(finding('entries-added', bucket, head.position, head.position + beyond, null));
  const { proven, unproven } = check;
  return { proof: { bucket, position: head.position, chain: head.chain }, proven, unproven, findings };
}

interface HeadProof {
  readonly position: number;
  readonly chain: string;
  /** The entries up to here were posted before there were postings. */
  readonly start: number;
}

async function readHead(q: Queryable, bucket: number): Promise<HeadProof> {
  const [row] = await q.query<{ position: bigint; chain: string; start: bigint }>(
    `select h.position, encode(h.chain, 'hex') as chain, s.position as start
     from head h join proof_start s using (bucket) where h.bucket = $1`,
    [bucket],
  );
  if (row === undefined) throw new Error(`Cannot verify bucket '${bucket}': the ledger has no such bucket`);
  return { position: Number(row.position), chain: row.chain, start: Number(row.start) };
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
    const { position, chain: headChain, start } = this.#head;
    let chain: Buffer = Buffer.alloc(0);
    let last: Posting | null = null;
    /** Of a proof that was kept before the bucket's first posting, where that must begin. */
    let isKeptSeen = this.#kept?.chain === '' && this.#kept.position === start;
    for (let after = 0; after < position;) {
      const page = await readPostings(q, this.#bucket, after, POSTINGS_A_PAGE);
      const known = page.filter(({ upTo }) => upTo <= position);
      for (const posting of known) {
        const expected: number = last === null ? start : last.upTo;
        if (posting.after > expected) this.#missing(expected, posting.after);
        else if (posting.after < expected) this.#changed(posting);
        if (!chainAfter(chain, posting).equals(posting.chain)) this.#changed(posting);
        chain = posting.chain;
        last = posting;
        if (posting.upTo === this.#kept?.position) isKeptSeen = this.#compareWithKept(posting);
        yield posting;
      }
      if (known.length < POSTINGS_A_PAGE) break;
      after = last?.upTo ?? position;
    }
    // A bucket that is older than its first posting has a head without a chain until then.
    const isWhole = last === null ? headChain === '' && position === start : last.upTo === position;
    if (!isWhole) this.#missing(last?.upTo ?? Math.min(start, position), Math.max(start, position));
    else if (last !== null && headChain !== last.chain.toString('hex')) this.#changed(last);
    const kept = this.#kept;
    if (kept !== null && !isKeptSeen) this.#missing(Math.max(0, kept.position - 1), kept.position);
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

/**
 * Holds entries, in order of their positions, against what they belong to: those up to where the proof begins, of which
 * there is one at each position, and then the postings.
 */
class EntryCheck {
  readonly #bucket: number;
  readonly #start: number;
  readonly #postings: AsyncGenerator<Posting>;
  readonly #findings: ProofFinding[];
  #posting: Posting | null = null;
  #hash: Hash = createHash('sha256');
  /** The last position that an entry was found for: of those before the proof begins, and of the posting. */
  #reachedUnproven = 0;
  #reached = 0;
  #isGap = false;
  proven = 0;
  unproven = 0;

  constructor(bucket: number, start: number, postings: AsyncGenerator<Posting>, findings: ProofFinding[]) {
    this.#bucket = bucket;
    this.#start = start;
    this.#postings = postings;
    this.#findings = findings;
  }

  async begin(): Promise<void> {
    await this.#next();
  }

  async add(position: number, bytes: Buffer): Promise<void> {
    if (position <= this.#start) {
      this.#addUnproven(position);
      return;
    }
    while (this.#posting !== null && position > this.#posting.upTo) await this.#finish();
    const posting = this.#posting;
    if (posting === null || position <= posting.after || position === this.#reached) {
      this.#isAdded(position, posting);
      return;
    }
    if (position > this.#reached + 1) this.#lacks(this.#reached, position - 1, posting);
    this.#reached = position;
    this.#hash.update(bytes);
    this.proven++;
  }

  /** Nothing proves what such an entry says; that there is one at each position can be told. */
  #addUnproven(position: number): void {
    if (position < 1 || position === this.#reachedUnproven) {
      this.#isAdded(position, null);
      return;
    }
    this.unproven++;
    if (position > this.#reachedUnproven + 1) this.#lacksUnproven(position - 1);
    this.#reachedUnproven = position;
  }

  async end(): Promise<void> {
    if (this.#reachedUnproven < this.#start) this.#lacksUnproven(this.#start);
    while (this.#posting !== null) await this.#finish();
  }

  #isAdded(position: number, posting: Posting | null): void {
    this.#findings.push(finding('entries-added', this.#bucket, position - 1, position, posting));
  }

  #lacksUnproven(upTo: number): void {
    this.#findings.push(finding('entries-missing', this.#bucket, this.#reachedUnproven, upTo, null));
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

/** @param posting the one that it is about, if there is one */
export function finding(
  fault: ProofFault,
  bucket: number,
  after: number,
  upTo: number,
  posting: Pick<Posting, 'postedAtMicros' | 'cause'> | null,
): ProofFinding {
  const postedAt = posting === null ? null : Number(posting.postedAtMicros / 1000n);
  return { fault, bucket, after, upTo, postedAt, cause: posting?.cause ?? null };
}
