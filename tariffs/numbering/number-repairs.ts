import type { Classified, NumberingPlan, PrefixStep } from './numbering-plan.ts';
import type { RefusalCode } from './refusal.ts';

/** A range that people added to the plan. It says nothing of numbers that the plan has. */
export interface AddedPrefix {
  /** How its numbers begin: E.164 digits without `+`; of a short code all of its digits. */
  readonly prefix: string;
  /** How many digits its numbers have, the country code among them. */
  readonly length: number;
  /** The name of a destination of the plan. */
  readonly destination: string;
}

/** What a switch writes at the beginning of its numbers, and what stands there in truth. */
export interface DialRule {
  /** `null`: every switch. */
  readonly switchId: string | null;
  /** Digits, `*` and `#`; empty: numbers of seven digits and more that begin neither with `0` nor with `+`. */
  readonly prefix: string;
  /** What takes its place: empty, or `+33`. */
  readonly replacement: string;
}

/** How numbers are read that the plan refuses. What the plan reads it reads alone: nothing here changes that. */
export interface NumberRepairs {
  /**
   * What a number is that the plan refused as `refusal`: as it stands by the prefixes that were added, or as a rule of
   * its switch says that it was meant. The refusal as it came where nothing fits. Never throws.
   */
  read(dialled: string, switchId: string, refusal: Refusal): Classified;
  /** The added prefix that a number falls under; `null`: none. */
  prefixOf(called: number): PrefixStep | null;
}

type Refusal = Extract<Classified, { readonly kind: 'refusal' }>;

/** Shorter numbers are short codes and extensions: no country code belongs before them. */
const SHORTEST_NATIONAL = 7;

/** Refusals of numbers whose digits are clear: a range may be missing for them. */
const OF_CLEAR_DIGITS: ReadonlySet<RefusalCode> = new Set(['unassigned-number', 'unknown-short-code', 'wrong-length']);

/** Makes repairs ready for a plan. A prefix to a destination that the plan does not have is left out. */
export function compileNumberRepairs(
  plan: NumberingPlan,
  prefixes: readonly AddedPrefix[],
  rules: readonly DialRule[],
): NumberRepairs {
  const byName = new Map(plan.destinations.map((destination) => [destination.name, destination]));
  // The longest that fits wins, as in the plan.
  const added = prefixes
    .flatMap(({ prefix, length, destination: name }) => {
      const destination = byName.get(name);
      return destination === undefined ? [] : [{ prefix, length, destination }];
    })
    .toSorted((a, b) => b.prefix.length - a.prefix.length);
  // A switch's own rules go before those of all.
  const sorted = rules.toSorted(
    (a, b) => Number(a.switchId === null) - Number(b.switchId === null) || b.prefix.length - a.prefix.length,
  );

  const stepOf = (digits: string): PrefixStep | null =>
    added.find(({ prefix, length }) => length === digits.length && digits.startsWith(prefix)) ?? null;

  const readDigits = (dialled: string, reason: RefusalCode): Classified | null => {
    if (!OF_CLEAR_DIGITS.has(reason)) return null;
    const digits = plan.refusedDigits(dialled);
    const step = stepOf(digits);
    return step === null ? null : { kind: 'number', called: Number(digits), destination: step.destination };
  };

  return {
    read(dialled, switchId, refusal) {
      const asItStands = readDigits(dialled, refusal.reason);
      if (asItStands !== null) return asItStands;
      const rule = sorted.find((each) => fits(each, dialled, switchId));
      if (rule === undefined) return refusal;
      const meant = meantBy(rule, dialled);
      const read = plan.classify(meant);
      return read.kind === 'number' ? read : (readDigits(meant, read.reason) ?? refusal);
    },
    prefixOf: (called) => stepOf(String(called)),
  };
}

/** Repairs of a ledger that has none. */
export const NO_REPAIRS: NumberRepairs = { read: (_, __, refusal) => refusal, prefixOf: () => null };

/** What a rule makes of a dialled string, whatever the plan says of it; `null`: the rule says nothing of it. */
export function readByRule(rule: DialRule, dialled: string, switchId: string): string | null {
  return fits(rule, dialled, switchId) ? meantBy(rule, dialled) : null;
}

function meantBy({ prefix, replacement }: DialRule, dialled: string): string {
  return replacement + dialled.slice(prefix.length);
}

/**
 * Whether a rule holds of what a switch wrote. Zeros alone are taken off only where what follows begins as a number
 * does (`0`, `+`, or a short code), as sources do: a number with one digit too many is not one of another country.
 */
function fits({ switchId: own, prefix, replacement }: DialRule, dialled: string, switchId: string): boolean {
  if (own !== null && own !== switchId) return false;
  if (prefix === '') return dialled.length >= SHORTEST_NATIONAL && /^[1-9]\d*$/.test(dialled);
  if (dialled.length <= prefix.length || !dialled.startsWith(prefix)) return false;
  const isZeros = /^0+$/.test(prefix) && replacement === '';
  return !isZeros || /^(?:[0+]|\d{1,6}$)/.test(dialled.slice(prefix.length));
}
