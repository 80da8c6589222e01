import type { Transaction } from '../../ledger/index.ts';
import type { Batch } from './batch.ts';

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
