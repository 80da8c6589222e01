/** What mends records of a reason: reasons of one group are mended in one way. */
export type ReasonGroup = 'line' | 'prefix' | 'trunk' | 'rate' | 'clock' | 'person' | 'damaged' | 'settled';

const GROUPS: Readonly<Record<string, ReasonGroup>> = {
  'unknown-line': 'line',
  'no-line': 'line',
  'unassigned-number': 'prefix',
  'unknown-short-code': 'prefix',
  'wrong-length': 'prefix',
  'ambiguous-number': 'trunk',
  'foreign-context': 'trunk',
  'malformed-number': 'trunk',
  'not-a-number': 'trunk',
  'empty-number': 'trunk',
  'routing-prefix': 'trunk',
  'service-code': 'trunk',
  'no-rate': 'rate',
  'start-implausible': 'clock',
  'start-out-of-range': 'clock',
  'nonexistent-local-time': 'clock',
  'duration-mismatch': 'clock',
  conflict: 'person',
  contradiction: 'person',
  'incomplete-call': 'person',
  'call-too-long': 'person',
};

export const GROUP_ORDER: readonly ReasonGroup[] = [
  'line',
  'prefix',
  'trunk',
  'rate',
  'clock',
  'person',
  'damaged',
  'settled',
];

export function groupOf(reason: string, state: string): ReasonGroup {
  return state === 'waiting' ? (GROUPS[reason] ?? 'damaged') : 'settled';
}
