import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Cdr, Line } from '../../rater/index.ts';
import type { Offer } from '../../rules/index.ts';
import type { OracleDeckRow, OracleRegistration, OracleResult } from '../support/oracle/oracle-types.ts';
import { judgeEverything } from '../support/oracle/oracle.ts';
import { classify } from '../support/oracle-view.ts';

const OFFER = new URL('../../rules/offers/full-illimite.json', import.meta.url);
const DECK = new URL('../../tariffs/decks/full-illimite-2026.csv', import.meta.url);

const deckRow = z.object({
  destination: z.string(),
  price_per_minute: z.string(),
  connection_charge: z.string(),
  price_per_call: z.string(),
  initial_increment_s: z.coerce.number(),
  next_increment_s: z.coerce.number(),
});

/** What the oracle makes of records under the offer and the rate deck that `fairtally setup` gives a new ledger. */
export function judgeRecords(
  records: readonly Cdr[],
  lines: readonly Line[],
  registrations: readonly OracleRegistration[] = [],
): OracleResult {
  const offer: Offer = JSON.parse(readFileSync(OFFER, 'utf8'));
  const deck = defaultDeck();
  return judgeEverything({ records, lines, offers: [offer], decisions: [], deck, classify, registrations });
}

/** The default rate deck, read without the product's reader: all its rows are plain prices of destinations. */
function defaultDeck(): OracleDeckRow[] {
  const rows: unknown = parse(readFileSync(DECK), { columns: true, comment: '#', comment_no_infix: true });
  return z
    .array(deckRow)
    .parse(rows)
    .map((row) => ({
      of: { destination: row.destination },
      pricePerMinute: row.price_per_minute || '0',
      // No row has both.
      connection: row.connection_charge || row.price_per_call || '0',
      initialIncrementS: row.initial_increment_s,
      nextIncrementS: row.next_increment_s,
      effectiveFrom: 0,
      effectiveTo: null,
    }));
}
