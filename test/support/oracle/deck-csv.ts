import type { OracleDeckRow } from './oracle-types.ts';

const HEADER =
  'destination,prefix,short_code,price_per_minute,connection_charge,initial_increment_s,next_increment_s,' +
  'minimum_charge,effective_from,effective_to';

/** The oracle's plain rows as a rate deck file. */
export function deckCsvOf(rows: readonly OracleDeckRow[]): string {
  return `${[HEADER, ...rows.map(csvLine)].join('\n')}\n`;
}

function csvLine(row: OracleDeckRow): string {
  return [
    'destination' in row.of ? `"${row.of.destination}"` : '',
    'prefix' in row.of ? row.of.prefix : '',
    'shortCode' in row.of ? row.of.shortCode : '',
    row.pricePerMinute,
    row.connection,
    row.initialIncrementS,
    row.nextIncrementS,
    row.minimumCharge ?? '',
    new Date(row.effectiveFrom).toISOString(),
    row.effectiveTo === null ? '' : new Date(row.effectiveTo).toISOString(),
  ].join(',');
}
