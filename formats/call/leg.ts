/** Which function reads the legs of a group: formats of one family read each other's. */
export type LegFamily = 'asterisk' | 'freeswitch' | 'freeswitch-csv' | 'proxy';

const FAMILIES: ReadonlySet<string> = new Set<LegFamily>(['asterisk', 'freeswitch', 'freeswitch-csv', 'proxy']);

export function isLegFamily(text: string): text is LegFamily {
  return FAMILIES.has(text);
}

/**
 * One record of a call that may have several, as evidence for the others. Who it is: switch, group and leg; the same
 * leg with the same evidence is a duplicate.
 */
export interface Leg {
  readonly family: LegFamily;
  readonly switchId: string;
  /** What the switch's records of one call share, such as Asterisk's `linkedid`. */
  readonly groupId: string;
  /** The record's own id within the group. */
  readonly legId: string;
  /** What the record says, as the text that the family's function reads: no setting is needed any more. */
  readonly evidence: string;
}

/** Who a leg is within its group, and what it says, as one text that no other leg of the group has. */
export function legKey({ family, legId, evidence }: Leg): string {
  return `${family}\n${legId.length}\n${legId}${evidence}`;
}
