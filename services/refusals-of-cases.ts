import type { RefusalRow } from './refusal-row.ts';

/** What services refuse of cases and decisions: rows of `REFUSALS`. */
export const REFUSALS_OF_CASES = {
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
  'filter-word-unknown': {
    of: 'request',
    sentence: `Cannot filter cases by '{word}': the words are {words}`,
    remedy:
      'Use a word that the sentence lists, with a colon and a value; or one without a colon, which is looked for.',
  },
  'filter-value-unusable': {
    of: 'request',
    sentence: `Cannot filter cases by '{word}': '{name}' takes {possible}`,
    remedy: 'Give a value as the sentence says; several are separated by commas, without spaces.',
  },
  'filter-quote-open': {
    of: 'request',
    sentence: `Cannot filter cases by '{word}': a quote is opened and not closed`,
    remedy: 'Put a quote at the end of what belongs together.',
  },
  'person-unknown': {
    of: 'request',
    sentence: `Cannot assign a case to '{name}': it is no name of 1 to 100 characters`,
    remedy: `Give the name as it is to be filtered by, or 'me'; null takes the case from whoever has it.`,
  },
  'snooze-unusable': {
    of: 'request',
    sentence: `Cannot snooze until '{until}': it is no day or instant to come within a year`,
    remedy: 'Give a day, or a time with its offset from UTC, that is yet to come; null wakes the case.',
  },
  'view-name-unusable': {
    of: 'request',
    sentence: `Cannot keep view '{name}': a name has 1 to {most} characters, and no line ends`,
    remedy: 'Give a short name: it stands above the queue, with a count.',
  },
  'view-filter-empty': {
    of: 'request',
    sentence: `Cannot keep view '{name}': its filter has no words, or characters that nobody types`,
    remedy: `Give the filter as the queue takes it; 'state:all' is all cases.`,
  },
  'views-too-many': {
    of: 'state',
    sentence: `Cannot keep view '{name}': there are {most} already`,
    remedy: 'Forget one that nobody uses: each is counted whenever the queue is opened.',
  },
  'view-unknown': {
    of: 'state',
    sentence: `Cannot find view {view}: it was forgotten or kept anew, or is another's`,
    remedy: 'List the views again.',
  },
  'view-of-another': {
    of: 'state',
    sentence: `Cannot forget view '{name}': another shares it`,
    remedy: `Ask whoever shares it; a key that may decide on cases ('cases:decide') can forget it too.`,
  },
  'note-empty': {
    of: 'request',
    sentence: 'Cannot note nothing: the note has no text',
    remedy: 'Say what is to be kept with the case.',
  },
  'nothing-to-undo': {
    of: 'state',
    sentence: `Cannot undo what was decided on '{condition}' for line '{line}' in {period}: no verdict stands`,
    remedy: 'Look at the history of the case: somebody may have undone it already.',
  },
  'undo-outdated': {
    of: 'state',
    sentence: `Cannot undo that decision on '{condition}' for line '{line}' in {period}: another came after it`,
    remedy: 'Look at the history of the case: what is last there can be undone.',
  },
  'reinstatement-stays': {
    of: 'state',
    sentence: `Cannot undo what was decided on '{condition}' for line '{line}' in {period}: the line was reinstated`,
    remedy: 'Leave what the reinstatement gave back; the next breach is decided on anew.',
  },
  'preview-unreadable': {
    of: 'request',
    sentence: `Cannot decide as previewed in '{preview}': it is no preview, or was cut short`,
    remedy: 'Give the preview as the dry run answered it, whole.',
  },
  'preview-of-another': {
    of: 'request',
    sentence: 'Cannot decide as previewed: the preview is of {previewed}, the decision is {decision}',
    remedy: 'Preview the decision that is to be taken, and name that preview.',
  },
  'preview-outdated': {
    of: 'state',
    sentence:
      'Cannot decide as previewed: the decision changed {calls|call|calls} and {charge} {currency} then, and changes ' +
      '{callsNow|call|calls} and {chargeNow} {currency} now ({moreCalls} calls, {moreCharge} {currency})',
    remedy: 'Look at what came since, preview again, and decide by that.',
  },
  'decided-meanwhile': {
    of: 'state',
    sentence: `Cannot decide as previewed: '{kind}' was decided on '{condition}' for line '{line}' in {period} since then`,
    remedy: 'Look at the history of the case, preview again, and decide by that.',
  },
  'count-differs': {
    of: 'state',
    sentence: 'Cannot act on {expected|case|cases}: there are {cases} now',
    remedy: 'Look at the list again: cases were opened or decided meanwhile.',
  },
  'too-many-cases': {
    of: 'request',
    sentence: 'Cannot act on {cases} cases at once: {most} at most',
    remedy: 'Narrow the filter, and act on the cases in parts.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;
