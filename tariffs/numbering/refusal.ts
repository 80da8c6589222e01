/** Why a dialled string is no number to rate, in order of precedence: one string, one code. Codes are never reused. */
export const REFUSAL_CODES = [
  /** No digit at all: blank, `tel:`, a lone `+`. */
  'empty-number',
  /** Letters, masked digits, non-ASCII digits, damage. */
  'not-a-number',
  /** `*98`, `#21#`, or a technical prefix with `*` or `#` that no rule strips. */
  'service-code',
  /** A local number whose `phone-context` is not in the French plan. */
  'foreign-context',
  /** Digits and plus signs in an order that no notation allows: `+0…`, `000…`, `-33…`. */
  'malformed-number',
  /** Nine digits without trunk zero: French without its zero, or foreign without its plus. */
  'ambiguous-number',
  /** At most six digits, and no short code of the French plan. */
  'unknown-short-code',
  /** A range kept for mobile-portability routing: no subscriber can be called there. */
  'routing-prefix',
  /** No country code, area or range in service has these digits. */
  'unassigned-number',
  /** The range exists, but its numbers have another length. */
  'wrong-length',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];
