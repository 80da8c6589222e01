import { standingLegs } from '../../engine/index.ts';
import { type Queryable, legsOfCallId } from '../../ledger/index.ts';

/** One record of a call of several: what it said, and what all of them together make of it. */
export interface ExplainedLeg {
  readonly switchId: string;
  readonly callId: string;
  readonly legId: string;
  /** How many legs of the call were known with the batch that brought it. */
  readonly known: number;
  /** What it said, for people. */
  readonly said: string;
  /** `call`: a carrier bills it; `no-call`: for `reason`; `waiting`: for `reason`, which `why` tells at length. */
  readonly outcome: 'call' | 'no-call' | 'waiting';
  readonly reason: string | null;
  /** Who pays, as the switch's records have it: the forwarder, the transferor, else who placed the call. */
  readonly payer: string | null;
  readonly number: string | null;
  /** Why this one pays, or why nobody can be told. */
  readonly why: string | null;
  /** The revision of the call: it came with so many legs known, but one. */
  readonly revision: number;
}

/**
 * The legs that are known of the calls with an id, of whatever switch, in the order in which they came to be known. It
 * looks through all legs that the ledger has.
 */
export async function explainLegs(q: Queryable, callId: string): Promise<ExplainedLeg[]> {
  const kept = await legsOfCallId(q, callId);
  const groups = Map.groupBy(kept, ({ switchId, groupId }) => JSON.stringify([switchId, groupId]));
  return [...groups.values()].flatMap((own) =>
    standingLegs(own).map(({ leg, known, said, reading, revision }): ExplainedLeg => {
      const { switchId, groupId, legId } = leg;
      const one = { switchId, callId: groupId, legId, known, said, revision };
      switch (reading.kind) {
        case 'call': {
          const { line, diversions, transferredBy, dialled } = reading.content;
          const payer = diversions.at(-1) ?? transferredBy ?? line;
          return { ...one, outcome: 'call', reason: null, payer, number: dialled, why: reading.why };
        }
        case 'not-a-call':
          return { ...one, outcome: 'no-call', reason: reading.reason, payer: null, number: null, why: null };
        case 'bad':
          return { ...one, outcome: 'waiting', reason: reading.reason, payer: null, number: null, why: reading.detail };
      }
    }),
  );
}
