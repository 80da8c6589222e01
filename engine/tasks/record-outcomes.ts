import { type Decoded } from '../../formats/index.ts';
import { canonicalText } from '../../rater/index.ts';

/** What became of a record that was taken in; `isRepeat`: it came before, and waits since. */
export type RecordOutcome =
  | { readonly status: 'rated' | 'duplicate' | 'superseded' }
  | { readonly status: 'not-a-call'; readonly reason: string }
  | { readonly status: 'quarantined'; readonly reason: string; readonly detail: string; readonly isRepeat?: true }
  | {
      readonly status: 'conflict';
      /** Whether it is this record that is billed; else the other is, and this one waits for a person. */
      readonly isBilled: boolean;
      /** Canonical texts of the two records. */
      readonly own: string;
      readonly other: string;
      readonly isRepeat?: true;
    };

const RATED: RecordOutcome = { status: 'rated' };
export const DUPLICATE: RecordOutcome = { status: 'duplicate' };

/**
 * What became of each record of a delivery that has one at a position: rated, unless it was noted otherwise. A delivery
 * that is told to nobody has none, and costs nothing.
 */
export class RecordOutcomes {
  readonly #byPosition = new Map<number, RecordOutcome>();
  readonly #byText = new Map<string, RecordOutcome>();

  /** Forgets all: the delivery is rated anew. */
  clear(): void {
    this.#byPosition.clear();
    this.#byText.clear();
  }

  note(position: number, outcome: RecordOutcome): void {
    this.#byPosition.set(position, outcome);
  }

  /**
   * The same of a record that was rated by then, in this delivery or in one of before: by what it says, as canonical
   * text.
   */
  noteText(text: string, outcome: RecordOutcome): void {
    this.#byText.set(text, outcome);
  }

  /** @param textOf the canonical text of the record; asked for where something was noted by text alone */
  at(position: number, textOf: () => string | null): RecordOutcome {
    const noted = this.#byPosition.get(position);
    if (noted !== undefined) return noted;
    const text = this.#byText.size === 0 ? null : textOf();
    return (text === null ? undefined : this.#byText.get(text)) ?? RATED;
  }
}

/** What a record says, as `RecordOutcomes.at` asks for it; `null` of one that is no call. */
export function canonicalTextOf(decoded: Decoded): string | null {
  return decoded.kind === 'call' ? canonicalText(decoded.cdr) : null;
}
