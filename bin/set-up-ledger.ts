import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseOffer } from '../ingest/index.ts';
import {
  latestNumberingPlan,
  loadOffers,
  loadRateDecks,
  markEveryLineStale,
  registerNumberingPlan,
  registerOffer,
  registerRateDeck,
} from '../ledger/index.ts';
import { compileDeck, contentHash, parseDeck } from '../tariffs/index.ts';
import type { DeckFault } from '../tariffs/index.ts';
import { readNumberingTables } from './load-numbering-plan.ts';
import type { Ledger } from './open-ledger.ts';
import { changeForMany } from './rated-anew.ts';
import { plural } from './show-values.ts';

const DEFAULT_DECK = new URL('../tariffs/decks/full-illimite-2026.csv', import.meta.url);
const DEFAULT_OFFER = new URL('../rules/offers/full-illimite.json', import.meta.url);

/**
 * Gives a ledger what it can't rate without: the numbering plan's version, the default deck where it has none, the
 * default offer where it has none. Returns a line for each thing that it did; a ledger in use gets none.
 */
export async function setUpLedger(ledger: Pick<Ledger, 'db' | 'plan' | 'engine'>): Promise<string[]> {
  const { db, plan } = ledger;
  const did: string[] = [];
  const version = numberingPlanVersion();
  const known = await latestNumberingPlan(db);
  if (known?.version !== version) {
    const lines = await changeForMany(ledger, async (tx) => {
      await registerNumberingPlan(tx, version);
      return known === null ? 0 : markEveryLineStale(tx);
    });
    did.push(`Numbering plan ${version}: ${plan.destinations.length} destinations`);
    if (lines > 0) did.push(`It is another than before: ${plural(lines, 'line')} will be judged again`);
  }
  if ((await loadRateDecks(db)).length === 0) {
    const deck = await registerDeckFile(ledger, fileURLToPath(DEFAULT_DECK), readFileSync(DEFAULT_DECK, 'utf8'));
    if (deck.kind === 'faults') throw new Error(`Cannot read the default deck: ${deck.faults[0]?.message ?? ''}`);
    did.push(`Rate deck ${deck.name}@${deck.version}: ${deck.rates} prices, ${deck.currency}`);
  }
  if ((await loadOffers(db)).length === 0) {
    const names = new Set(plan.destinations.map(({ name }) => name));
    const parsed = parseOffer(readFileSync(DEFAULT_OFFER, 'utf8'), names);
    if (parsed.kind === 'faults') throw new Error(`Cannot read the default offer: ${parsed.faults[0]?.problem ?? ''}`);
    await registerOffer(db, parsed.offer);
    did.push(`Offer ${parsed.offer.id}: ${parsed.offer.name}`);
  }
  return did;
}

/** What is said of a deck that was registered. */
export interface RegisteredDeckFile {
  readonly kind: 'deck';
  readonly name: string;
  readonly version: string;
  readonly currency: string;
  readonly rates: number;
  /** Whether this very deck had been registered before. */
  readonly wasKnown: boolean;
  /** Lines that are to be judged again because of it. */
  readonly staleLines: number;
}

/** What a deck is in where it does not say so itself. */
export const DECK_DEFAULTS = { currency: 'EUR', timeZone: 'Europe/Paris' };

/**
 * Checks the text of a deck file and registers it: whole, or not at all. What was rated with another deck before is
 * marked to be priced again.
 */
export async function registerDeckFile(
  ledger: Pick<Ledger, 'db' | 'engine'>,
  file: string,
  document: string,
): Promise<RegisteredDeckFile | { readonly kind: 'faults'; readonly faults: readonly DeckFault[] }> {
  const parsed = parseDeck(document, { ...DECK_DEFAULTS, name: deckNameOf(file) });
  if (parsed.kind === 'faults') return parsed;
  const { name, version, currency, timeZone, rates } = compileDeck(parsed.deck);
  const before = await loadRateDecks(ledger.db);
  const wasKnown = before.some((deck) => deck.name === name && deck.version === version);
  const staleLines = wasKnown
    ? 0
    : await changeForMany(ledger, async (tx) => {
        await registerRateDeck(tx, { name, version, currency, timeZone, document });
        return before.length === 0 ? 0 : markEveryLineStale(tx);
      });
  return { kind: 'deck', name, version, currency, rates: rates.length, wasKnown, staleLines };
}

/** A deck that names itself nowhere is called as its file. */
export function deckNameOf(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.csv$/i, '');
}

/** A name for the tables' state: the hash of what they say. */
function numberingPlanVersion(): string {
  const tables = Object.values(readNumberingTables());
  return contentHash(tables.map(({ file, text }) => `${file}\n${text}`).join('\n'));
}
