import type { ExplainedLeg } from '../services/index.ts';
import { wrapText } from './text-table.ts';

/** The legs of a call, what each said, and what they come to together. */
export function legLines(legs: readonly ExplainedLeg[], columns: number): string[] {
  if (legs.length === 0) return [];
  const ends = legs.length === 1 ? '1 record is known of this call' : `${legs.length} records are known of this call`;
  return [
    '',
    `${ends}:`,
    ...legs.flatMap((leg) => [
      ...wrapText(`${leg.legId}: ${leg.said}`, columns, '  ', '    '),
      ...wrapText(outcomeText(leg), columns, '    ', '    '),
    ]),
  ];
}

function outcomeText({ outcome, reason, payer, number, why, known }: ExplainedLeg): string {
  const since = known === 1 ? '' : ` (${known} records known)`;
  if (outcome === 'call') return `= a call of ${payer ?? ''} to ${number ?? ''}: ${why ?? ''}${since}`;
  if (outcome === 'no-call') return `= no call: ${reason ?? ''}${since}`;
  return `= waits as ${reason ?? ''}: ${why ?? ''}${since}`;
}

/** The legs beside what a call's explanation says as JSON. */
export function withLegs(explained: unknown, legs: readonly ExplainedLeg[]): unknown {
  return typeof explained === 'object' ? { ...explained, legs } : explained;
}
