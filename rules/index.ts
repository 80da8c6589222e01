export { CallFlag } from './call-flag.ts';
export type { CallFacts } from './call-facts.ts';
export { callLength, type CallLengthSettings } from './call-length.ts';
export { type Cidr, cidrContains, parseCidr } from './cidr.ts';
export type {
  AloneCondition,
  AloneFacts,
  CallRef,
  CallTo,
  CrossingCondition,
  EvidenceWords,
  FirstCallCondition,
  Found,
  HowFar,
  MeasuredCondition,
  MonthCall,
  MonthMeasures,
  ShowingCall,
} from './condition.ts';
export {
  CONDITION_IDS,
  CONDITIONS,
  type Condition,
  type ConditionId,
  type ConditionOf,
  type ConditionSettings,
  type Finding,
  type FindingCondition,
  conditionById,
  howFarOver,
  inWords,
  isFindingCondition,
} from './conditions.ts';
export {
  type BehaviourMeasures,
  type ConversationalUseSettings,
  type Measure,
  breaksConversationalUse,
  conversationalUse,
  judgeConversationalUse,
} from './conversational-use.ts';
export {
  type DistinctNumbersEvidence,
  type DistinctNumbersSettings,
  distinctNumbers,
  judgeDistinctNumbers,
} from './distinct-numbers.ts';
export type { Effect, EffectFault, EffectMode, IncludedClass, RerateScope, Suspension } from './effect.ts';
export { equipment, type EquipmentEvidence, equipmentEvidence, type EquipmentSettings } from './equipment.ts';
export { forwarding } from './forwarding.ts';
export {
  judgeMonthlyMinutes,
  monthlyMinutes,
  type MonthlyMinutesFinding,
  type MonthlyMinutesSettings,
  wholeSeconds,
} from './monthly-minutes.ts';
export type { Offer, OfferCondition } from './offer.ts';
export { type MobilityEvidence, sipMobility } from './sip-mobility.ts';
export { showsExcludedClass, usageClass, type UsageClassSettings } from './usage-class.ts';
