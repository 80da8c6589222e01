import {
  addToDeckSchedule,
  countStaleLines,
  countStaleQuarantine,
  type KeptDeckScheduleEntry,
  loadDeckSchedule,
  loadRateDecks,
  markLinesStaleSince,
  markUnpricedStale,
  type Queryable,
  type RateDeckDocument,
  registerRateDeck,
  type Transaction,
} from '../../ledger/index.ts';
import {
  compileDeck,
  type Deck,
  deckChangedFrom,
  type DeckFault,
  deckSpans,
  entriesToSchedule,
  type NumberingPlan,
  type ParsedDeck,
  parseDeck,
} from '../../tariffs/index.ts';
import type { LedgerAccess } from '../ledger-access.ts';

/** What is said of a deck that was registered. */
export interface RegisteredDeck {
  readonly kind: 'deck';
  readonly name: string;
  readonly version: string;
  readonly currency: string;
  readonly timeZone: string;
  /** How many prices it has. */
  readonly rates: number;
  /** Whether this very deck is in force then already, and whether the ledger had it before. */
  readonly isInUse: boolean;
  readonly wasKnown: boolean;
  /** Lines that are to be judged again because of it, and records in quarantine that are to be settled again. */
  readonly stale: StaleWork;
}

export interface StaleWork {
  readonly lines: number;
  readonly records: number;
}

/** Nothing of the deck was registered: every fault of its text. */
export interface DeckFaults {
  readonly kind: 'faults';
  readonly faults: readonly DeckFault[];
}

const NOTHING_STALE: StaleWork = { lines: 0, records: 0 };

/** What a deck is in where it does not say so itself. */
export const DECK_DEFAULTS = { currency: 'EUR', timeZone: 'Europe/Paris' };

/** From when on a deck is to be in force, and who says so. */
export interface DeckEntry {
  /** ms since the epoch, `-Infinity`: from ever on; `null`: for all calls, in place of every deck that is scheduled. */
  readonly from: number | null;
  readonly by: string;
  /** Only where no deck is scheduled. */
  readonly onlyFirst?: boolean;
  /**
   * What to check and to keep with it, once nobody else rates; it throws to leave all as it was.
   *
   * @param schedule as it is before
   */
  readonly alsoInTransaction?: (
    tx: Transaction,
    version: string,
    schedule: readonly KeptDeckScheduleEntry[],
  ) => Promise<void>;
}

/**
 * Checks the text of a deck file, registers it, and has it in force from an instant on: whole, or not at all. What was
 * rated with another deck before is marked to be priced again. What it does to charges is not looked at: `importDeck`
 * does.
 */
export async function registerDeck(
  ledger: LedgerAccess,
  file: string,
  document: string,
  entry: DeckEntry,
): Promise<RegisteredDeck | DeckFaults> {
  const parsed = readDeck(document, file, ledger.plan);
  return parsed.kind === 'faults' ? parsed : registerReadDeck(ledger, parsed.deck, document, entry);
}

/** The same of a deck that `readDeck` has read from the document. */
export async function registerReadDeck(
  { db, engine }: LedgerAccess,
  deck: Deck,
  document: string,
  entry: DeckEntry,
): Promise<RegisteredDeck> {
  const { name, version, currency, timeZone, rates } = compileDeck(deck);
  const known = await numberOfDeck(db, name, version);
  const isInUse = known !== null && entriesToSchedule(await loadDeckSchedule(db), known, entry.from).length === 0;
  // What a process that was killed in between has left waits still.
  const stale = isInUse
    ? await staleWork(db)
    : await engine.changeCatalogue((tx) => scheduleDeck(tx, { name, version, currency, timeZone, document }, entry));
  const wasKnown = known !== null;
  return { kind: 'deck', name, version, currency, timeZone, rates: rates.length, isInUse, wasKnown, stale };
}

async function numberOfDeck(q: Queryable, name: string, version: string): Promise<number | null> {
  const decks = await loadRateDecks(q);
  return decks.find((deck) => deck.name === name && deck.version === version)?.no ?? null;
}

async function scheduleDeck(
  tx: Transaction,
  deck: RateDeckDocument,
  { from, by, onlyFirst, alsoInTransaction }: DeckEntry,
): Promise<StaleWork> {
  const schedule = await loadDeckSchedule(tx);
  if (onlyFirst === true && schedule.length > 0) return NOTHING_STALE;
  const no = await registerRateDeck(tx, deck);
  const entries = entriesToSchedule(schedule, no, from);
  // Somebody else entered it meanwhile, or this did, and was cut off before it heard so.
  if (entries.length === 0) return staleWork(tx);
  await alsoInTransaction?.(tx, `${deck.name}@${deck.version}`, schedule);
  await addToDeckSchedule(tx, entries, by);
  if (schedule.length === 0) return NOTHING_STALE;
  await markUnpricedStale(tx);
  const before = deckSpans(schedule, 'call-start');
  const changed = deckChangedFrom(before, deckSpans([...schedule, ...entries], 'call-start'));
  if (changed !== null) await markLinesStaleSince(tx, changed);
  return staleWork(tx);
}

async function staleWork(q: Queryable): Promise<StaleWork> {
  return { lines: await countStaleLines(q), records: await countStaleQuarantine(q) };
}

/**
 * Reads a deck that calls are to be rated with: a destination that the numbering plan does not have is a fault, since
 * no call would ever be priced by it.
 */
export function readDeck(document: string, file: string, plan: NumberingPlan): ParsedDeck {
  const parsed = parseDeck(document, { ...DECK_DEFAULTS, name: deckNameOf(file) });
  if (parsed.kind === 'faults') return parsed;
  // A class stands for its destinations in a deck that is used with several plans.
  const known: ReadonlySet<string> = new Set(
    plan.destinations.flatMap((destination) => [destination.name, destination.class]),
  );
  const faults = parsed.deck.rows.flatMap(({ key, line }): DeckFault[] =>
    key.kind !== 'destination' || known.has(key.destination) ? [] : [unknownDestination(key.destination, line)],
  );
  return faults.length === 0 ? parsed : { kind: 'faults', faults };
}

function unknownDestination(value: string, line: number): DeckFault {
  const message = `Cannot price destination '${value}': the numbering plan has none of that name`;
  return { code: 'unknown-destination', line, column: 'destination', value, message };
}

/** A deck that names itself nowhere is called as its file. */
export function deckNameOf(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.csv$/i, '');
}
