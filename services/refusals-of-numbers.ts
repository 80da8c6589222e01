import type { RefusalRow } from './refusal-row.ts';

/** What is refused where people say how numbers are read. */
export const REFUSALS_OF_NUMBERS = {
  'number-prefix-unusable': {
    of: 'request',
    sentence: `Cannot add prefix '{prefix}' for numbers of {length} digits: it is none that numbers begin with`,
    remedy:
      'Give four digits or more, the country code first and without +, and how many digits the whole number has; ' +
      'or all digits of a short code.',
  },
  'dial-rule-unusable': {
    of: 'request',
    sentence: `Cannot read '{replacement}' for '{prefix}' at the beginning of numbers: it says nothing, or no dialling`,
    remedy: 'Give digits, *, # and +, up to 15 of them, and what takes their place: 9 and nothing, or nothing and +33.',
  },
  'number-unreadable': {
    of: 'request',
    sentence: `Cannot look for number '{number}': it is none that can be called, since '{reason}'`,
    remedy:
      'Give the whole number, as E.164 or as it would be dialled: +33140000001; docs/reference/reasons.md has why.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;
