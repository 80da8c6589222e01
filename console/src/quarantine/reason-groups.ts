import type { frReasons } from '../language/fr-reasons.ts';

/** What mends records of a reason: reasons of one group are mended in one way. */
export type WaitingGroup =
  | 'line'
  | 'prefix'
  | 'trunk'
  | 'no-telephone-number'
  | 'source'
  | 'rest-of-call'
  | 'rate'
  | 'clock'
  | 'person'
  | 'damaged'
  | 'engine';
/** With what waits no longer, where a person wrote it off or since it was settled. */
export type ReasonGroup = WaitingGroup | 'written-off' | 'settled';

const GROUPS: Readonly<Record<keyof typeof frReasons, WaitingGroup>> = {
  'unknown-line': 'line',
  'unassigned-number': 'prefix',
  'unknown-short-code': 'prefix',
  'wrong-length': 'prefix',
  'ambiguous-number': 'trunk',
  'foreign-context': 'trunk',
  'malformed-number': 'trunk',
  'not-a-number': 'trunk',
  'routing-prefix': 'trunk',
  'empty-number': 'no-telephone-number',
  'service-code': 'no-telephone-number',
  'no-identity': 'source',
  'no-line': 'source',
  'no-number': 'source',
  'unclear-number': 'source',
  'unnamed-trunk': 'source',
  'call-too-long': 'source',
  'incomplete-call': 'rest-of-call',
  'half-a-call': 'rest-of-call',
  'no-rate': 'rate',
  'start-implausible': 'clock',
  'start-out-of-range': 'clock',
  'nonexistent-local-time': 'clock',
  conflict: 'person',
  contradiction: 'person',
  'broken-frame': 'damaged',
  'bad-header': 'damaged',
  'too-long': 'damaged',
  'too-many-records': 'damaged',
  'invalid-utf8': 'damaged',
  'not-json': 'damaged',
  'not-xml': 'damaged',
  'not-an-object': 'damaged',
  'broken-quoting': 'damaged',
  'column-count': 'damaged',
  'duplicate-field': 'damaged',
  'unsupported-version': 'damaged',
  'unknown-field': 'damaged',
  'missing-field': 'damaged',
  'invalid-field': 'damaged',
  'duration-mismatch': 'damaged',
  'duration-out-of-range': 'damaged',
  'rating-failed': 'engine',
  'month-not-prepared': 'engine',
  // Nobody sees these two wait: what they name is settled.
  superseded: 'person',
  'read-otherwise': 'person',
};

/** A reason may be newer than this page. */
const BY_REASON: ReadonlyMap<string, WaitingGroup> = new Map(Object.entries(GROUPS));

export const GROUP_ORDER: readonly ReasonGroup[] = [
  'line',
  'prefix',
  'trunk',
  'no-telephone-number',
  'source',
  'rest-of-call',
  'rate',
  'clock',
  'person',
  'damaged',
  'engine',
  'written-off',
  'settled',
];

export function groupOf(reason: string, state: string): ReasonGroup {
  if (state === 'written-off') return state;
  return state === 'waiting' ? waitingGroup(reason) : 'settled';
}

export function waitingGroup(reason: string): WaitingGroup {
  return BY_REASON.get(reason) ?? 'damaged';
}
