import type { RefusalRow } from './refusal-row.ts';

/** What is refused where a line is named. */
export const REFUSALS_OF_LINES = {
  'line-unknown': {
    of: 'state',
    sentence: `Cannot use line '{line}': the ledger has no such line`,
    remedy: 'Check the id of the line, and where the ledger is; lines come by import (docs/reference/provisioning.md).',
  },
  'line-not-in-force': {
    of: 'state',
    sentence: `Cannot change line '{line}' from '{at}' on: it is not in force then, but {inForce}`,
    remedy: 'Name an instant at which the line has facts, or enter the line as a whole.',
  },
  'line-changed': {
    of: 'state',
    sentence: `Cannot change line '{line}': somebody else has changed it meanwhile`,
    remedy: 'Look at the line again, and change it then.',
  },
  'quote-unrated': {
    of: 'request',
    sentence: `Cannot quote a call of line '{line}' to '{number}': such a call could not be rated, since '{reason}'`,
    remedy: 'docs/reference/reasons.md explains each reason, and what repairs it.',
  },
  'quote-not-in-force': {
    of: 'state',
    sentence: `Cannot quote a call of line '{line}' at '{at}': it is not in force then, but {inForce}`,
    remedy: 'Ask for an instant at which the line is in force, or enter its facts for that one.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;
