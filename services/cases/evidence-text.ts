import type { LineInBreach } from '../../ledger/index.ts';
import type { Finding, VerdictKind } from '../../rater/index.ts';
import { inWords } from '../../rules/index.ts';
import { type CivilTime, formatNumber } from '../../tariffs/index.ts';
import type { OwnHold } from './held-in-period.ts';
import { showInstant } from '../value-text.ts';

/** A user agent is shown so far: its subscriber may have made it as long as a record can be. */
const LONGEST_VALUE = 200;

/**
 * What shows a breach, in a sentence for someone who knows the offer and not the code.
 *
 * @param distinctNumbers how many numbers the line called in the whole month; the evidence ends at the one too many
 */
export function evidenceText(finding: Finding, civilTime: CivilTime, distinctNumbers?: number): string {
  return inWords(finding, {
    call: ({ startedAt, callId }) => `${showInstant(startedAt, civilTime)} (call ${callId})`,
    instant: (instant) => showInstant(instant, civilTime),
    number: formatNumber,
    text: beginning,
    numbersInMonth: distinctNumbers,
  });
}

type TakenDecision = LineInBreach['breaches'][number]['decisions'][number];

/** Where a breach stands: `in-force` by itself, `confirmed` by a person, `reinstated` when a person ended either. */
export type BreachStatus = 'in-force' | 'undecided' | 'confirmed' | 'dismissed' | 'reinstated';

/** Where a breach stands: by what was decided on it, and by what it holds (`null`: nothing). */
export function breachStatusOf(verdict: VerdictKind | null, hold: OwnHold | null): BreachStatus {
  if (verdict === 'dismiss') return 'dismissed';
  if (hold !== null && hold.reinstatement !== null) return 'reinstated';
  if (verdict === 'confirm') return 'confirmed';
  return hold === null ? 'undecided' : 'in-force';
}

/**
 * A decision in words: `reinstate by Ada, effective 2026-11-15: 'new phone' (decided on 2026-11-20 10:00:00)`. When it
 * takes effect and when it was taken are two things.
 */
export function decisionText(
  { kind, effectiveAt, decidedBy, note, decidedAt }: TakenDecision,
  civilTime: CivilTime,
): string {
  const why = note === '' ? '' : `: '${note}'`;
  return `${kind} by ${decidedBy}, effective ${showDay(effectiveAt, civilTime)}${why} (${takenText(decidedAt, civilTime)})`;
}

function takenText(decidedAt: number | null, civilTime: CivilTime): string {
  if (decidedAt === null) return 'decided at an unknown time';
  return `decided on ${showInstant(Math.floor(decidedAt / 1000) * 1000, civilTime)}`;
}

/** An instant; a day where it is the midnight that begins it. */
export function showDay(instant: number, civilTime: CivilTime): string {
  return showInstant(instant, civilTime).replace(/ 00:00:00$/, '');
}

/**
 * A finding as the database gives it back: it is written by the rater alone, so its condition vouches for its shape.
 */
export function isFinding(evidence: unknown): evidence is Finding {
  return typeof evidence === 'object' && evidence !== null && 'condition' in evidence && 'breachFrom' in evidence;
}

function beginning(value: string): string {
  if (value.length <= LONGEST_VALUE) return value;
  return `${Array.from(value.slice(0, 2 * LONGEST_VALUE))
    .slice(0, LONGEST_VALUE - 1)
    .join('')}…`;
}
