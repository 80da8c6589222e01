/**
 * How often a property is tried: `few` times in `npm test`, `LONGER` times as often in `npm run test:long`, which tries
 * the same and more. HISTORIES says it outright: HISTORIES=5000 SEED=$RANDOM makes a run that nobody has seen.
 */
export function runsOf(few: number): number {
  const { HISTORIES, LONGER } = process.env;
  return HISTORIES === undefined ? few * Number(LONGER ?? 1) : Number(HISTORIES);
}
