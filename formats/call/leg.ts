/** Which function reads the legs of a group: formats of one family read each other's. */
export type LegFamily = 'asterisk' | 'freeswitch' | 'freeswitch-csv' | 'proxy' | 'cucm' | 'jambonz';

const FAMILIES: ReadonlySet<string> = new Set<LegFamily>([
  'asterisk',
  'freeswitch',
  'freeswitch-csv',
  'proxy',
  'cucm',
  'jambonz',
]);

export function isLegFamily(text: string): text is LegFamily {
  return FAMILIES.has(text);
}

/**
 * Whether legs of another group may tell of the same call: a row of mod_cdr_csv that names the other leg of its call is
 * read in that leg's group, and one that names none in its own. What the former comes to then has a revision that hangs
 * on the legs known alone, never on which came first, and counts before whatever the latter does.
 */
export function isToldElsewhere({ family, groupId, legId }: Pick<Leg, 'family' | 'groupId' | 'legId'>): boolean {
  return family === 'freeswitch-csv' && groupId !== legId;
}

/** Legs that `isToldElsewhere` have so many more millionths as revision: groups of more legs are none. */
export const TOLD_ELSEWHERE_FROM = 100_000;

/** What calls come to as legs come to be known has such parts of 1 as revision, each written plainly: `0.000003`. */
export const REVISIONS_BELOW_ONE = 1_000_000;

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
