import { createHash } from 'node:crypto';
import { CallRun } from '../stretches/call-runs.ts';
import type { Queryable } from '../database/database.ts';
import { CAN_PACK } from '../stretches/packed-call.ts';

/** A stretch as it is kept, by a digest of what it holds. */
interface KeptStretch {
  readonly after: number;
  readonly upTo: number;
  readonly firstPeriod: number;
  readonly lastPeriod: number;
  readonly digest: string;
}

interface StretchRow {
  readonly after: bigint;
  readonly up_to: bigint;
  readonly first_period: number;
  readonly last_period: number;
  readonly digest: string;
}

/** A stretch that is being packed again, from the entries that pass by. */
interface Repacked {
  readonly kept: KeptStretch;
  readonly run: CallRun;
  canPack: boolean;
}

/** Holds the stretches of a bucket against its entries, which are packed again as they pass by. */
export class StretchCheck {
  readonly #bucket: number;
  /** Those that no entry has reached, the first last. */
  readonly #waiting: KeptStretch[];
  #open: Repacked[] = [];
  /** Those that do not say what their entries say. */
  readonly changed: { readonly after: number; readonly upTo: number }[] = [];

  private constructor(bucket: number, stretches: readonly KeptStretch[]) {
    this.#bucket = bucket;
    this.#waiting = stretches.toReversed();
  }

  /** For the stretches of a bucket up to a feed position, however they overlap. */
  static async of(q: Queryable, bucket: number, position: number): Promise<StretchCheck> {
    if (!CAN_PACK) return new StretchCheck(bucket, []);
    const rows = await q.query<StretchRow>(
      `select after, up_to, first_period, last_period,
              encode(sha256(calls || coalesce(corrections, '') || call_hashes), 'hex') as digest
       from call_stretch where bucket = $1 and up_to <= $2 order by after, up_to`,
      [bucket, position],
    );
    return new StretchCheck(
      bucket,
      rows.map((row) => ({
        after: Number(row.after),
        upTo: Number(row.up_to),
        firstPeriod: row.first_period,
        lastPeriod: row.last_period,
        digest: row.digest,
      })),
    );
  }

  /** Takes the entry at a position, by its row of `ENTRY_COLUMNS`; positions only grow. */
  add(position: number, row: DataView): void {
    for (let next = this.#waiting.at(-1); next !== undefined && next.after < position; next = this.#waiting.at(-1)) {
      this.#waiting.pop();
      this.#open.push({ kept: next, run: new CallRun(this.#bucket, next.after), canPack: true });
    }
    if (this.#open.length === 0) return;
    for (const each of this.#open) if (position <= each.kept.upTo) each.canPack &&= each.run.add(row, 0) >= 0;
    if (this.#open.some(({ kept }) => kept.upTo <= position)) this.#close(position);
  }

  /** Says that no entry follows. */
  end(): void {
    this.#close(Infinity);
    this.changed.push(...this.#waiting.splice(0));
  }

  #close(position: number): void {
    for (const { kept, run, canPack } of this.#open) {
      if (kept.upTo <= position && !(canPack && isSame(kept, run))) this.changed.push(kept);
    }
    this.#open = this.#open.filter(({ kept }) => kept.upTo > position);
  }
}

function isSame({ upTo, firstPeriod, lastPeriod, digest }: KeptStretch, run: CallRun): boolean {
  if (run.upTo !== upTo || run.firstPeriod !== firstPeriod || run.lastPeriod !== lastPeriod) return false;
  const hash = createHash('sha256').update(run.words);
  const corrections = run.corrections();
  if (corrections !== null) hash.update(corrections);
  return hash.update(run.hashes).digest('hex') === digest;
}
