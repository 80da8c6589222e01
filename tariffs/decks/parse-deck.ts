import { CsvError, parse } from 'csv-parse/sync';
import { compileCivilTime, type CivilTime } from '../civil-time.ts';
import { checkDeck } from './check-deck.ts';
import {
  readDecimals,
  readInstant,
  readPrefix,
  readPrice,
  readRounding,
  readSeconds,
  readShortCode,
  report,
  type Cell,
} from './deck-cells.ts';
import { isComment, isSetting, readSetting, type DeckSettings } from './deck-settings.ts';
import type { Deck, DeckFault, DeckFaultCode, DeckKey, DeckRow } from './deck.ts';

/** What holds where a deck does not say it itself. */
export interface DeckDefaults {
  readonly name: string;
  readonly currency: string;
  readonly timeZone: string;
}

/** A deck, or everything that is wrong with it: an import is all or nothing. */
export type ParsedDeck =
  { readonly kind: 'deck'; readonly deck: Deck } | { readonly kind: 'faults'; readonly faults: readonly DeckFault[] };

/** The columns of a deck; the right side is how other systems' decks name them. */
const COLUMNS = [
  'destination',
  'prefix',
  'short_code',
  'band',
  'effective_from',
  'effective_to',
  'price_per_minute',
  'connection_charge',
  'price_per_call',
  'minimum_charge',
  'initial_increment_s',
  'next_increment_s',
  'minimum_s',
  'rounding',
  'rounding_decimals',
] as const;
type Column = (typeof COLUMNS)[number];

const ALIASES: ReadonlyMap<string, readonly Column[]> = new Map<string, readonly Column[]>([
  ...COLUMNS.map((column): [string, readonly Column[]] => [column, [column]]),
  ['rate_per_min', ['price_per_minute']],
  ['connect_fee', ['connection_charge']],
  ['increment_s', ['initial_increment_s', 'next_increment_s']],
  ['min_duration_s', ['minimum_s']],
]);

const DEFAULT_INCREMENT_S = 60;

interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/** Where each column stands in the table. */
interface Header {
  readonly line: number;
  readonly names: readonly string[];
  readonly positions: ReadonlyMap<Column, number>;
}

/** Reads the text of a deck file (`docs/reference/rate-deck.md`); what the text leaves open comes from `defaults`. */
export function parseDeck(text: string, defaults: DeckDefaults): ParsedDeck {
  const faults: DeckFault[] = [];
  const records = readCsv(text, faults).filter(({ cells }) => !isComment(cells));
  const settings: DeckSettings = { ...defaults, bands: [], holidays: [] };
  const seen = new Map<string, number>();
  for (const { cells, line } of records) {
    if (isSetting(cells)) readSetting(cells, line, settings, seen, faults);
  }
  const [head, ...table] = records.filter(({ cells }) => !isSetting(cells));
  if (head === undefined || (table.length === 0 && faults.length === 0)) {
    if (faults.length === 0) faults.push(fileFault('empty-file', 1, `Cannot read the deck: no row of prices`));
    return { kind: 'faults', faults };
  }
  const header = readHeader(head, faults);
  // Rows are read whatever the header's faults, so that one attempt tells them all; without any known column it is
  // noise.
  const civilTime = compileCivilTime(settings.timeZone);
  const rows =
    header.positions.size === 0 ? [] : table.map((record) => readRow(record, header, settings, civilTime, faults));
  const deck: Deck = { ...settings, holidays: settings.holidays.toSorted(), rows };
  if (faults.length === 0) checkDeck(deck, header.positions.has('effective_from') ? 'effective_from' : null, faults);
  faults.sort((left, right) => left.line - right.line);
  return faults.length === 0 ? { kind: 'deck', deck } : { kind: 'faults', faults };
}

/**
 * Records of the text with their lines; empty lines are no records. A malformed quote ends the reading: what follows
 * has no meaning.
 */
function readCsv(text: string, faults: DeckFault[]): CsvRecord[] {
  try {
    const records: CsvRecord[] = [];
    parse(text, {
      bom: true,
      trim: true,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], { lines }) => {
        if (cells.some((cell) => cell !== ''))
          records.push({ cells: cells.map((cell) => cell.normalize('NFC')), line: lines });
        return null;
      },
    });
    return records;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    faults.push(
      fileFault('malformed-csv', Number(error['lines'] ?? 1), `Cannot read the file as CSV: ${error.message}`),
    );
    return [];
  }
}

