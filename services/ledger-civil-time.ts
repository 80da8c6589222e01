import { type Queryable, ledgerUnits } from '../ledger/index.ts';
import { type CivilTime, compileCivilTime } from '../tariffs/index.ts';

const DEFAULT_ZONE = 'Europe/Paris';

/** The civil time of a ledger: that of its offers, which all share one. */
export async function ledgerCivilTime(q: Queryable): Promise<CivilTime> {
  return compileCivilTime(await ledgerTimeZone(q));
}

/** Its name in the IANA list. */
export async function ledgerTimeZone(q: Queryable): Promise<string> {
  return (await ledgerUnits(q)).timeZone ?? DEFAULT_ZONE;
}

/** Whether a text is a day or an instant with its offset, as `instantOf` reads them; days begin in any zone. */
export function isInstantText(text: string): boolean {
  return read(text, compileCivilTime(DEFAULT_ZONE)) !== null;
}

/**
 * What a day or an instant with its offset means, ms since the epoch: a day its beginning, in the zone of the ledger's
 * offers. What is finer than a millisecond is dropped. `null`: it is neither.
 */
export async function instantOf(q: Queryable, text: string): Promise<number | null> {
  // The ledger is asked for its zone only where it matters.
  return read(text, DAY.test(text) ? await ledgerCivilTime(q) : compileCivilTime(DEFAULT_ZONE));
}

const DAY = /^\d{4}-\d\d-\d\d$/;

function read(text: string, { parseInstant }: CivilTime): number | null {
  return parseInstant(text.replace(/(\.\d{3})\d+/, '$1'));
}
