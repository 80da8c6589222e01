import { type Classified, formatNumber, type NumberingPlan } from '../tariffs/index.ts';
import { plural, showCount } from './show-values.ts';

/** Fewer calls, or a smaller share of them, are slips of the finger. */
const FEWEST = 3;
const SMALLEST_SHARE = 0.01;
/** A number as it is dialled: with its 0, its 00 or its +. */
const NATIONAL = /^[+0]/;

interface Tally {
  /** Refused with the digit, numbers without it. */
  refused: number;
  /** Numbers with the digit and without it. */
  both: number;
  example: string;
}

/**
 * Finds the digit that a switch writes before each number, though the plan reads some numbers with it:
 * `00493123456` is Nice behind a 0, or Germany. The plan refuses others, which tells the two apart.
 */
export class LeadingDigits {
  readonly #tallies = new Map<string, Tally>();

  add(dialled: string, classified: Classified, classify: NumberingPlan['classify']): void {
    const [digit] = dialled;
    const rest = dialled.slice(1);
    if (digit === undefined || !/^\d$/.test(digit) || !NATIONAL.test(rest)) return;
    const without = classify(rest);
    if (without.kind === 'refusal') return;
    const tally = this.#tallies.get(digit) ?? { refused: 0, both: 0, example: '' };
    this.#tallies.set(digit, tally);
    if (classified.kind === 'refusal') {
      tally.refused++;
      return;
    }
    tally.both++;
    if (tally.example !== '') return;
    tally.example =
      `'${dialled}' is read as ${formatNumber(classified.called)}, ${classified.destination.name}, and without its ` +
      `first digit as ${formatNumber(without.called)}, ${without.destination.name}`;
  }

  /**
   * A line for each digit that seems to stand before numbers that are read with it.
   * @param calls how many there were
   */
  warnings(calls: number): string[] {
    return [...this.#tallies].flatMap(([digit, { refused, both, example }]) => {
      if (both === 0 || refused < Math.max(FEWEST, calls * SMALLEST_SHARE)) return [];
      return [
        `Warning: ${plural(refused, 'call')} are to no number unless their first '${digit}' is left out, and ` +
          `${showCount(both)} more are numbers either way: ${example}; does the switch write it before each number ` +
          `(--dial-prefix ${digit}=)?`,
      ];
    });
  }
}
