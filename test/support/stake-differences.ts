import { type Database, findCases, linesInBreach } from '../../ledger/index.ts';
import { holdsInPeriod } from '../../services/cases/held-in-period.ts';
import { plan } from './ledger-under-test.ts';

/** A case whose money at stake, as it was kept, is not what its calls add up to. */
export interface StakeDifference {
  readonly line: string;
  readonly period: number;
  /** Calls and micros. */
  readonly kept: readonly [number, number];
  readonly addedUp: readonly [number, number];
}

/** Cases whose money at stake is not what the report adds up: of a ledger on which nothing waits to be judged. */
export async function stakeDifferences(db: Database): Promise<StakeDifference[]> {
  const cases = await findCases(db, {}, null, ALL);
  const differences: StakeDifference[] = [];
  for (const [period, own] of Map.groupBy(cases, (each) => each.period)) {
    const { undecided } = await holdsInPeriod({ db, plan }, period);
    const lines = new Map((await linesInBreach(db, period, { undecided })).map((line) => [line.lineNo, line]));
    for (const { line, lineNo, atStakeCalls, atStake } of own) {
      const addedUp = [lines.get(lineNo)?.atStakeCalls ?? 0, lines.get(lineNo)?.atStake ?? 0] as const;
      if (addedUp[0] === atStakeCalls && addedUp[1] === atStake) continue;
      differences.push({ line, period, kept: [atStakeCalls, atStake], addedUp });
    }
  }
  return differences;
}

const ALL = 1_000_000;
