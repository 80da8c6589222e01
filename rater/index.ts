export { CallColumns } from './call/call-columns.ts';
export { jsonString } from './call/json-string.ts';
export { BUCKET_COUNT, bucketOf, murmur2 } from './line/bucket.ts';
export { CallFlag } from './call/call-flags.ts';
export { type CallIdentity, type CallInBytes, type Cdr, isNoCall, type NoCall } from './call/cdr.ts';
export { type CompiledOffer, compileOffer, effectOf } from './rate/compiled-offer.ts';
export {
  DECISION_KINDS,
  SETTLING_KINDS,
  VERDICT_KINDS,
  bindingVerdict,
  takesBack,
  type DecisionKind,
  isDecisionKind,
  type VerdictKind,
  isReinstatement,
  reinstatementEnding,
  verdictOf,
} from './month/decision.ts';
export { Directory, ownerOf } from './line/directory.ts';
export { type Coverage, copyEntry, type Entry, type EntryKind, newEntry, type WritableEntry } from './rate/entry.ts';
export { type FactSpan, factSpansOf } from './line/fact-span.ts';
export { type CallRef, type Finding, type FindingCondition, compareCalls } from './month/finding.ts';
export { type FoundCondition, type Hold, NO_HOLDS, type PeriodBounds, holdsOf, sameHolds } from './month/holds.ts';
export { type CdrContent, canonicalText, type NoCallContent } from './call/canonical-text.ts';
export {
  compareIdentity,
  compareText,
  contentHash,
  contentHashOfText,
  identityHash,
  identityHashOfBytes,
  identityText,
} from './call/identity.ts';
export {
  type JudgedCall,
  type RecordedCall,
  hasOneOffer,
  judgeCall,
  judgeMeasures,
  judgePeriod,
  needsJudging,
  noteCrossing,
  takeIn,
} from './month/judge.ts';
export type { Decision, DeviceSpan, Line, LineSpan, NetworkSpan, UsageClass } from './line/line.ts';
export { hashOfId } from './line/line-index.ts';
export { LineState, factSpanAt } from './line/line-state.ts';
export {
  LONGEST_REGISTRATION_MS,
  NO_REGISTRATIONS,
  type Registration,
  type RegistrationAnswers,
  type RegistrationEvent,
  fittingRegistrations,
  lacksEvidence,
  registrationsAt,
} from './line/registration.ts';
export { isFirstTouch, isListedUnsettled, listUnsettled } from './month/month-records.ts';
export { MonthState, emptyMonthState, offersBetween, termsOf } from './month/month-state.ts';
export { factKeys, partiesOf, partyKeys, registeredKey, registeredKeysOf } from './call/party-keys.ts';
export type { RatedCall } from './rate/rated-call.ts';
export {
  type OrdinaryCall,
  isStillOrdinary,
  newOrdinaryCall,
  rateOrdinary,
  takeOrdinary,
} from './fast/rate-ordinary.ts';
export { SeenCalls } from './fast/seen-calls.ts';
export {
  type RatingContext,
  type RatingOutcome,
  type UnratedReason,
  coverageOf,
  isFree,
  needsRegistrations,
  rateCall,
  reasonOf,
} from './rate/rate-call.ts';
export {
  type BreachOfLine,
  type Closes,
  NO_CLOSES,
  NONE_CLOSED,
  billedPeriodOf,
  breachKey,
  closesThrough,
  isFoundAfterClose,
} from './period/closes.ts';
export { PERIOD_STATES, type PeriodState, mayMovePeriod } from './period/period-state.ts';
export { type IdentifiedRecord, type LosingReason, losingReason, recordToBill } from './call/settle-records.ts';
export { type SuspendedStretch, lastSuspension } from './line/suspension.ts';
