import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  callsOnceRated,
  callsPricedAlike,
  callsPricedAlikeSince,
  loadRateDecks,
  type OnceRated,
  type PricedAlike,
  readHeads,
  type RegisteredRateDeck,
  type Transaction,
} from '../../ledger/index.ts';
import {
  type Deck,
  type DeckChange,
  type PriceDifference,
  compileCivilTime,
  compileDeck,
  diffDecks,
  formatDeckFault,
  parseDeck,
} from '../../tariffs/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { loadNumberingPlan } from '../load-numbering-plan.ts';
import type { Ledger } from '../ledger.ts';
import { withExistingLedger, withLedger } from '../open-ledger.ts';
import { readTextFile } from '../read-text-file.ts';
import { rateAgain } from '../rated-again.ts';
import {
  checkRetroactive,
  datesOf,
  deckReachBack,
  keepReachBack,
  type ReachBack,
  refuseReachBack,
  retroactiveLines,
  type RetroactiveOptions,
} from '../retroactive.ts';
import { DECK_DEFAULTS, deckNameOf, readDeck, registerDeckFile } from '../set-up-ledger.ts';
import { plural, showInstant } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { unpricedCalls } from '../unpriced-calls.ts';

export interface ImportDeckOptions extends PlaceOptions, RetroactiveOptions {
  /** Import it though calls of the ledger have no price in it: they go to quarantine, if it may reach back, too. */
  readonly allowUnpriced?: boolean;
}

/**
 * `fairtally decks import FILE`: checks a rate deck and registers it, after which calls are priced with it, those rated
 * before too. One that has no price for calls of the ledger is refused, and so is one that changes prices of the past.
 */
export async function importDeck(file: string, options: ImportDeckOptions, terminal: Terminal): Promise<void> {
  checkRetroactive(options);
  const text = await readTextFile(resolve(terminal.folder, file), file);
  // Checked before a ledger is opened, let alone made.
  const checked = readDeck(text, file, loadNumberingPlan());
  if (checked.kind === 'faults') throw deckFaults(file, checked.faults);
  await withLedger(options, terminal, async (ledger) => {
    const checks = await checkDeck(ledger, file, checked.deck, options);
    const deck = await registerDeckFile(ledger, file, text, checks.inTransaction);
    if (deck.kind === 'faults') throw deckFaults(file, deck.faults);
    const what = `${deck.name}@${deck.version}: ${plural(deck.rates, 'price')}, ${deck.currency}`;
    if (deck.isInUse) return print(terminal, `Deck ${what} is in use already: nothing changed`);
    print(terminal, deck.wasKnown ? `Deck ${what} is in use again` : `Imported deck ${what}`);
    if (deck.staleLines === 0) return;
    print(terminal, `Pricing the calls of ${plural(deck.staleLines, 'line')} again …`);
    print(terminal, ...(await rateAgain(ledger)));
  });
}

/**
 * Refuses a deck without prices for calls of the ledger, or that changes prices of the past, unless it was asked for.
 * What is charged for a rated call changes by either: `--allow-unpriced` says that calls may go to quarantine, and
 * `--retroactive`, with the note that is kept, that what was rated may change. Returns what to check and keep in the
 * transaction that registers it: calls may have been rated since, and another deck may be in use.
 */
async function checkDeck(
  { db, plan }: Ledger,
  file: string,
  deck: Deck,
  options: ImportDeckOptions,
): Promise<{ readonly inTransaction: (tx: Transaction, version: string) => Promise<void> }> {
  const subject = `import deck '${file}'`;
  const inUse = (await loadRateDecks(db)).at(-1) ?? null;
  const before = inUse === null ? null : deckInUse(inUse);
  const compiled = compileDeck(deck);
  const dates = datesOf(before === null ? [compiled] : [compiled, compileDeck(before)]);
  const heads = await readHeads(db);
  const now = Date.now();
  const check = (alike: readonly PricedAlike[], once: readonly OnceRated[]): ReachBack | null => {
    refuseUnpriced(subject, unpricedCalls(alike, compiled), options);
    const reach = before === null ? null : deckReachBack({ before, after: deck, alike, once, plan, now });
    refuseReachBack(subject, reach, options);
    return reach;
  };
  const reach = check(await callsPricedAlike(db, dates), await callsOnceRated(db));
  return {
    inTransaction: async (tx, version) => {
      if ((await loadRateDecks(tx)).at(-1)?.no !== inUse?.no) {
        throw new CommandError(`Cannot ${subject}: another deck was imported meanwhile; try again`);
      }
      const since = check(await callsPricedAlikeSince(tx, dates, heads), await callsOnceRated(tx));
      await keepReachBack(tx, 'rate-deck', version, reach ?? since, options);
    },
  };
}

function refuseUnpriced(subject: string, unpriced: string | null, { allowUnpriced }: ImportDeckOptions): void {
  if (unpriced === null || allowUnpriced === true) return;
  throw new CommandError(
    `Cannot ${subject}: ${unpriced}; '--allow-unpriced' with '--retroactive --note TEXT' imports it, puts these calls ` +
      `in quarantine, and keeps who did and why`,
  );
}

