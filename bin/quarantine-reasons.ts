import type { BadRecordReason } from '../formats/index.ts';
import type { WaitingReason } from '../engine/index.ts';
import type { UnratedReason } from '../rater/index.ts';

type QuarantineReason = BadRecordReason | UnratedReason | WaitingReason | 'conflict' | 'superseded' | 'read-otherwise';

/** What each reason says to someone who knows calls but not the code, and what repairs it. */
const WORDS: Readonly<Record<QuarantineReason, string>> = {
  'broken-frame': 'a message of the re-keying topic that the re-keyer did not write',
  'bad-header': 'canonical CSV without its header line',
  'too-long': 'longer than any record can be',
  'too-many-records': 'the rest of a message that holds more records than are read of one',
  'invalid-utf8': 'its text is damaged (no UTF-8)',
  'not-json': 'no JSON: cut off or damaged',
  'not-an-object': 'JSON, but no record',
  'broken-quoting': 'a quote is missing or stands amiss',
  'column-count': 'too few or too many columns',
  'duplicate-field': 'a field stands twice',
  'unsupported-version': 'written in a version of the format that is not known',
  'unknown-field': 'a field that the format does not have',
  'missing-field': 'a field that must be there is missing',
  'invalid-field': 'a field that can not be so',
  'no-identity': 'nothing tells this call from others',
  'no-line': 'nothing tells whose call it is',
  'no-number': 'nothing tells which number was called',
  'unclear-number': 'it can not be told which of several numbers was called',
  contradiction: 'its records, or its fields, contradict each other',
  'incomplete-call': 'other records of the call must tell who pays, and have not come',
  'nonexistent-local-time': 'a time that the local clock skipped',
  'duration-mismatch': 'its duration and its times contradict each other',
  'rating-failed': 'rating it failed, which is a bug: report it; replay it once that is mended',
  'start-out-of-range': 'the start is before 2000 or after 2060',
  'start-implausible': 'the start is too far from when the record came: see the clock of the switch',
  'duration-out-of-range': 'longer than any call can be',
  'empty-number': 'no number was dialled',
  'not-a-number': 'what was dialled is no number',
  'service-code': 'a code for the switch itself, no number',
  'foreign-context': 'a local number of another country',
  'malformed-number': 'the digits can not be a number',
  'ambiguous-number': 'the digits can mean two numbers',
  'unknown-short-code': 'a short code that is not in the numbering plan',
  'routing-prefix': 'a prefix for routing between operators, no number',
  'unassigned-number': 'no such prefix is in the numbering plan',
  'wrong-length': 'too many or too few digits for its prefix',
  'unknown-line': 'no such line at that time: import it, and the call is rated',
  'no-rate': 'the rate deck has no price for it: import one that has',
  'month-not-prepared': `its month has no partition: 'fairtally setup --months' makes it, and the call is rated`,
  conflict: 'another record of the same call says otherwise: a person must look',
  superseded: 'a later revision of the same call counts',
  'read-otherwise': 'what a call was known as before other records of it came',
};

/** A reason in words; one that is not known stands for itself. */
export function reasonInWords(reason: string): string {
  return isKnown(reason) ? WORDS[reason] : reason;
}

/** Every code that a record can wait under. */
export const QUARANTINE_REASONS: readonly string[] = Object.keys(WORDS);

function isKnown(reason: string): reason is QuarantineReason {
  return Object.hasOwn(WORDS, reason);
}
