import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ledgerCivilTime, parseOffer } from '../services/index.ts';
import { prepareMonthsAhead } from '../engine/index.ts';
import type { Offer } from '../rules/index.ts';
import {
  addRetroactiveChange,
  addToDeckSchedule,
  calledNumbers,
  countStaleLines,
  countStaleQuarantine,
  type KeptDeckScheduleEntry,
  latestNumberingPlan,
  loadDeckSchedule,
  loadOffers,
  loadRateDecks,
  markAllQuarantineStale,
  markEveryLineStale,
  markLinesStaleSince,
  markUnpricedStale,
  type Queryable,
  type RatedCalls,
  type RateDeckDocument,
  registerDestinations,
  registerNumberingPlan,
  registerOffer,
  registerRateDeck,
  settleFirstHome,
  type Transaction,
} from '../ledger/index.ts';
import {
  compileDeck,
  contentHash,
  deckChangedFrom,
  deckSpans,
  entriesToSchedule,
  parseDeck,
  type DeckFault,
  type NumberingPlan,
  type ParsedDeck,
} from '../tariffs/index.ts';
import { readNumberingTables } from './load-numbering-plan.ts';
import type { Ledger } from './ledger.ts';
import { plural, showInstant, showPeriod } from './show-values.ts';
import { userName } from './user-name.ts';

const DEFAULT_DECK = new URL('../tariffs/decks/full-illimite-2026.csv', import.meta.url);
const DEFAULT_OFFER = new URL('../rules/offers/full-illimite.json', import.meta.url);

/**
 * Gives a ledger what it can't rate without: the numbering plan's version, the default deck where it has none, the
 * default offer where it has none, and the months of today. Returns a line for each thing that it did; a ledger in
 * use gets none.
 */
export async function setUpLedger(ledger: Pick<Ledger, 'db' | 'plan' | 'engine'>): Promise<string[]> {
  const { db, plan } = ledger;
  const did: string[] = [];
  await settleFirstHome(db);
  const version = numberingPlanVersion();
  const known = await latestNumberingPlan(db);
  if (known?.version !== version) {
    const moved = known === null ? null : await callsElsewhere(db, plan);
    const lines = await ledger.engine.changeCatalogue(async (tx) => {
      await registerNumberingPlan(tx, version);
      await registerDestinations(
        tx,
        plan.destinations.map(({ name }) => name),
      );
      if (known === null) return 0;
      if (moved !== null) await keepPlanChange(tx, version, moved);
      await markAllQuarantineStale(tx);
      return markEveryLineStale(tx);
    });
    did.push(`Numbering plan ${version}: ${plan.destinations.length} destinations`);
    if (lines > 0) did.push(`It is another than before: ${plural(lines, 'line')} will be judged again`);
    if (moved !== null) {
      const from = showInstant(moved.from, await ledgerCivilTime(db));
      did.push(
        `WARNING: ${plural(moved.calls, 'call')} rated already, from ${from} on, go to another destination by it`,
      );
    }
  }
  if ((await loadDeckSchedule(db)).length === 0) {
    const deck = await registerDeckFile(ledger, fileURLToPath(DEFAULT_DECK), readFileSync(DEFAULT_DECK, 'utf8'), {
      from: -Infinity,
      by: userName(),
      onlyFirst: true,
    });
    if (deck.kind === 'faults') throw new Error(`Cannot read the default deck: ${deck.faults[0]?.message ?? ''}`);
    did.push(`Rate deck ${deck.name}@${deck.version}: ${deck.rates} prices, ${deck.currency}`);
  }
  if ((await loadOffers(db)).length === 0) {
    const offer = readDefaultOffer(plan);
    await registerOffer(db, offer);
    did.push(`Offer ${offer.id}: ${offer.name}`);
  }
  return [...did, ...(await setUpMonths(ledger))];
}

/** Months are made ahead by whoever may; a role that may not goes on, since calls of a missing month wait for it. */
async function setUpMonths({ db }: Pick<Ledger, 'db'>): Promise<string[]> {
  const { made, missing } = await prepareMonthsAhead(db, Date.now());
  return [
    ...(made.length === 0 ? [] : [`Months made: ${made.map(showPeriod).join(', ')}`]),
    ...(missing.length === 0
      ? []
      : [
          `Months ${missing.map(showPeriod).join(', ')} are missing, and this role may not make them: have their owner run 'fairtally setup'`,
        ]),
  ];
}

/** Calls that were rated, to numbers that the plan has under another destination than they were rated with. */
async function callsElsewhere(q: Queryable, plan: NumberingPlan): Promise<RatedCalls | null> {
  const moved = (await calledNumbers(q)).filter(
    ({ called, destination }) => plan.prefixPath(called)[0]?.destination.name !== destination,
  );
  if (moved.length === 0) return null;
  return {
    calls: moved.reduce((sum, { calls }) => sum + calls, 0),
    from: moved.reduce((first, { from }) => Math.min(first, from), Infinity),
  };
}

/** A numbering plan comes with the program: who runs the new version is who changes it. */
function keepPlanChange(tx: Transaction, version: string, { calls, from }: RatedCalls): Promise<void> {
  return addRetroactiveChange(tx, {
    kind: 'numbering-plan',
    version,
    reachesBack: from,
    calls,
    takenBy: userName(),
    note: 'another version of the program',
  });
}

/** The offer that a new ledger has. */
export function readDefaultOffer(plan: NumberingPlan): Offer {
  const parsed = parseOffer(readFileSync(DEFAULT_OFFER, 'utf8'), new Set(plan.destinations.map(({ name }) => name)));
  if (parsed.kind === 'faults') throw new Error(`Cannot read the default offer: ${parsed.faults[0]?.problem ?? ''}`);
  return parsed.offer;
}

/** What is said of a deck that was registered. */
export interface RegisteredDeckFile {
  readonly kind: 'deck';
  readonly name: string;
  readonly version: string;
  readonly currency: string;
  readonly rates: number;
  /** Whether this very deck is in force then already, and whether the ledger had it before. */
  readonly isInUse: boolean;
  readonly wasKnown: boolean;
  /** Lines that are to be judged again because of it, and records in quarantine that are to be settled again. */
  readonly stale: StaleWork;
}

interface StaleWork {
  readonly lines: number;
  readonly records: number;
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
 * rated with another deck before is marked to be priced again.
 */
export async function registerDeckFile(
  ledger: Pick<Ledger, 'db' | 'plan' | 'engine'>,
  file: string,
  document: string,
  entry: DeckEntry,
): Promise<RegisteredDeckFile | { readonly kind: 'faults'; readonly faults: readonly DeckFault[] }> {
  const parsed = readDeck(document, file, ledger.plan);
  if (parsed.kind === 'faults') return parsed;
  const { name, version, currency, timeZone, rates } = compileDeck(parsed.deck);
  const known = await numberOfDeck(ledger.db, name, version);
  const isInUse =
    known !== null && entriesToSchedule(await loadDeckSchedule(ledger.db), known, entry.from).length === 0;
  // What a process that was killed in between has left waits still.
  const stale = isInUse
    ? await staleWork(ledger.db)
    : await ledger.engine.changeCatalogue((tx) =>
        scheduleDeck(tx, { name, version, currency, timeZone, document }, entry),
      );
  return { kind: 'deck', name, version, currency, rates: rates.length, isInUse, wasKnown: known !== null, stale };
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

/** A name for the tables' state: the hash of what they say. */
function numberingPlanVersion(): string {
  const tables = Object.values(readNumberingTables());
  return contentHash(tables.map(({ file, text }) => `${file}\n${text}`).join('\n'));
}
