import { type Decoded, type Leg, type LegReading, decodedOf, readLegs } from '../formats/index.ts';

/** A record of a file, with where it begins. */
export interface PlacedRecord {
  readonly decoded: Decoded;
  readonly position: number;
  /** Why its line pays, as the records of its call say; `null` for one that stands alone. */
  readonly why: string | null;
}

/** So many records are held to be read with the others of their calls; the rest of a larger file is read alone. */
export const MOST_TOGETHER = 100_000;

/** The records of a file, each of a leg as those of the same call say together. */
export function readTogether(records: readonly Omit<PlacedRecord, 'why'>[]): PlacedRecord[] {
  const groups = Map.groupBy(
    records.flatMap(({ decoded: { leg, witnesses = [] } }) => (leg === undefined ? [] : [leg, ...witnesses])),
    ({ switchId, groupId }) => JSON.stringify([switchId, groupId]),
  );
  const readings = new Map<Leg, LegReading>();
  for (const legs of groups.values()) {
    for (const [index, reading] of readLegs(legs).entries()) readings.set(legs[index]!, reading);
  }
  return records.map(({ decoded, position }) => {
    const reading = decoded.leg === undefined ? undefined : readings.get(decoded.leg);
    if (reading === undefined) return { decoded, position, why: null };
    return { decoded: decodedOf(reading), position, why: reading.kind === 'call' ? reading.why : null };
  });
}
