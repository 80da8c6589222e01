import type { KeptCall, PackedBlock } from '../../ledger/index.ts';
import type { LineState } from '../../rater/index.ts';
import { type BucketMonth, bucketMonthKey, bucketMonthOf } from './bucket-months.ts';

/**
 * Once no more than this part of a bucket's calls is packed, all of them are unpacked: the lines that are left seldom
 * call, and would hold the memory of all.
 */
const FEW = 1 / 8;

/** The calls of a bucket's month as they were read, and which lines' calls were taken from them. */
interface PackedMonth {
  readonly blocks: PackedBlock[];
  readonly taken: Set<number>;
  calls: number;
  left: number;
}

/** Takes a line's calls into its month: `monthBuilder` of the period. */
export type TakeCall = (call: KeptCall) => void;

/**
 * Calls of months in memory that stay packed until somebody asks for their line: a process that starts needs those of
 * the lines that its first batch has, and unpacking is most of what a month costs.
 */
export class PackedMonths {
  readonly #months = new Map<number, PackedMonth>();

  add(bucket: number, period: number, block: PackedBlock): void {
    if (block.count === 0) return;
    const key = bucketMonthKey(bucket, period);
    const month = this.#months.get(key) ?? { blocks: [], taken: new Set(), calls: 0, left: 0 };
    month.blocks.push(block);
    month.calls += block.count;
    month.left += block.count;
    this.#months.set(key, month);
  }

  /** Takes a line's calls out, once, and perhaps those of all lines of its bucket. */
  take({ bucket, no }: Pick<LineState, 'bucket' | 'no'>, period: number, takeCall: TakeCall): void {
    const key = bucketMonthKey(bucket, period);
    const month = this.#months.get(key);
    if (month === undefined) return;
    takeLine(month, no, takeCall);
    if (month.left > month.calls * FEW) return;
    for (const block of month.blocks) for (const line of block.lines()) takeLine(month, line, takeCall);
    this.#months.delete(key);
  }

  /** Says that the months of a line from a period on are built from the ledger, with all their calls. */
  forgetLine({ bucket, no }: Pick<LineState, 'bucket' | 'no'>, fromPeriod: number): void {
    for (const [key, month] of this.#months) {
      const of = bucketMonthOf(key);
      if (of.bucket === bucket && of.period >= fromPeriod) takeLine(month, no, ignore);
    }
  }

  /** Gives back the memory of a bucket's month; returns how many calls were packed in it. */
  forget({ bucket, period }: BucketMonth): number {
    const key = bucketMonthKey(bucket, period);
    const left = this.#months.get(key)?.left ?? 0;
    this.#months.delete(key);
    return left;
  }
}

function takeLine(month: PackedMonth, line: number, takeCall: TakeCall): void {
  if (month.taken.has(line)) return;
  month.taken.add(line);
  for (const block of month.blocks) month.left -= block.visitLine(line, takeCall);
}

function ignore(): void {}
