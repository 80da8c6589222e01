import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  checkDeckImport,
  compareDecks,
  type DeckFaults,
  type DeckImport,
  type DeckText,
  findDeck,
  type ImportedDeck,
  importDeck as importDeckText,
  listDecks as readDeckList,
  rateAgain,
} from '../../services/index.ts';
import { type DeckChange, type PriceDifference, compileCivilTime, formatDeckFault } from '../../tariffs/index.ts';
import { CommandError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { loadNumberingPlan } from '../load-numbering-plan.ts';
import { withExistingLedger, withLedger } from '../open-ledger.ts';
import { ratedAgainText } from '../rated-again.ts';
import { readTextFile } from '../read-text-file.ts';
import { refusalError } from '../refusal-error.ts';
import { retroactiveLines } from '../retroactive-lines.ts';
import { SCHEDULE_HEADINGS, scheduleRows, showDay } from '../show-schedule.ts';
import { plural, showInstant } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';
import { userName } from '../user-name.ts';

export interface ImportDeckOptions
  extends PlaceOptions, Pick<DeckImport, 'from' | 'allowUnpriced' | 'retroactive' | 'note'> {
  /** Who imports it; the user of the system when not given. */
  readonly by?: string;
}

/** `fairtally decks import FILE`: checks a rate deck, registers and schedules it, and prices anew what it touches. */
export async function importDeck(file: string, options: ImportDeckOptions, terminal: Terminal): Promise<void> {
  const { from, allowUnpriced, retroactive, note, by = userName() } = options;
  const text = await readTextFile(resolve(terminal.folder, file), file);
  const request: DeckImport = { file, text, from, allowUnpriced, retroactive, note, by };
  // Checked before a ledger is opened, let alone made.
  const fault = checkDeckImport(request, loadNumberingPlan());
  if (fault !== null) throw importError(file, fault);
  await withLedger(options, terminal, async (ledger) => {
    const deck = await importDeckText(ledger, request);
    if (deck.kind !== 'imported') throw importError(file, deck);
    print(terminal, importedText(deck));
    const { lines, records } = deck.stale;
    if (lines === 0 && records === 0) return;
    if (lines > 0) print(terminal, `Pricing the calls of ${plural(lines, 'line')} again …`);
    else print(terminal, `Settling ${plural(records, 'record')} of quarantine again …`);
    print(terminal, ...ratedAgainText(await rateAgain(ledger)));
  });
}

function importError(
  file: string,
  fault: Exclude<Awaited<ReturnType<typeof importDeckText>>, ImportedDeck>,
): CommandError {
  return fault.kind === 'refused' ? refusalError(fault) : deckFaults(file, fault);
}

function importedText({ name, version, rates, currency, timeZone, from, to, isInUse, wasKnown }: ImportedDeck): string {
  // From when to when it is in force, where that is not for all calls.
  const parts = [
    ...(from === -Infinity ? [] : [` from ${showDay(from, timeZone)} on`]),
    ...(to === Infinity ? [] : [` until ${showDay(to, timeZone)}`]),
  ];
  const when = parts.length === 0 ? '' : `,${parts.join('')}`;
  const what = `${name}@${version}: ${plural(rates, 'price')}, ${currency}`;
  if (isInUse) return `Deck ${what} is in use already${when}: nothing changed`;
  return wasKnown ? `Deck ${what} is in use again${when}` : `Imported deck ${what}${when}`;
}

/** `fairtally decks list`: the decks of the ledger, and from when to when each is in force, by what. */
export async function listDecks(options: PlaceOptions, terminal: Terminal): Promise<void> {
  await withExistingLedger(options, terminal, async (ledger) => {
    const list = await readDeckList(ledger);
    const rows = list.decks.map(({ no, name, version, currency, timeZone, isInUse }) => [
      String(no),
      `${name}@${version}`,
      currency,
      timeZone,
      isInUse ? 'in use' : '',
    ]);
    print(
      terminal,
      ...leftTable(['no', 'deck', 'currency', 'time zone', ''], rows),
      '',
      ...leftTable(SCHEDULE_HEADINGS, scheduleRows(list)),
      ...retroactiveLines(list.retroactive, list.timeZone),
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
  const compared = compareDecks(before, after, options.at);
  if (compared.kind === 'refused') throw refusalError(compared);
  if (compared.kind === 'faults') throw deckFaults(compared.deck, compared);
  const { at, timeZone, changes } = compared;
  if (changes.length === 0) return print(terminal, 'Nothing changes');
  const civilTime = compileCivilTime(timeZone);
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

async function deckNamed(name: string, options: PlaceOptions, terminal: Terminal): Promise<DeckText> {
  const path = resolve(terminal.folder, name);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === false)
    return { name, text: await readTextFile(path, name) };
  return withExistingLedger(options, terminal, async (ledger) => {
    const found = await findDeck(ledger, name);
    if (found.kind === 'refused') throw refusalError(found);
    return found;
  });
}

function deckFaults(file: string, { faults }: DeckFaults): CommandError {
  return new CommandError(faults.map((fault) => `${file}: ${formatDeckFault(fault)}`));
}