function readHeader({ cells, line }: CsvRecord, faults: DeckFault[]): Header {
  const positions = new Map<Column, number>();
  const names = cells.map((cell) => cell.toLowerCase());
  if (cells.length === 1 && /[;\t]/.test(cells[0] ?? '')) {
    faults.push({
      code: 'wrong-delimiter',
      line,
      column: null,
      value: cells[0] ?? '',
      message: `Cannot find columns in '${cells[0] ?? ''}': they must be separated by commas`,
    });
    return { line, names, positions };
  }
  names.forEach((name, position) => {
    // Spreadsheets leave empty columns at the end.
    if (name === '') return;
    const columns = ALIASES.get(name);
    const fault = (code: DeckFaultCode, message: string): void => {
      faults.push({ code, line, column: cells[position] ?? '', value: cells[position] ?? '', message });
    };
    if (columns === undefined)
      return fault('unknown-column', `Cannot use column '${name}': known are ${[...ALIASES.keys()].join(', ')}`);
    for (const column of columns) {
      if (positions.has(column)) fault('duplicate-column', `Cannot use column '${name}': '${column}' is given twice`);
      else positions.set(column, position);
    }
    return undefined;
  });
  for (const choice of [
    ['destination', 'prefix', 'short_code'],
    ['price_per_minute', 'price_per_call'],
  ] as const) {
    if (choice.some((column) => positions.has(column))) continue;
    faults.push({
      code: 'missing-column',
      line,
      column: null,
      value: '',
      message: `Cannot read the table: none of the columns ${choice.join(', ')} is there`,
    });
  }
  return { line, names, positions };
}

function readRow(
  record: CsvRecord,
  header: Header,
  settings: DeckSettings,
  civilTime: CivilTime,
  faults: DeckFault[],
): DeckRow {
  const { line, cells } = record;
  if (cells.length !== header.names.length) {
    const message = `Cannot read the row: ${cells.length} cells, not ${header.names.length}`;
    faults.push({ code: 'wrong-cell-count', line, column: null, value: String(cells.length), message });
  }
  const cell = (column: Column): Cell => {
    const position = header.positions.get(column);
    return position === undefined
      ? { text: '', line, column: null, faults }
      : { text: cells[position] ?? '', line, column: header.names[position] ?? null, faults };
  };
  const destination = cell('destination').text;
  const initialIncrementS = readSeconds(cell('initial_increment_s'), 1, DEFAULT_INCREMENT_S);
  const from = readInstant(cell('effective_from'), civilTime, -Infinity);
  const to = readInstant(cell('effective_to'), civilTime, Infinity);
  if (to <= from) {
    report(
      cell('effective_to'),
      'no-time-in-force',
      `Cannot end the row at '${cell('effective_to').text}': it starts at '${cell('effective_from').text}'`,
    );
  }
  const isPriced = [cell('price_per_minute'), cell('price_per_call')].some(({ text }) => text !== '');
  if (!isPriced && header.positions.size > 0) {
    report(
      cell('price_per_minute'),
      'missing-value',
      `Cannot price '${destination || cell('prefix').text}': no price a minute nor a call`,
    );
  }
  return {
    line,
    key: readKey(cell, destination),
    destination,
    band: readBandName(cell('band'), settings),
    from,
    to,
    pricePerMinute: readPrice(cell('price_per_minute')),
    connectionCharge: readPrice(cell('connection_charge')),
    pricePerCall: readPrice(cell('price_per_call')),
    minimumCharge: readPrice(cell('minimum_charge')),
    initialIncrementS,
    nextIncrementS: readSeconds(cell('next_increment_s'), 1, initialIncrementS),
    minimumS: readSeconds(cell('minimum_s'), 0, 0),
    rounding: readRounding(cell('rounding')),
    decimals: readDecimals(cell('rounding_decimals')),
  };
}

/** A prefix or a short code is the key; a destination alone is one too, beside them it is only their name. */
function readKey(cell: (column: Column) => Cell, destination: string): DeckKey {
  const prefixCell = cell('prefix');
  const shortCodeCell = cell('short_code');
  const prefix = readPrefix(prefixCell);
  const shortCode = readShortCode(shortCodeCell);
  if (prefixCell.text !== '' && shortCodeCell.text !== '') {
    report(
      shortCodeCell,
      'bad-short-code',
      `Cannot price short code '${shortCodeCell.text}': the row already prices prefix '${prefixCell.text}'`,
    );
  }
  if (prefix !== null) return { kind: 'prefix', prefix };
  if (shortCode !== null) return { kind: 'short-code', shortCode };
  if (destination === '' && prefixCell.text === '' && shortCodeCell.text === '') {
    const message = `Cannot tell what the row prices: no destination, prefix nor short code`;
    report(prefixCell.column === null ? cell('destination') : prefixCell, 'missing-value', message);
  }
  return { kind: 'destination', destination };
}

function readBandName(cell: Cell, settings: DeckSettings): string | null {
  if (cell.text === '') return null;
  if (!settings.bands.some((band) => band.name === cell.text)) {
    const known = settings.bands.map((band) => band.name).join(', ') || 'none';
    report(cell, 'unknown-band', `Cannot use band '${cell.text}': defined by #band are ${known}`);
  }
  return cell.text;
}

function fileFault(code: DeckFaultCode, line: number, message: string): DeckFault {
  return { code, line, column: null, value: '', message };
}
