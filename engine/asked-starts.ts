import type { LineState, RatedCall } from '../rater/index.ts';

/** Calls of a batch whose records don't tell where they came from, by line and start. */
export class AskedStarts {
  /** Those of which the ledger was asked where their lines were registered. */
  readonly questions = new Map<LineState, Set<number>>();
  /** The last of those that are posted. */
  readonly lastStarts = new Map<LineState, number>();

  add(line: LineState, start: number): void {
    const asked = this.questions.get(line);
    if (asked === undefined) this.questions.set(line, new Set([start]));
    else asked.add(start);
  }

  has(line: LineState, start: number): boolean {
    return this.questions.get(line)?.has(start) === true;
  }

  /** Takes note of a call that is posted; whether the ledger was asked: else the line must be judged from it. */
  notePosted({ line, startedAt }: RatedCall): boolean {
    this.lastStarts.set(line, Math.max(this.lastStarts.get(line) ?? -Infinity, startedAt));
    return this.has(line, startedAt);
  }
}
