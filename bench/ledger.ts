import { readFileSync } from 'node:fs';
import { loadNumberingPlan } from '../bin/load-numbering-plan.ts';
import { type Catalogue, loadCatalogue, RatingEngine } from '../engine/index.ts';
import { addToDeckSchedule, type Database, migrate, registerOffer, registerRateDeck } from '../ledger/index.ts';
import type { Offer } from '../rules/index.ts';
import { compileDeck, formatDeckFault, parseDeck } from '../tariffs/index.ts';
import type { Traffic } from './traffic.ts';
import { storeLines } from '../services/index.ts';

const DECK = new URL('../tariffs/decks/full-illimite-2026.csv', import.meta.url);
const OFFER = new URL('../rules/offers/full-illimite.json', import.meta.url);

export const plan = loadNumberingPlan();

/** Sets up an empty database as a ledger with the default offer and deck, and the lines of the traffic. */
export async function setUpLedger(db: Database, traffic: Pick<Traffic, 'accounts' | 'lines'>): Promise<void> {
  await migrate(db);
  const offer: Offer = JSON.parse(readFileSync(OFFER, 'utf8'));
  await registerOffer(db, offer);
  const document = readFileSync(DECK, 'utf8');
  const defaults = { name: 'full-illimite-2026', currency: 'EUR', timeZone: 'Europe/Paris' };
  const parsed = parseDeck(document, defaults);
  if (parsed.kind === 'faults') throw new Error(parsed.faults.map(formatDeckFault).join('\n'));
  const deckNo = await registerRateDeck(db, { ...defaults, version: compileDeck(parsed.deck).version, document });
  await addToDeckSchedule(db, [{ basis: 'call-start', from: -Infinity, deckNo }], 'bench');
  const engine = new RatingEngine(db, () => catalogueOf(db));
  await storeLines({ db, plan, engine }, traffic, { file: 'traffic', takenBy: 'bench', note: '' });
  // As `lines import` does: else a worker would judge all these lines beside its first calls.
  await engine.catchUp();
}

export function catalogueOf(db: Database): Promise<Catalogue> {
  return loadCatalogue(db, plan);
}
