export { CallColumns } from './call-columns.ts';
export { BUCKET_COUNT, bucketOf } from './bucket.ts';
export { CallFlag } from './call-flags.ts';
export { type CallIdentity, type CallInBytes, type Cdr, isNoCall, type NoCall } from './cdr.ts';
export { type CompiledOffer, compileOffer, effectOf } from './compiled-offer.ts';
export { type DecisionKind, type VerdictKind, isReinstatement, reinstatementEnding, verdictOf } from './decision.ts';
export { Directory, ownerOf } from './directory.ts';
export type { Coverage, Entry, EntryKind } from './entry.ts';
export { type FactEpoch, factEpochs } from './fact-epoch.ts';
export { type CallRef, type Finding, type FindingCondition, compareCalls } from './finding.ts';
export { type FoundCondition, type Hold, NO_HOLDS, type PeriodBounds, holdsOf, sameHolds } from './holds.ts';
export { type CdrContent, canonicalText, type NoCallContent } from './canonical-text.ts';
export {
  compareIdentity,
  contentHash,
  contentHashOfText,
  identityHash,
  identityHashOfBytes,
  identityText,
} from './identity.ts';
export {
  type RecordedCall,
  hasOneOffer,
  judgeCall,
  judgeMeasures,
  judgePeriod,
  needsJudging,
  noteCrossing,
  takeIn,
} from './judge.ts';
export type { Decision, DeviceSpan, Line, LineSpan, NetworkSpan, UsageClass } from './line.ts';
export { hashOfId } from './line-index.ts';
export { LineState, epochAt } from './line-state.ts';
export { isFirstTouch, isListedUnsettled, listUnsettled } from './month-records.ts';
export { MonthState, emptyMonthState, offersBetween, termsOf } from './month-state.ts';
export { factKeys, partiesOf, partyKeys } from './party-keys.ts';
export type { RatedCall } from './rated-call.ts';
export { type OrdinaryCall, isStillOrdinary, newOrdinaryCall, rateOrdinary, takeOrdinary } from './rate-ordinary.ts';
export { type RatingContext, type RatingOutcome, type UnratedReason, isFree, rateCall } from './rate-call.ts';
export { SeenCalls } from './seen-calls.ts';
export { type IdentifiedRecord, type LosingReason, losingReason, recordToBill } from './settle-records.ts';
export { type SuspendedStretch, lastSuspension } from './suspension.ts';
