/** The conditions of article 7, by the ids of the domain page. One file of this folder each. */
export const CONDITION_IDS = [
  'distinct-numbers',
  'forwarding',
  'sip-mobility',
  'equipment',
  'usage-class',
  'conversational-use',
] as const;

export type ConditionId = (typeof CONDITION_IDS)[number];
