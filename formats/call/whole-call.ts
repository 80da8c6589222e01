import { asteriskLegText, readAsteriskLegs } from '../asterisk/asterisk-call.ts';
import { freeSwitchLegText, readFreeSwitchLegs } from '../freeswitch/freeswitch-call.ts';
import { freeSwitchCsvLegText, readFreeSwitchCsvLegs } from '../freeswitch/freeswitch-csv-legs.ts';
import { cucmLegText, readCucmLegs } from '../pbx/cucm-call.ts';
import { jambonzLegText, readJambonzLegs } from '../pbx/jambonz-call.ts';
import { proxyLegText, readProxyLegs } from '../proxies/proxy-dialog.ts';
import type { Leg, LegFamily } from './leg.ts';
import type { LegReading, ReadLegs } from './leg-reading.ts';

const TEXTS: Readonly<Record<LegFamily, (leg: Leg) => string>> = {
  asterisk: asteriskLegText,
  freeswitch: freeSwitchLegText,
  'freeswitch-csv': freeSwitchCsvLegText,
  proxy: proxyLegText,
  cucm: cucmLegText,
  jambonz: jambonzLegText,
};

/** What a leg says, for people. */
export function legText(leg: Leg): string {
  return TEXTS[leg.family](leg);
}

const FAMILIES: Readonly<Record<LegFamily, ReadLegs>> = {
  asterisk: readAsteriskLegs,
  freeswitch: readFreeSwitchLegs,
  'freeswitch-csv': readFreeSwitchCsvLegs,
  proxy: readProxyLegs,
  cucm: readCucmLegs,
  jambonz: readJambonzLegs,
};

/**
 * What the legs of one group come to, one reading for each leg, in their order; legs of each family are read by its
 * own function. A pure function of the set of legs.
 */
export function readLegs(legs: readonly Leg[]): readonly LegReading[] {
  const [first] = legs;
  if (first === undefined) return [];
  if (legs.every(({ family }) => family === first.family)) return FAMILIES[first.family](legs);
  const readings = new Map<Leg, LegReading>();
  for (const [family, own] of Map.groupBy(legs, (leg) => leg.family)) {
    for (const [index, reading] of FAMILIES[family](own).entries()) readings.set(own[index]!, reading);
  }
  return legs.map((leg) => readings.get(leg)!);
}
