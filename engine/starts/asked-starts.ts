import type { LineState, RatedCall } from '../../rater/index.ts';

/** Calls of a batch whose records don't tell where they came from, by line and start. */
export class AskedStarts {
  /** Those of which the ledger was asked where their lines were registered. */
  readonly questions = new Map<LineState, Set<number>>();
  /** The last of those that are posted, or were before. */
  readonly lastStarts = new Map<LineState, number>();

  /** Questions that the ledger has not answered yet, by `keyOf`. */
  readonly #open = new Set<string>();

  add(line: LineState, start: number): void {
    const asked = this.questions.get(line);
    if (asked?.has(start) === true) return;
    if (asked === undefined) this.questions.set(line, new Set([start]));
    else asked.add(start);
    this.#open.add(keyOf(line, start));
  }

  /** Says that all questions are answered. */
  close(): void {
    this.#open.clear();
  }

  /** Whether it was asked, and answered. */
  has(line: LineState, start: number): boolean {
    return this.questions.get(line)?.has(start) === true && !this.#open.has(keyOf(line, start));
  }

  /** Takes note of a call that is posted; whether the ledger was asked: else the line must be judged from it. */
  notePosted({ line, startedAt }: RatedCall): boolean {
    this.noteStart(line, startedAt);
    return this.has(line, startedAt);
  }

  /** Takes note of a start of calls that are posted. */
  noteStart(line: LineState, start: number): void {
    this.lastStarts.set(line, Math.max(this.lastStarts.get(line) ?? -Infinity, start));
  }
}

function keyOf({ no }: LineState, start: number): string {
  return `${no} ${start}`;
}
