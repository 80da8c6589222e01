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
