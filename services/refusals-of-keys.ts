import type { RefusalRow } from './refusal-row.ts';

/** What is refused where keys of the API are made. */
export const REFUSALS_OF_KEYS = {
  'scope-unknown': {
    of: 'request',
    sentence: `Cannot make a key for scopes '{scope}': the scopes are {scopes}`,
    remedy: 'Name one scope at least, each as the sentence lists it.',
  },
  'key-of-switch-unclear': {
    of: 'request',
    sentence: `Cannot make a key of switch '{switch}': it needs the name of a switch, and is of no account`,
    remedy: 'Name the switch as its records do, or leave it out; records may be of any account.',
  },
  'key-of-switch-too-wide': {
    of: 'request',
    sentence: `Cannot make a key of switch '{switch}' that allows '{scope}': that is of all switches`,
    remedy: `Let it 'cdrs:write' and 'quotes:read' at most, as the role 'switch' does.`,
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;
