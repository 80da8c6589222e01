import {
  type FactsEntered,
  type Provisioning,
  type ProvisioningChange,
  ProvisioningError,
  type ProvisioningFault,
  bucketsOfProvisioning,
  storeProvisioning,
} from '../../ledger/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';

/** What became of accounts and lines that somebody enters. */
export type StoredLines =
  | { readonly kind: 'stored'; readonly change: ProvisioningChange }
  /** The ledger has something against them: nothing was stored. */
  | { readonly kind: 'faults'; readonly faults: readonly ProvisioningFault[] };

/**
 * Stores accounts and lines with their dated facts, all or nothing, as a task of the engine. What they touch is marked:
 * `engine.catchUp` judges it again.
 */
export async function storeLines(
  { plan, engine }: LedgerAccess,
  provisioning: Provisioning,
  entered: FactsEntered,
): Promise<StoredLines> {
  const numberOfId = (id: string): number | null => {
    const classified = plan.classify(id);
    return classified.kind === 'number' ? classified.called : null;
  };
  try {
    const change = await engine.change({
      cause: 'lines imported',
      buckets: bucketsOfProvisioning(provisioning),
      changesDirectory: true,
      make: async (tx) => {
        const made = await storeProvisioning(tx, provisioning, { numberOfId, entered });
        return { outcome: made, counted: made.changedBuckets, judged: [] };
      },
    });
    return { kind: 'stored', change };
  } catch (error) {
    if (error instanceof ProvisioningError) return { kind: 'faults', faults: error.faults };
    throw error;
  }
}
