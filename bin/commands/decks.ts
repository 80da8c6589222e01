import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  callsOnceRated,
  callsPricedAlike,
  callsPricedAlikeSince,
  loadDeckSchedule,
  loadRateDecks,
  type OnceRated,
  type PricedAlike,
  readHeads,
} from '../../ledger/index.ts';
import {
  type Deck,
  type DeckChange,
  type DeckScheduleEntry,
  type PriceDifference,
  compileCivilTime,
  compileDeck,
  compileDeckSchedule,
  deckSpans,
  diffDecks,
  entriesToSchedule,
  formatDeckFault,
  parseDay,
  parseDeck,
  spanAt,
} from '../../tariffs/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { loadNumberingPlan } from '../load-numbering-plan.ts';
import type { Ledger } from '../ledger.ts';
import { withExistingLedger, withLedger } from '../open-ledger.ts';
import { type ReadSpan, ScheduleReader } from '../read-schedule.ts';
import { readTextFile } from '../read-text-file.ts';
import { rateAgain } from '../rated-again.ts';
import {
  checkRetroactive,
  datesOf,
  deckReachBack,
  isRepriced,
  keepReachBack,
  type ReachBack,
  refuseReachBack,
  retroactiveLines,
  type RetroactiveOptions,
} from '../retroactive.ts';
import { DECK_DEFAULTS, type DeckEntry, deckNameOf, readDeck, registerDeckFile } from '../set-up-ledger.ts';
import { SCHEDULE_HEADINGS, scheduleRows, showDay } from '../show-schedule.ts';
import { plural, showInstant } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { unpricedCalls } from '../unpriced-calls.ts';
import { userName } from '../user-name.ts';

export interface ImportDeckOptions extends PlaceOptions, RetroactiveOptions {
  /** Import it though calls of the ledger have no price in it: they go to quarantine, if it may reach back, too. */
  readonly allowUnpriced?: boolean;
  /** The civil day, in the deck's zone, from which on it prices calls: `2026-12-01`; or `ever`. */
  readonly from?: string;
}

/**
 * `fairtally decks import FILE`: checks a rate deck, registers it and schedules it, after which it prices the calls
 * that start from a day on, or all of them, those rated before too. One that has no price for such calls of the ledger
 * is refused, and so is one that changes prices of the past.
 */
export async function importDeck(file: string, options: ImportDeckOptions, terminal: Terminal): Promise<void> {
  checkRetroactive(options);
  const text = await readTextFile(resolve(terminal.folder, file), file);
  // Checked before a ledger is opened, let alone made.
  const checked = readDeck(text, file, loadNumberingPlan());
  if (checked.kind === 'faults') throw deckFaults(file, checked.faults);
  const from = fromOf(options, checked.deck);
  await withLedger(options, terminal, async (ledger) => {
    const alsoInTransaction = await checkDeck(ledger, file, checked.deck, { ...options, instant: from });
    const deck = await registerDeckFile(ledger, file, text, { from, by: options.by ?? userName(), alsoInTransaction });
    if (deck.kind === 'faults') throw deckFaults(file, deck.faults);
    const when = await whenInForce(ledger, checked.deck, from);
    const what = `${deck.name}@${deck.version}: ${plural(deck.rates, 'price')}, ${deck.currency}`;
    if (deck.isInUse) print(terminal, `Deck ${what} is in use already${when}: nothing changed`);
    else print(terminal, deck.wasKnown ? `Deck ${what} is in use again${when}` : `Imported deck ${what}${when}`);
    const { lines, records } = deck.stale;
    if (lines === 0 && records === 0) return;
    if (lines > 0) print(terminal, `Pricing the calls of ${plural(lines, 'line')} again …`);
    else print(terminal, `Settling ${plural(records, 'record')} of quarantine again …`);
    print(terminal, ...(await rateAgain(ledger)));
  });
}

/** ms since the epoch, `-Infinity` for `ever`; `null`: for all calls. */
function fromOf({ from }: ImportDeckOptions, { timeZone }: Deck): number | null {
  if (from === undefined) return null;
  if (from === 'ever') return -Infinity;
  const instant = parseDay(from, compileCivilTime(timeZone));
  if (instant === null)
    throw usageError(`Cannot use --from '${from}': it is neither a day such as '2026-12-01' nor 'ever'`);
  return instant;
}

/** From when to when a deck that was just scheduled is in force, where that is not for all calls. */
async function whenInForce({ db }: Ledger, { timeZone }: Deck, from: number | null): Promise<string> {
  const spans = deckSpans(await loadDeckSchedule(db), 'call-start');
  const { to } = spanAt(spans, from ?? -Infinity) ?? { to: Infinity };
  const parts = [
    ...(from === null || from === -Infinity ? [] : [` from ${showDay(from, timeZone)} on`]),
    ...(to === Infinity ? [] : [` until ${showDay(to, timeZone)}`]),
  ];
  return parts.length === 0 ? '' : `,${parts.join('')}`;
}

/**
 * Refuses a deck without prices for calls of the ledger, or that changes prices of the past, unless it was asked for.
 * What is charged for a rated call changes by either: `--allow-unpriced` says that calls may go to quarantine, and
 * `--retroactive`, with the note that is kept, that what was rated may change. Returns what to check and keep in the
 * transaction that schedules it: calls may have been rated since, and another deck may be scheduled.
 */