function deckInUse({ name, currency, timeZone, document }: RegisteredRateDeck): Deck {
  const parsed = parseDeck(document, { name, currency, timeZone });
  if (parsed.kind === 'faults') throw new CommandError(parsed.faults.map(formatDeckFault));
  return parsed.deck;
}

/** `fairtally decks list`: the decks of the ledger, the one in use last. */
export async function listDecks(options: PlaceOptions, terminal: Terminal): Promise<void> {
  await withExistingLedger(options, terminal, async (ledger) => {
    const decks = await loadRateDecks(ledger.db);
    const rows = decks.map(({ no, name, version, currency, timeZone }, index) => [
      String(no),
      `${name}@${version}`,
      currency,
      timeZone,
      index === decks.length - 1 ? 'in use' : '',
    ]);
    const headings = ['no', 'deck', 'currency', 'time zone', ''];
    print(
      terminal,
      ...textTable(
        headings.map((heading) => ({ heading, align: 'left' })),
        rows,
      ),
      ...(await retroactiveLines(ledger, 'rate-deck')),
    );
  });
}

export interface DiffOptions extends PlaceOptions {
  /** Prices in force from this day on are compared; from now on when not given. */
  readonly at?: string;
}

/**
 * `fairtally decks diff A B`: what changes for the customer when deck B replaces deck A. Each is a file, or a deck of
 * the ledger by its name, version or both.
 */
export async function diffDeckFiles(a: string, b: string, options: DiffOptions, terminal: Terminal): Promise<void> {
  const before = await deckNamed(a, options, terminal);
  const after = await deckNamed(b, options, terminal);
  const civilTime = compileCivilTime(after.timeZone);
  const at = options.at === undefined ? Math.floor(Date.now() / 1000) * 1000 : civilTime.parseInstant(options.at);
  if (at === null)
    throw usageError(`Cannot use --at '${options.at ?? ''}': it is no day or instant such as '2026-12-01'`);
  const changes = diffDecks(before, after, at);
  if (changes.length === 0) return print(terminal, 'Nothing changes');
  const count = (wanted: (change: DeckChange) => boolean): number => changes.filter(wanted).length;
  print(
    terminal,
    `${plural(changes.length, 'change')}: ` +
      `${count(({ direction }) => direction === 'rise')} dearer, ${count(({ direction }) => direction === 'fall')} cheaper, ` +
      `${count(({ direction }) => direction === 'mixed')} both, ${count(({ change }) => change === 'added')} added, ` +
      `${count(({ change }) => change === 'removed')} removed`,
    // An import compares nothing with a day: it prices every call by its start, and no period is closed yet.
    `Prices in force at ${showInstant(at, civilTime)} and after it are compared. 'decks import' puts B in the place of A for all`,
    'calls, by their dates, those already rated included: no period is closed yet',
    '',
    ...textTable(
      [
        { heading: 'key', align: 'left' },
        { heading: 'destination', align: 'left', maxWidth: 34 },
        { heading: 'from', align: 'left' },
        { heading: 'change', align: 'left' },
      ],
      changes.map((change) => [
        change.key,
        change.destination,
        change.from === at ? 'by its dates' : showInstant(change.from, civilTime),
        describeChange(change),
      ]),
    ),
  );
}

function describeChange({ change, differences, direction }: DeckChange): string {
  if (change !== 'changed') return change;
  return `${DIRECTIONS[direction]}: ${differences.map(describeDifference).join('; ')}`;
}

const DIRECTIONS = { rise: 'dearer', fall: 'cheaper', mixed: 'dearer and cheaper', same: 'same price' } as const;

function describeDifference({ part, bandAfter, before, after }: PriceDifference): string {
  const words = part.replace(/S$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return `${words}${bandAfter === null ? '' : ` (${bandAfter})`} ${before} -> ${after}`;
}

async function deckNamed(name: string, options: PlaceOptions, terminal: Terminal): Promise<Deck> {
  const path = resolve(terminal.folder, name);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) return deckOf(text, name);
  return withExistingLedger(options, terminal, async ({ db }) => deckOfLedger(db, name));
}

async function deckOfLedger(db: Ledger['db'], wanted: string): Promise<Deck> {
  const found = (await loadRateDecks(db)).findLast(({ name, version }) =>
    [name, version, `${name}@${version}`].includes(wanted),
  );
  if (found === undefined)
    throw new CommandError(`Cannot find deck '${wanted}': it is no file and no deck of the ledger`);
  return deckOf(found.document, found.name);
}

function deckOf(text: string, file: string): Deck {
  const parsed = parseDeck(text, { ...DECK_DEFAULTS, name: deckNameOf(file) });
  if (parsed.kind === 'faults') throw deckFaults(file, parsed.faults);
  return parsed.deck;
}

function deckFaults(
  file: string,
  faults: Extract<ReturnType<typeof parseDeck>, { kind: 'faults' }>['faults'],
): CommandError {
  return new CommandError(faults.map((fault) => `${file}: ${formatDeckFault(fault)}`));
}
