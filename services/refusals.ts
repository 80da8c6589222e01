/** Whether the request itself can't be meant, or the ledger as it stands does not allow it. */
export type RefusalOf = 'request' | 'state';

/** A row of the table of refusals. */
interface RefusalRow {
  readonly of: RefusalOf;
  /** What is said, with `{name}` where a value goes. */
  readonly sentence: string;
  /** What a person can do about it. */
  readonly remedy: string;
}

/**
 * Everything that services refuse, by code. The command line prints the sentences; `docs/reference/refusals.md` lists
 * the table, and a test holds the page to it. A code never changes its meaning: programs go by it.
 */
export const REFUSALS = {
  'period-unknown': {
    of: 'request',
    sentence: `Cannot use period '{period}': it is no month such as '2026-11'`,
    remedy: `Give the month as year and month: '2026-11'.`,
  },
  'decision-unknown': {
    of: 'request',
    sentence: `Cannot decide '{kind}': it is none of {kinds}`,
    remedy: 'Use one of the kinds that the sentence lists.',
  },
  'condition-unknown': {
    of: 'request',
    sentence: `Cannot use condition '{condition}': it is none of {conditions}`,
    remedy: 'Use one of the ids that the sentence lists; docs/reference/reasons.md explains them.',
  },
  'decider-missing': {
    of: 'request',
    sentence: 'Cannot decide for nobody: it is not said who decides',
    remedy: `Say who decides ('--by NAME'): the name is kept for good.`,
  },
  'note-missing': {
    of: 'request',
    sentence: 'Cannot decide without a note: it is not said why',
    remedy: `Say why ('--note TEXT'): the note is kept for good, and may be empty.`,
  },
  'instant-unreadable': {
    of: 'request',
    sentence: `Cannot use --at '{at}': it is no day or instant such as '2026-11-20' or '2026-11-20T08:00:00+01:00'`,
    remedy: 'Give a day, or a time with its offset from UTC.',
  },
  'as-of-unreadable': {
    of: 'request',
    sentence: `Cannot report as of '{at}': it is no day or instant such as '2026-11-20' or '2026-11-20T08:00:00+01:00'`,
    remedy: 'Give a day, which means its beginning, or a time with its offset from UTC.',
  },
  'as-of-to-come': {
    of: 'request',
    sentence: `Cannot report as of '{at}': that is yet to come`,
    remedy: 'Give an instant of the past, by the clock of the database.',
  },
  'effect-too-early': {
    of: 'request',
    sentence: `Cannot {kind} with effect from '{at}': the breach is of {period}, which begins at {start}`,
    remedy: 'Give an instant in the month of the breach, or after it.',
  },
  'effect-too-late': {
    of: 'request',
    sentence: `Cannot {kind} with effect from '{at}': that is more than a year ahead`,
    remedy: 'Check the year; a reinstatement can be planned a year ahead at most.',
  },
  'state-unknown': {
    of: 'request',
    sentence: `Cannot list cases in state '{state}': it is none of {states}`,
    remedy: 'Use one of the states that the sentence lists.',
  },
  'money-unreadable': {
    of: 'request',
    sentence: `Cannot use amount '{money}': it is no amount such as '12.50'`,
    remedy: 'Give digits with a point and up to six decimals, without a currency.',
  },
  'limit-unusable': {
    of: 'request',
    sentence: `Cannot list '{limit}' cases at once: it is no number from 1 to {most}`,
    remedy: 'Ask for fewer, and for the next page with the cursor of the last.',
  },
  'count-unusable': {
    of: 'request',
    sentence: `Cannot show '{numbers}' of the numbers called: it is no number from 0 to 99999`,
    remedy: 'Give how many are to be shown, those called most first.',
  },
  'cursor-unreadable': {
    of: 'request',
    sentence: `Cannot go on after '{cursor}': no page ended with it`,
    remedy: 'Use the cursor as the page before gave it, whole; or begin with the first page.',
  },
  'mover-missing': {
    of: 'request',
    sentence: 'Cannot move a period for nobody: it is not said who does it',
    remedy: `Say who does it ('--by NAME'): the name is kept for good.`,
  },
  'move-note-missing': {
    of: 'request',
    sentence: 'Cannot move a period without a note: it is not said why',
    remedy: `Say why ('--note TEXT'): the note is kept for good.`,
  },
  'period-not-over': {
    of: 'state',
    sentence: `Cannot close period {period}: it lasts until {end}`,
    remedy: 'Wait until the month is over: its calls still come in.',
  },
  'period-closed': {
    of: 'state',
    sentence: `Cannot move period {period}: it is closed`,
    remedy: 'Leave it: a closed bill never changes. What comes later is billed in the first month that is not closed.',
  },
  'period-cannot-move': {
    of: 'state',
    sentence: `Cannot make period {period} '{to}': it is '{from}'`,
    remedy: 'A month goes from open to closing, from there to closed, or back to open.',
  },
  'earlier-period-open': {
    of: 'state',
    sentence: `Cannot close period {period}: {next} is not closed`,
    remedy: 'Close the months one after the other, also one without calls: late calls may be billed in it.',
  },
  'period-not-judged': {
    of: 'state',
    sentence:
      'Cannot close period {period}: {lines} lines and {records} records in quarantine ' +
      'wait to be judged by what was entered since',
    remedy: `Have them judged: a worker does so every second; or close again, which judges them first.`,
  },
  'quarantine-waits': {
    of: 'state',
    sentence: `Cannot close period {period}: {records} records of it wait in quarantine ({reasons})`,
    remedy: `Rate them first ('quarantine list'), or close with '--despite-quarantine': they are billed later then.`,
  },
  'line-unknown': {
    of: 'state',
    sentence: `Cannot use line '{line}': the ledger has no such line`,
    remedy: 'Check the id of the line, and where the ledger is; lines come by import (docs/reference/provisioning.md).',
  },
  'account-unknown': {
    of: 'state',
    sentence: `Cannot use account '{account}': the ledger has no such account`,
    remedy: 'Check the id of the account, and where the ledger is.',
  },
  'nothing-to-decide': {
    of: 'state',
    sentence:
      `Cannot {kind} condition '{condition}' for line '{line}' in {period}: ` +
      'it is not broken there, and was never decided on',
    remedy: 'Look at what the line broke in the month: its case says so.',
  },
  'case-unknown': {
    of: 'state',
    sentence: `Cannot show a case of line '{line}' in {period}: nothing was ever found or decided there`,
    remedy: 'List the cases of the month, or of the line.',
  },
  'facts-not-judged': {
    of: 'state',
    sentence: `Cannot tell what a decision on line '{line}' changes: what was entered since is not judged yet`,
    remedy: `Have the line judged: a worker does so every second, 'fairtally rate' or a decision at once.`,
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;

export type RefusalCode = keyof typeof REFUSALS;

/** The names between braces in a sentence. */
type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The values that the sentence of a code names. */
export type RefusalValues<Code extends RefusalCode> = Readonly<
  Record<NamesIn<(typeof REFUSALS)[Code]['sentence']>, string>
>;

/** One thing that stands in the way of what was asked. */
export interface Refusal {
  readonly code: RefusalCode;
  /** By the names in the sentence of the code. */
  readonly values: Readonly<Record<string, string>>;
}

/** What a service answers instead of doing what it was asked: what stands in the way first, and the others. */
export interface Refused extends Refusal {
  readonly kind: 'refused';
  readonly others: readonly Refusal[];
}

/** A refusal with the values that its sentence names. */
export function refusal<Code extends RefusalCode>(code: Code, values: RefusalValues<Code>): Refusal {
  return { code, values };
}

/** The answer of a service that refuses. */
export function refused(first: Refusal, ...others: readonly Refusal[]): Refused {
  return { kind: 'refused', ...first, others };
}

/** What is said of a refusal, in one sentence. */
export function refusalSentence({ code, values }: Refusal): string {
  return REFUSALS[code].sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
