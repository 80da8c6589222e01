import {
  type Database,
  type Provisioning,
  type ProvisioningChange,
  type ProvisioningOptions,
  bucketsOfProvisioning,
  lockFacts,
  lockHeads,
  storeProvisioning as storeIn,
} from '../../ledger/index.ts';

/** Stores provisioning in a transaction of its own, as an import does by way of an engine. */
export function storeProvisioning(
  db: Database,
  provisioning: Provisioning,
  options: ProvisioningOptions = {},
): Promise<ProvisioningChange> {
  return db.transaction(async (tx) => {
    await lockHeads(tx, bucketsOfProvisioning(provisioning));
    await lockFacts(tx);
    return storeIn(tx, provisioning, options);
  });
}
