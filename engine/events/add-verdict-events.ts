import { type CaseRow, type Transaction, addEvents, decisionsOnLines, saveSuspensions } from '../../ledger/index.ts';
import type { Batch } from '../tasks/batch.ts';
import { addCaseEvents } from './add-case-events.ts';
import { changedSuspensions, suspensionEvent } from './add-suspension-events.ts';

/**
 * Writes what other systems are told of a batch's verdicts into the outbox: of cases that opened, were decided or
 * withdrawn, and of lines whose unlimited is off or on again. It is part of the transaction that makes it true, so that
 * neither is ever without the other; a batch tells what it comes to, not the steps on the way.
 *
 * @param cases those whose state changed
 */
export async function addVerdictEvents(tx: Transaction, batch: Batch, cases: readonly CaseRow[]): Promise<void> {
  const suspensions = await changedSuspensions(tx, batch);
  if (cases.length === 0 && suspensions.length === 0) return;
  const lines = [...cases.map(({ line }) => batch.state.lineOf(line)), ...suspensions.map(({ line }) => line)];
  const decisions = await decisionsOnLines(
    tx,
    lines.filter((line) => line.decisions.length > 0),
  );
  await addEvents(tx, [
    ...(await addCaseEvents(tx, batch, cases, decisions)),
    ...suspensions.flatMap((change) => suspensionEvent(change, decisions.get(change.line.no) ?? []) ?? []),
  ]);
  await saveSuspensions(
    tx,
    suspensions.map(({ line, now }) => ({ line, suspension: now })),
  );
}
