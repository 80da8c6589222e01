import { type Leg, legKey } from '../../formats/index.ts';
import type { UnreadRecord } from '../../ledger/index.ts';
import type { DeliveredRecord } from '../delivery.ts';
import { type KnownLeg, type StandingLeg, standingOf } from './leg-group.ts';
import { legRecordKey } from '../settling/record-keys.ts';

/** Of legs that are no news, by `legKey`: the leg that was known before of the same record. */
export type RepeatedLegs = ReadonlyMap<string, Leg>;

const NONE: RepeatedLegs = new Map();

/**
 * The legs of records that are known already, and are read with other settings now, where that would have a call of
 * before be none, or wait: it was taken in and is billed, and nobody can repair it. So they are what they were known
 * as, all of the delivery's of this group. Where no call gets lost they are news: the earlier settings may have been
 * the wrong ones.
 */
export function repeatedLegs(prior: readonly KnownLeg[], brought: readonly KnownLeg[]): RepeatedLegs {
  if (prior.length === 0) return NONE;
  const again = brought
    .map((one) => ({ one, known: prior.filter((other) => isOfSameRecord(one, other)) }))
    .filter(({ known }) => known.length > 0);
  if (again.length === 0) return NONE;
  const before = standingOf(prior);
  const after = standingOf([...prior, ...brought]);
  const wasCall = (one: KnownLeg): boolean => kindOf(one, before) === 'call';
  const isLost =
    prior.some((one) => wasCall(one) && kindOf(one, after) !== 'call') ||
    again.some(({ one, known }) => known.some(wasCall) && kindOf(one, after) === 'bad');
  if (!isLost) return NONE;
  return new Map(again.map(({ one, known }) => [legKey(one.leg), (known.find(wasCall) ?? known.at(-1)!).leg]));
}

function kindOf({ leg }: KnownLeg, standing: ReadonlyMap<string, StandingLeg>): string | undefined {
  return standing.get(legKey(leg))?.reading.kind;
}

function isOfSameRecord({ leg, recordHash }: KnownLeg, other: KnownLeg): boolean {
  return recordHash !== null && recordHash === other.recordHash && isSameLeg(leg, other.leg);
}

function isSameLeg(leg: Leg, other: Leg): boolean {
  return leg.family === other.family && leg.legId === other.legId;
}

/**
 * Of legs that can't be decided, those of which a record has the id and is decided: where it has the bytes, too, it is
 * the same record, read with other settings.
 */
export function readAgain(
  prior: readonly KnownLeg[],
  records: readonly DeliveredRecord[],
  standing: ReadonlyMap<string, StandingLeg>,
): UnreadRecord[] {
  const isBad = (leg: Leg): boolean => standing.get(legKey(leg))?.reading.kind === 'bad';
  const undecided = prior.filter(({ leg }) => isBad(leg));
  if (undecided.length === 0) return [];
  return records.flatMap(({ decoded: { leg: given }, buffer, start, end }) => {
    if (given === undefined || isBad(given)) return [];
    return undecided
      .filter(({ leg }) => isSameLeg(leg, given))
      .map(({ leg }) => ({
        recordKey: Buffer.from(legRecordKey(leg), 'hex'),
        record: buffer.subarray(start, end),
      }));
  });
}
