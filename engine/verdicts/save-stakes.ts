import { type Finding, type Hold, type LineState, sameHolds } from '../../rater/index.ts';
import {
  type CaseRow,
  type KeptStake,
  type StakeSpan,
  type Transaction,
  saveStakes,
  stakesOf,
} from '../../ledger/index.ts';
import type { Batch } from '../tasks/batch.ts';
import { undecidedHolds } from './line-holds.ts';

/** A line's month whose stake only the ledger can say. */
interface UnknownStake {
  readonly line: LineState;
  readonly period: number;
  readonly findings: readonly Finding[];
}

/**
 * Writes the money at stake of the batch's cases: whole where it was added up, or where what waits for a decision is
 * not what it was; else what the batch's calls add.
 *
 * @param cases those whose state changed: they may be new
 */
export async function keepStakes(tx: Transaction, batch: Batch, cases: readonly CaseRow[]): Promise<void> {
  const { stakes, state } = batch;
  const kept: KeptStake[] = [];
  const done = new Set<string>();
  for (const [line, months] of stakes.whole) {
    for (const [period, stake] of months) {
      done.add(keyOf(line, period));
      kept.push({ bucket: line.bucket, line: line.no, period, ...stake, isWhole: true });
    }
  }
  const unknown = new Map<string, UnknownStake>();
  const ask = (line: LineState, period: number, findings: readonly Finding[]): void => {
    if (!done.has(keyOf(line, period))) unknown.set(keyOf(line, period), { line, period, findings });
  };
  const found = new Map<string, readonly Finding[]>();
  for (const { line, state: month, findings } of batch.judged) {
    found.set(keyOf(line, month.period), findings);
    if (!hasSameStake(batch, line, month.period, month.savedFindings, findings)) ask(line, month.period, findings);
  }
  for (const row of cases) {
    const line = state.lineOf(row.line);
    ask(line, row.period, found.get(keyOf(line, row.period)) ?? []);
  }
  for (const noted of stakes.added) {
    const { line, period, holds, calls, money, isUnsure } = noted;
    const findings = found.get(keyOf(line, period)) ?? line.months.get(period)?.savedFindings ?? [];
    if (isUnsure || !sameHolds(holds, holdsOf(batch, line, period, findings))) ask(line, period, findings);
    if (done.has(keyOf(line, period)) || unknown.has(keyOf(line, period)) || calls === 0) continue;
    kept.push({ bucket: line.bucket, line: line.no, period, calls, money, isWhole: false });
  }
  await saveStakes(tx, [...kept, ...(await readStakes(tx, batch, [...unknown.values()]))]);
}

function keyOf({ no }: LineState, period: number): string {
  return `${no} ${period}`;
}

function holdsOf({ state }: Batch, line: LineState, period: number, findings: readonly Finding[]) {
  return undecidedHolds(line, period, findings, state.holdTerms);
}

/** Whether what waits for a decision would hold the same calls as before. */
function hasSameStake(
  batch: Batch,
  line: LineState,
  period: number,
  before: readonly Finding[],
  after: readonly Finding[],
): boolean {
  return before === after || sameHolds(holdsOf(batch, line, period, before), holdsOf(batch, line, period, after));
}

/** Adds up the stakes of months from all their calls, which the transaction has by now. */
async function readStakes(tx: Transaction, batch: Batch, months: readonly UnknownStake[]): Promise<KeptStake[]> {
  const spans = months.flatMap(({ line, period, findings }) =>
    holdsOf(batch, line, period, findings).map((hold) => spanOf(line, period, hold)),
  );
  const sums = await stakesOf(tx, spans);
  return months.map(({ line, period }) => {
    const { calls, money } = sums.get(`${line.no} ${period}`) ?? { calls: 0, money: 0 };
    return { bucket: line.bucket, line: line.no, period, calls, money, isWhole: true };
  });
}

function spanOf({ bucket, account, no }: LineState, period: number, { from, to, classes }: Hold): StakeSpan {
  return { bucket, account, line: no, period, from, to, classes };
}
