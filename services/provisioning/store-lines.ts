import {
  type FactsEntered,
  type Provisioning,
  type ProvisioningChange,
  ProvisioningError,
  type ProvisioningFault,
  type Transaction,
  bucketsOfProvisioning,
  loadLines,
  storeProvisioning,
} from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import type { NumberingPlan } from '../../tariffs/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';
import { type Refused, refusal, refused } from '../refusals.ts';
import { unlessWithdrawn, withdraw } from '../withdraw.ts';

/** What became of accounts and lines that somebody enters. */
export type StoredLines =
  | { readonly kind: 'stored'; readonly change: ProvisioningChange }
  /** The ledger has something against them: nothing was stored. */
  | { readonly kind: 'faults'; readonly faults: readonly ProvisioningFault[] }
  | Refused;

/**
 * Stores accounts and lines with their dated facts, all or nothing, as a task of the engine. What they touch is marked:
 * `engine.catchUp` judges it again.
 */
export async function storeLines(
  { plan, engine }: LedgerAccess,
  provisioning: Provisioning,
  entered: FactsEntered,
  expected: readonly Line[] = [],
): Promise<StoredLines> {
  const numberOfId = idAsNumber(plan);
  try {
    const change = await unlessWithdrawn(() =>
      engine.change({
        cause: 'lines imported',
        buckets: bucketsOfProvisioning(provisioning),
        changesDirectory: true,
        make: async (tx) => {
          await refuseOthers(tx, expected);
          const made = await storeProvisioning(tx, provisioning, { numberOfId, entered });
          return { outcome: made, counted: made.changedBuckets, judged: [] };
        },
      }),
    );
    return 'kind' in change ? change : { kind: 'stored', change };
  } catch (error) {
    if (error instanceof ProvisioningError) return { kind: 'faults', faults: error.faults };
    throw error;
  }
}

/** How an id is read as a number: E.164 digits, or `null` when it is none. */
export function idAsNumber(plan: NumberingPlan): (id: string) => number | null {
  return (id) => {
    const classified = plan.classify(id);
    return classified.kind === 'number' ? classified.called : null;
  };
}

/** Refuses where a line is not what whoever changes it has seen. */
async function refuseOthers(tx: Transaction, expected: readonly Line[]): Promise<void> {
  if (expected.length === 0) return;
  const lines = new Map((await loadLines(tx, { ids: expected.map(({ id }) => id) })).map((line) => [line.id, line]));
  for (const line of expected) {
    if (JSON.stringify(lines.get(line.id)) !== JSON.stringify(line)) {
      withdraw(refused(refusal('line-changed', { line: line.id })));
    }
  }
}
