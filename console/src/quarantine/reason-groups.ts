/** What mends records of a reason: reasons of one group are mended in one way. */
export type WaitingGroup = 'line' | 'prefix' | 'trunk' | 'rate' | 'clock' | 'person' | 'damaged';
/** With what waits no longer, where a person wrote it off or since it was settled. */
export type ReasonGroup = WaitingGroup | 'written-off' | 'settled';

const GROUPS: Readonly<Record<string, WaitingGroup>> = {
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
  'written-off',
  'settled',
];

export function groupOf(reason: string, state: string): ReasonGroup {
  if (state === 'written-off') return state;
  return state === 'waiting' ? waitingGroup(reason) : 'settled';
}

export function waitingGroup(reason: string): WaitingGroup {
  return GROUPS[reason] ?? 'damaged';
}
