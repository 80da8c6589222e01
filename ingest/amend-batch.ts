import type { Adopted } from './adopt-heads.ts';
import type { Batch } from './batch.ts';

/**
 * Makes up for what a batch could not know when it was rated: the lines whose facts, verdicts or calls are others by now
 * are judged from the ledger. Returns how many months.
 */
export function amendBatch(batch: Batch, { changed, grown }: Adopted): number {
  let amended = 0;
  for (const { line, state } of batch.touched) {
    if (!changed.has(line) && !grown.has(line)) continue;
    batch.markStale(line, state.period);
    amended++;
  }
  return amended;
}
