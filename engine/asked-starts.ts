import type { LineState, RatedCall } from '../rater/index.ts';
import type { Transaction } from '../ledger/index.ts';
import type { Batch } from './batch.ts';

/** Calls of a batch whose records don't tell where they came from, by line and start. */
export class AskedStarts {
  /** Those of which the ledger was asked where their lines were registered. */
  readonly questions = new Map<LineState, Set<number>>();
  /** The last of those that are posted. */
  readonly lastStarts = new Map<LineState, number>();

  add(line: LineState, start: number): void {
    const asked = this.questions.get(line);
    if (asked === undefined) this.questions.set(line, new Set([start]));
    else asked.add(start);
  }

  has(line: LineState, start: number): boolean {
    return this.questions.get(line)?.has(start) === true;
  }

  /** Takes note of a call that is posted; whether the ledger was asked: else the line must be judged from it. */
  notePosted({ line, startedAt }: RatedCall): boolean {
    this.lastStarts.set(line, Math.max(this.lastStarts.get(line) ?? -Infinity, startedAt));
    return this.has(line, startedAt);
  }
}

/**
 * Asks once more, now that nobody can add to it, where lines were registered: those of which another answer comes are
 * judged from the ledger.
 */
export async function askAgain(tx: Transaction, batch: Batch): Promise<void> {
  const { catalogue, state, asked } = batch;
  for (const line of await state.registrations.ask(tx, catalogue.plan, asked.questions)) {
    const first = Math.min(...asked.questions.get(line)!);
    batch.markStale(line, catalogue.civilTime.periodOf(first));
  }
}
