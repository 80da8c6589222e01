import { readCsv } from './read-csv.ts';

/** How a country's spreadsheet opens a CSV file by itself, and the names of columns. */
export interface SheetForm {
  readonly locale: string;
  /** Names by those of the API; a column without one keeps its own. */
  readonly headings: Readonly<Record<string, string>>;
  /** Texts of cells by those of the API, by column: states, coverages. */
  readonly words: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly timeZone: string;
}

/** Columns of money and counts: numbers to add up. All others are texts. */
const NUMBERS: ReadonlySet<string> = new Set([
  'at_stake',
  'calls_at_stake',
  'charged_calls',
  'charged',
  'charge',
  'metered_price',
  'duration_ms',
  'billed_seconds',
]);
const INSTANTS: ReadonlySet<string> = new Set(['since', 'snoozed_until', 'started_at']);
/** Excel takes a file for UTF-8 by this. */
const MARK = '\uFEFF';

/**
 * A CSV of the API as a spreadsheet opens it without asking. Where commas are decimal, semicolons part cells. Instants
 * are in the ledger's time zone. A text that a spreadsheet would take for a number or a formula, such as `+33…`, is
 * written so that it stays a text.
 */
export function spreadsheet(csv: string, form: SheetForm): string {
  const [columns = [], ...rows] = readCsv(csv);
  const isComma = new Intl.NumberFormat(form.locale).format(1.5) === '1,5';
  const separator = isComma ? ';' : ',';
  const instants = instantFormat(form);
  const cellOf = (text: string, column: string): string => {
    if (text === '') return '';
    if (NUMBERS.has(column)) return isComma ? text.replace('.', ',') : text;
    if (INSTANTS.has(column)) return instants(text);
    return wordsOf(form.words[column], text);
  };
  const lines = [
    columns.map((column) => form.headings[column] ?? column),
    ...rows.map((row) => row.map((text, index) => cellOf(text, columns[index] ?? ''))),
  ].map((cells, nth) =>
    cells.map((text, index) => written(text, separator, nth > 0 && isText(columns[index] ?? ''))).join(separator),
  );
  return `${MARK}${lines.join('\r\n')}\r\n`;
}

/** Several words of the API may stand in one cell. */
function wordsOf(words: Readonly<Record<string, string>> | undefined, text: string): string {
  if (words === undefined) return text;
  return text
    .split(' ')
    .map((word) => words[word] ?? word)
    .join(', ');
}

function isText(column: string): boolean {
  return !NUMBERS.has(column) && !INSTANTS.has(column);
}

function written(text: string, separator: string, isOfText: boolean): string {
  // Digits would lose their zeros, and their last ones; what begins with a sign is computed.
  const kept =
    isOfText && (/^\d+$/.test(text) || /^[=+\-@\t\r]/.test(text)) ? `="${text.replaceAll('"', '""')}"` : text;
  return kept.includes(separator) || /["\r\n]/.test(kept) ? `"${kept.replaceAll('"', '""')}"` : kept;
}

/** `03/11/2026 10:15:00` in French, `2026-11-03 10:15:00` elsewhere: what spreadsheets take for an instant. */
function instantFormat({ locale, timeZone }: SheetForm): (iso: string) => string {
  const two = '2-digit';
  const format = new Intl.DateTimeFormat(locale.startsWith('fr') ? 'fr-FR' : 'sv-SE', {
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
    timeZone,
  });
  return (iso) => format.format(new Date(iso)).replace(',', '');
}
