import { type AloneReading, aloneOf } from '../call/alone-reading.ts';
import type { Leg } from '../call/leg.ts';
import type { LegReading, ReadLegs } from '../call/leg-reading.ts';
import { MAX_TEXT_LENGTH } from '../canonical/canonical-fields.ts';
import type { Decoded } from '../format.ts';

/** What a record of jambonz says, with the settings applied. Kept as JSON for as long as the ledger lasts. */
interface JambonzSaid {
  /** Came from a registered device, or from a carrier; or was placed for one that came. */
  readonly role: 'device' | 'carrier' | 'placed';
  /** What it comes to alone; of one that was placed, were it nobody's other leg. */
  readonly alone: AloneReading;
}

/** A record with the ids by which it is known. */
export interface JambonzLeg {
  readonly role: JambonzSaid['role'];
  readonly switchId: string;
  /** The SIP Call-ID of the call that came. */
  readonly groupId: string;
  readonly callSid: string;
}

/** A record as a leg of the call that came; as it is where it can't be kept as one. */
export function asJambonzLeg(decoded: Decoded, { role, switchId, groupId, callSid }: JambonzLeg): Decoded {
  const said: JambonzSaid = { role, alone: aloneOf(decoded) };
  const leg: Leg = { family: 'jambonz', switchId, groupId, legId: callSid, evidence: JSON.stringify(said) };
  const ids = `${switchId} ${groupId} ${callSid}`;
  const isKeepable = ids.length <= MAX_TEXT_LENGTH && !ids.includes('\0') && ids.isWellFormed();
  const alone = role === 'placed' ? { kind: 'not-a-call' as const, reason: 'other-leg' as const } : decoded;
  return groupId === '' || callSid === '' || !isKeepable ? alone : { ...alone, leg };
}

/**
 * Reads what an application placed together with what came (`docs/reference/cdr-formats.md`, "jambonz"): for a device
 * it is the other leg; for a call from a carrier, which is nobody's of ours, it is a call of its own.
 */
export const readJambonzLegs: ReadLegs = (legs) => {
  const said = legs.map(({ evidence }): JambonzSaid => JSON.parse(evidence));
  const roles = new Set(said.map(({ role }) => role));
  const isOwn = roles.has('carrier') && !roles.has('device');
  return said.map(({ role, alone }): LegReading => {
    if (role === 'placed' && !isOwn) return { kind: 'not-a-call', reason: 'other-leg' };
    if (alone.kind !== 'call') return alone;
    return { ...alone, why: `the record names line ${alone.content.line}` };
  });
};

/** What a record says, for people. */
export function jambonzLegText({ legId, evidence }: Leg): string {
  const { role, alone }: JambonzSaid = JSON.parse(evidence);
  const what = alone.kind === 'call' ? `line ${alone.content.line}; number ${alone.content.dialled}` : alone.reason;
  return `record ${legId}; ${role === 'placed' ? 'placed by an application' : `from a ${role}`}; ${what}`;
}
