import {
  type AuditedAct,
  CommitInDoubtError,
  type Database,
  addAuditRecords,
  repeatUnlessInDoubt,
} from '../../ledger/index.ts';

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
      this.#waiting.push({
        act: keepable(act),
        settle: (error) => (error === undefined ? resolve() : reject(error as Error)),
      });
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, MOST_TOGETHER);
      try {
        await this.#add(together);
        for (const { settle } of together) settle();
      } catch (error) {
        // One that can't be kept is no fault of the others; what may have been kept is not kept twice.
        const isAlone = together.length === 1 || error instanceof CommitInDoubtError;
        for (const each of together) each.settle(isAlone ? error : await this.#faultOf(each));
      }
    }
    this.#isWriting = false;
  }

  async #add(together: readonly { readonly act: AuditedAct }[]): Promise<void> {
    const acts = together.map(({ act }) => act);
    await repeatUnlessInDoubt(() => addAuditRecords(this.#db, acts));
  }

  /** What comes of an act on its own; `undefined`: it is on record. */
  async #faultOf(one: { readonly act: AuditedAct }): Promise<unknown> {
    try {
      await this.#add([one]);
      return undefined;
    } catch (error) {
      return error;
    }
  }
}

/** The database keeps neither U+0000 nor half a character: names are cut by who gives them, anywhere. */
function keepable(act: AuditedAct): AuditedAct {
  const { actor, name, route, subject } = act;
  return { ...act, actor: text(actor), name: text(name), route: text(route), subject: text(subject) };
}

function text(given: string): string {
  return given.replaceAll('\0', '\uFFFD').toWellFormed();
}

const MOST_TOGETHER = 500;
