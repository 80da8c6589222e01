export { CONDITION_IDS, type ConditionId } from './condition-id.ts';
export type {
  ConditionSettings,
  ConversationalUseSettings,
  DistinctNumbersSettings,
  Effect,
  EffectMode,
  EquipmentSettings,
  IncludedClass,
  Offer,
  OfferCondition,
  RerateScope,
  Suspension,
  UsageClassSettings,
} from './offer.ts';
export type { CallFacts } from './call-facts.ts';
export { type Cidr, cidrContains, parseCidr } from './cidr.ts';
export {
  type BehaviourMeasures,
  type Measure,
  breaksConversationalUse,
  judgeConversationalUse,
} from './conversational-use.ts';
export { type DistinctNumbersEvidence, judgeDistinctNumbers } from './distinct-numbers.ts';
export { type EquipmentEvidence, equipmentEvidence } from './equipment.ts';
export { showsForwarding } from './forwarding.ts';
export { type MobilityEvidence, mobilityEvidence } from './sip-mobility.ts';
export { showsExcludedClass } from './usage-class.ts';
