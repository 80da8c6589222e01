import type { WaitingReason } from '../../engine/index.ts';
import type { BadRecordReason } from '../../formats/index.ts';
import type { LosingReason, UnratedReason } from '../../rater/index.ts';
import { type Refusal, refusal } from '../refusals.ts';

/** Why a record is in quarantine: `docs/reference/reasons.md`. */
export type QuarantineReason = BadRecordReason | UnratedReason | WaitingReason | LosingReason | 'read-otherwise';

/** Written out so that the compiler refuses one too few and one too many. */
const REASONS = {
  'broken-frame': true,
  'bad-header': true,
  'too-long': true,
  'too-many-records': true,
  'invalid-utf8': true,
  'not-json': true,
  'not-xml': true,
  'half-a-call': true,
  'call-too-long': true,
  'not-an-object': true,
  'broken-quoting': true,
  'column-count': true,
  'duplicate-field': true,
  'unsupported-version': true,
  'unknown-field': true,
  'missing-field': true,
  'invalid-field': true,
  'no-identity': true,
  'no-line': true,
  'no-number': true,
  'unclear-number': true,
  'unnamed-trunk': true,
  contradiction: true,
  'incomplete-call': true,
  'nonexistent-local-time': true,
  'duration-mismatch': true,
  'rating-failed': true,
  'start-out-of-range': true,
  'start-implausible': true,
  'duration-out-of-range': true,
  'empty-number': true,
  'not-a-number': true,
  'service-code': true,
  'foreign-context': true,
  'malformed-number': true,
  'ambiguous-number': true,
  'unknown-short-code': true,
  'routing-prefix': true,
  'unassigned-number': true,
  'wrong-length': true,
  'unknown-line': true,
  'no-rate': true,
  'month-not-prepared': true,
  conflict: true,
  superseded: true,
  'read-otherwise': true,
} as const satisfies Readonly<Record<QuarantineReason, true>>;

/** Every code that a record can wait under. */
export const QUARANTINE_REASONS: readonly string[] = Object.keys(REASONS);

export function isQuarantineReason(reason: string): reason is QuarantineReason {
  return Object.hasOwn(REASONS, reason);
}

/** A code that is mistyped would look like a reason for which nothing waits. */
export function reasonFaults(reason: string | undefined): Refusal[] {
  if (reason === undefined || isQuarantineReason(reason)) return [];
  return [refusal('reason-unknown', { reason, reasons: QUARANTINE_REASONS.join(', ') })];
}
