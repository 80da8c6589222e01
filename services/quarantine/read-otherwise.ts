import { recordedCdr } from '../../engine/index.ts';
import { latestRecords, type NumberRepair } from '../../ledger/index.ts';
import { formatNumber, readByRule } from '../../tariffs/index.ts';
import type { LedgerReading } from '../ledger-access.ts';

/** Calls that the plan reads as they stand, though a rule of their switch says that they were meant otherwise. */
export interface ReadOtherwise {
  /** How many of the calls that were rated last were looked at. */
  readonly looked: number;
  /** Those of them that the rule would read as another number. */
  readonly calls: number;
  /** Some of these. */
  readonly examples: readonly OtherwiseExample[];
}

export interface OtherwiseExample {
  readonly dialled: string;
  /** What was rated. */
  readonly called: string;
  readonly destination: string;
  /** What the rule would make of it. */
  readonly meant: string;
  readonly meantDestination: string;
}

const PER_BUCKET = 100;
const EXAMPLES = 3;

/**
 * A rule is asked only of what the plan refuses. A switch that writes a digit first writes it before every number, and
 * the plan reads some of them with it: `00493123456` is Nice behind a 0, or Germany. Looks for such calls among those
 * that were rated last: no rule mends them, the setting of their source does.
 */
export async function readOtherwise({ db, plan }: LedgerReading, repair: NumberRepair): Promise<ReadOtherwise> {
  if (repair.kind === 'prefix' || repair.replacement === null) return { looked: 0, calls: 0, examples: [] };
  const rule = { ...repair, replacement: repair.replacement };
  const records = await latestRecords(db, PER_BUCKET);
  const examples: OtherwiseExample[] = [];
  let calls = 0;
  for (const record of records) {
    const { dialled, switchId } = recordedCdr(record);
    const now = plan.classify(dialled);
    const text = readByRule(rule, dialled, switchId);
    if (now.kind === 'refusal' || text === null) continue;
    const meant = plan.classify(text);
    if (meant.kind === 'refusal' || meant.called === now.called) continue;
    calls += 1;
    if (examples.length >= EXAMPLES || examples.some((each) => each.dialled === dialled)) continue;
    examples.push({
      dialled,
      called: formatNumber(now.called),
      destination: now.destination.name,
      meant: formatNumber(meant.called),
      meantDestination: meant.destination.name,
    });
  }
  return { looked: records.length, calls, examples };
}
