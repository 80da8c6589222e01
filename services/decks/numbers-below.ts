import type { Deck, NumberingPlan } from '../../tariffs/index.ts';

/** A number and the destination that the numbering plan has for it. */
export interface NumberTo {
  /** E.164 digits, or a short code. */
  readonly called: number;
  readonly destination: string;
}

/** Numbers of E.164 have up to 15 digits; most have 11 or about so many. */
const LENGTHS = [11, 10, 12, 9, 13, 8, 14, 15];
const DIGITS = [...'0123456789'];

/**
 * Numbers that begin with some digits, enough to meet each destination that there is below them, and each longer prefix
 * that a deck may have next to them: with every two digits behind the prefix, and with every digit behind each longer
 * prefix of the plan. One is enough where neither the plan nor one of the decks tells such numbers apart, as for most
 * prefixes of a deck of thousands.
 */
export function numbersBelow(digits: string, plan: NumberingPlan, prefixes: DeckPrefixes): readonly NumberTo[] {
  const behind = DIGITS.flatMap((first) => DIGITS.map((second) => `${digits}${first}${second}`));
  if (plan.leadsToOne(digits) && !prefixes.hasBelow(digits)) {
    for (const stem of [digits, ...behind]) {
      const found = numberFrom(stem, plan);
      if (found !== null) return [found];
    }
    return [];
  }
  const below = plan.prefixesBelow(digits).flatMap((prefix) => [prefix, ...DIGITS.map((digit) => prefix + digit)]);
  return [digits, ...behind, ...below].flatMap((stem) => numberFrom(stem, plan) ?? []);
}

/** The prefixes that decks price, sorted once. */
export class DeckPrefixes {
  readonly #sorted: readonly string[];

  constructor(decks: readonly Pick<Deck, 'rows'>[]) {
    const keys = decks.flatMap(({ rows }) => rows.map(({ key }) => (key.kind === 'prefix' ? key.prefix : '')));
    this.#sorted = [...new Set(keys)].toSorted();
  }

  /** Whether one of the decks has a longer prefix that begins with these digits. */
  hasBelow(digits: string): boolean {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sorted[middle]! <= digits) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(digits) === true;
  }
}

/** A number that begins with some digits; `null`: the plan has none. */
function numberFrom(stem: string, plan: NumberingPlan): NumberTo | null {
  for (const length of LENGTHS) {
    if (length < stem.length) continue;
    const classified = plan.classify(`+${stem.padEnd(length, '0')}`);
    if (classified.kind === 'number') return { called: classified.called, destination: classified.destination.name };
  }
  return null;
}

/** A number or short code, as a deck names it; `null`: the plan does not have it. */
export function numberOf(text: string, plan: NumberingPlan): NumberTo | null {
  const called = Number(text);
  const destination = plan.prefixPath(called)[0]?.destination.name;
  return destination === undefined ? null : { called, destination };
}
