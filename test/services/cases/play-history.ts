import type { Decision } from '../../../rater/index.ts';
import type { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import { type History, receivedAtOf, stepsOf } from '../../support/oracle/history.ts';

/**
 * Plays a history, one batch after the other; `decide` has each decision, on a line that may not be known yet.
 */
export async function playHistory(
  history: History,
  ledger: LedgerUnderTest,
  decide: (decision: Decision) => Promise<void>,
): Promise<void> {
  await ledger.provision(history.linesAtFirst);
  for (const step of stepsOf(history)) {
    if (step.kind === 'batch') {
      const receivedAt = step.deliveries.map((delivery) => receivedAtOf(history, delivery));
      const texts = step.deliveries.map(({ text }) => text);
      await ledger.deliver(texts, receivedAt);
    } else if (step.kind === 'restart') await ledger.restart();
    else if (step.kind === 'close') await ledger.closeNext();
    else {
      if (step.change.lines.length > 0) await ledger.provision(step.change.lines);
      for (const decision of step.change.decisions) await decide(decision);
    }
  }
}
