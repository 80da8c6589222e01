import { type NumberedLine, type Queryable, loadLines, readHeads } from '../../ledger/index.ts';
import { Directory, LineState, factSpansOf } from '../../rater/index.ts';
import type { NumberingPlan } from '../../tariffs/index.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Whose call is whose, for re-keying: lines and their numbers, without what rating needs of them beyond. It is loaded
 * again when facts have changed, and may be a second behind: that costs speed, never correctness.
 */
export class RekeyDirectory {
  readonly #db: Queryable;
  readonly #plan: NumberingPlan;
  #loaded: { readonly directory: Directory; readonly facts: string } | null = null;
  readonly #now: () => number;
  #lookedAt = -Infinity;

  /** @param now a clock in ms that never goes back */
  constructor(db: Queryable, plan: NumberingPlan, now = (): number => performance.now()) {
    this.#db = db;
    this.#plan = plan;
    this.#now = now;
  }

  async current(): Promise<Directory> {
    const now = this.#now();
    if (this.#loaded !== null && now - this.#lookedAt < LOOK_EVERY_MS) return this.#loaded.directory;
    // Heads before lines: what is loaded is at least as new as the count of facts that it is known by.
    const facts = (await readHeads(this.#db)).map((head) => head.facts).join();
    if (this.#loaded?.facts !== facts) this.#loaded = { directory: await this.#load(), facts };
    this.#lookedAt = now;
    return this.#loaded.directory;
  }

  async #load(): Promise<Directory> {
    const directory = new Directory(this.#plan);
    for (const line of await loadLines(this.#db, {})) directory.put(ownerStateOf(line));
    return directory;
  }
}

/** Nothing is rated here: one for all lines, of which there may be millions. */
const NO_MONTHS: LineState['months'] = new Map();

/** A line with what `ownerOf` asks: its id, its bucket, and which number was its own when. */
function ownerStateOf(line: NumberedLine): LineState {
  const spans = line.spans.map((span) => ({ ...span, offer: null }));
  const factSpans = factSpansOf({ ...line, spans, devices: [], networks: [] }, new Map());
  return new LineState(
    { id: line.id, no: line.no, account: line.accountNo, bucket: line.bucket },
    factSpans,
    NO_MONTHS,
  );
}
