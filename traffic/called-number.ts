import { numberRanges, type NumberKind } from './number-ranges.ts';
import type { Random } from './random.ts';

/**
 * A number as it is known to whoever made it up: the truth that a rating engine has to find from the dialled string.
 */
export interface CalledNumber {
  /** E.164 digits, or those of a short code. */
  readonly called: number;
  /** Emergency or toll-free: never charged, never counted. */
  readonly isFree: boolean;
}

export function shortCode(called: number, isFree: boolean): CalledNumber {
  return { called, isFree };
}

/**
 * The numbers of one line: each drawn once, and no two in one block of 1,000, so that only planned ranges are dense.
 */
export class NumberBook {
  readonly #random: Random;
  readonly #blocks = new Set<number>();

  constructor(random: Random) {
    this.#random = random;
  }

  draw(kind: NumberKind): CalledNumber {
    return { called: this.#drawIn(kind, 0), isFree: kind === 'toll-free' };
  }

  /** The first number of a block of 1,000 of which no number is drawn before or after. */
  drawBlock(kind: NumberKind): number {
    const called = this.#drawIn(kind, 0);
    return called - (called % 1000);
  }

  #drawIn(kind: NumberKind, tries: number): number {
    if (tries > 100) throw new RangeError(`Cannot draw a number: the ranges of '${kind}' are used up`);
    const called = Number(this.#random.pick(numberRanges[kind]).replaceAll('X', () => String(this.#random.below(10))));
    const block = Math.floor(called / 1000);
    if (this.#blocks.has(block)) return this.#drawIn(kind, tries + 1);
    this.#blocks.add(block);
    return called;
  }
}

const SHORT_CODE_END = 1_000_000;
const OVERSEAS_CODES = ['262', '590', '594', '596'];
/** Fewer digits without plus or zeros would be ambiguous. */
const MIN_BARE_DIGITS = 10;

/** A number in one of the forms that switches write: most in E.164, some as it was dialled. */
export function writtenForm({ called }: CalledNumber, random: Random): string {
  const digits = String(called);
  if (called < SHORT_CODE_END) return digits;
  const form = random.below(20);
  if (form < 11) return `+${digits}`;
  if (form < 13) return `00${digits}`;
  if (form < 15 && digits.length >= MIN_BARE_DIGITS) return digits;
  if (form === 15) return `sip:+${digits}@sbc.example.net`;
  return nationalForm(digits, random) ?? `+${digits}`;
}

/**
 * As dialled in France; overseas too, where the trunk 0 stands for the territory's code. `null` for other countries.
 */
function nationalForm(digits: string, random: Random): string | null {
  const isOverseas = OVERSEAS_CODES.includes(digits.slice(0, 3));
  if (!isOverseas && !digits.startsWith('33')) return null;
  const national = `0${digits.slice(isOverseas ? 3 : 2)}`;
  return random.chance(0.2) ? (national.match(/../g) ?? []).join(' ') : national;
}
