import { type AuditedAct, type Database, addAuditRecords, repeatUnlessInDoubt } from '../../ledger/index.ts';

/**
 * Puts on record what people and programs do. What comes while a transaction is under way goes into the next, all of
 * it together: many who read at once wait for two commits at most.
 */
export class AuditTrail {
  readonly #db: Database;
  #waiting: { readonly act: AuditedAct; readonly settle: (error?: unknown) => void }[] = [];
  #isWriting = false;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Settles once the act is committed; rejects where it could not be put on record. */
  keep(act: AuditedAct): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ act, settle: (error) => (error === undefined ? resolve() : reject(error as Error)) });
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, MOST_TOGETHER);
      try {
        const acts = together.map(({ act }) => act);
        await repeatUnlessInDoubt(() => addAuditRecords(this.#db, acts));
        for (const { settle } of together) settle();
      } catch (error) {
        for (const { settle } of together) settle(error);
      }
    }
    this.#isWriting = false;
  }
}

const MOST_TOGETHER = 500;