async function checkDeck(
  { db, plan }: Ledger,
  file: string,
  deck: Deck,
  options: ImportDeckOptions & { readonly instant: number | null },
): Promise<NonNullable<DeckEntry['alsoInTransaction']>> {
  const subject = `import deck '${file}'`;
  const schedule = await loadDeckSchedule(db);
  const { before, after } = await schedulesOf(db, subject, deck, schedule, options.instant);
  const rates = compileDeckSchedule(after);
  const dates = datesOf([...before, ...after]);
  const heads = await readHeads(db);
  const now = Date.now();
  const check = (alike: readonly PricedAlike[], once: readonly OnceRated[]): ReachBack | null => {
    const repriced = alike.filter(({ startedAt }) => isRepriced({ before, after }, startedAt));
    refuseUnpriced(subject, unpricedCalls(repriced, rates), options);
    const reach = deckReachBack({ before, after, alike, once, plan, timeZone: deck.timeZone, now });
    refuseReachBack(subject, reach, options);
    return reach;
  };
  const reach = check(await callsPricedAlike(db, dates), await callsOnceRated(db));
  return async (tx, version, scheduleThen) => {
    if (scheduleThen.at(-1)?.no !== schedule.at(-1)?.no) {
      throw new CommandError(`Cannot ${subject}: another deck was imported meanwhile; try again`);
    }
    const since = check(await callsPricedAlikeSince(tx, dates, heads), await callsOnceRated(tx));
    await keepReachBack(tx, 'rate-deck', version, reach ?? since, options);
  };
}

/** The schedule as it is, and as it is to be; refuses what nobody could tell the meaning of. */
async function schedulesOf(
  db: Ledger['db'],
  subject: string,
  deck: Deck,
  schedule: readonly DeckScheduleEntry[],
  from: number | null,
): Promise<{ readonly before: readonly ReadSpan[]; readonly after: readonly ReadSpan[] }> {
  const registered = await loadRateDecks(db);
  const { version } = compileDeck(deck);
  const deckNo = registered.find((known) => known.name === deck.name && known.version === version)?.no ?? NEW_DECK;
  const reader = new ScheduleReader(registered);
  reader.add(deckNo, deck);
  const before = reader.read(schedule);
  if (from === null && before.length > 1) {
    const decks = before.map((span) => `'${span.rates.id}' from ${showDay(span.from, span.deck.timeZone)} on`);
    throw new CommandError(
      `Cannot ${subject}: several decks are scheduled, ${decks.join(', ')}; '--from DAY' says from when on it prices ` +
        `calls, '--from ever' puts it in the place of the first`,
    );
  }
  const after = reader.read([...schedule, ...entriesToSchedule(schedule, deckNo, from)]);
  refuseOtherMeasure(subject, deck, after);
  return { before, after };
}

/** Charges of a month are added up; and of two decks for one day one takes the place of the other, at one instant. */
function refuseOtherMeasure(subject: string, deck: Deck, scheduled: readonly ReadSpan[]): void {
  for (const [what, of] of [
    ['prices are in', ({ currency }: Deck) => currency],
    ['days are those of', ({ timeZone }: Deck) => timeZone],
  ] as const) {
    const other = scheduled.find((span) => of(span.deck) !== of(deck));
    if (other === undefined) continue;
    throw new CommandError(
      `Cannot ${subject}: its ${what} '${of(deck)}', and of '${other.rates.id}', which is scheduled beside it, ` +
        `'${of(other.deck)}'`,
    );
  }
}

/** Of a deck that the ledger does not have yet: its numbers begin with 1. */
const NEW_DECK = 0;

function refuseUnpriced(subject: string, unpriced: string | null, { allowUnpriced }: ImportDeckOptions): void {
  if (unpriced === null || allowUnpriced === true) return;
  throw new CommandError(
    `Cannot ${subject}: ${unpriced}; '--allow-unpriced' with '--retroactive --note TEXT' imports it, puts these calls ` +
      `in quarantine, and keeps who did and why`,
  );
}

/** `fairtally decks list`: the decks of the ledger, and from when to when each is in force, by what. */
export async function listDecks(options: PlaceOptions, terminal: Terminal): Promise<void> {
  await withExistingLedger(options, terminal, async (ledger) => {
    const decks = await loadRateDecks(ledger.db);
    const schedule = await loadDeckSchedule(ledger.db);
    const inUse = spanAt(deckSpans(schedule, 'call-start'), Date.now())?.deckNo;
    const rows = decks.map(({ no, name, version, currency, timeZone }) => [
      String(no),
      `${name}@${version}`,
      currency,
      timeZone,
      no === inUse ? 'in use' : '',
    ]);
    print(
      terminal,
      ...leftTable(['no', 'deck', 'currency', 'time zone', ''], rows),
      '',
      ...leftTable(SCHEDULE_HEADINGS, scheduleRows(schedule, decks)),
      ...(await retroactiveLines(ledger, 'rate-deck')),
    );
  });
}

function leftTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return textTable(
    headings.map((heading) => ({ heading, align: 'left' })),
    rows,
  );
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
    `Prices in force at ${showInstant(at, civilTime)} and after it are compared. 'decks import B --from DAY' has B price`,
    'the calls that start from that day on; without --from all calls, those already rated included',
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
