import { weekTable } from './band-calendar.ts';
import { formatDeckKey, type Deck, type DeckFault, type DeckFaultCode, type DeckRow } from './deck.ts';

/** Rows of one key that hold together between two instants: at most one a band. */
export interface KeySpan {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly DeckRow[];
}

/**
 * Pushes what is wrong between rows: duplicates, overlaps in time, bands that disagree or leave hours without price.
 */
export function checkDeck(deck: Deck, dateColumn: string | null, faults: DeckFault[]): void {
  const pricedBands = new Set(weekTable(deck.bands));
  const fault = (row: DeckRow, code: DeckFaultCode, column: string | null, value: string, message: string): void => {
    faults.push({ code, line: row.line, column, value, message });
  };
  for (const rows of groupByKey(deck.rows).values()) {
    const before = faults.length;
    const key = formatDeckKey(rows[0].key);
    checkDates(rows, (row, code, rival, message) =>
      fault(row, code, dateColumn, key, `${message} of '${key}': line ${rival.line} does too`),
    );
    if (faults.length > before || rows.every((row) => row.band === null)) continue;
    for (const span of keySpans(rows)) {
      const [first, ...others] = span.rows.toSorted((left, right) => left.line - right.line);
      if (first === undefined) continue;
      for (const row of others.filter((other) => !sharesIncrements(first, other))) {
        const message = `Cannot price band '${row.band ?? ''}' of '${key}': its increments or rounding are not those of line ${first.line}, and a call can cross both bands`;
        fault(row, 'differing-increments', 'band', row.band ?? '', message);
      }
      const uncovered = uncoveredBand(deck, span, pricedBands);
      if (uncovered !== null) {
        fault(
          first,
          'hours-without-price',
          'band',
          first.band ?? '',
          `Cannot price '${key}' at all hours: ${uncovered} have no row`,
        );
      }
    }
  }
}

/** Rows by what they price, in the order of the file; destinations and numbers cannot be confused. */
export function groupByKey(rows: readonly DeckRow[]): ReadonlyMap<string, [DeckRow, ...DeckRow[]]> {
  const groups = new Map<string, [DeckRow, ...DeckRow[]]>();
  for (const row of rows) {
    const key = `${row.key.kind} ${formatDeckKey(row.key)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** The rows of one key cut at every instant at which one begins or ends, in order of time; gaps have no span. */
export function keySpans(rows: readonly DeckRow[]): KeySpan[] {
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return [{ from: only.from, to: only.to, rows }];
  const ended = endOpenRows(rows);
  const instants = [...new Set(ended.flatMap(({ from, to }) => [from, to]))].toSorted((left, right) => left - right);
  const spans: KeySpan[] = [];
  for (let index = 0; index + 1 < instants.length; index += 1) {
    const [from = 0, to = 0] = instants.slice(index, index + 2);
    const inForce = ended.filter((span) => span.from <= from && span.to >= to).map(({ row }) => row);
    if (inForce.length > 0) spans.push({ from, to, rows: inForce });
  }
  return spans;
}

/** An open row ends where the next row of its band begins. */
function endOpenRows(rows: readonly DeckRow[]): { row: DeckRow; from: number; to: number }[] {
  return rows.map((row) => {
    const later = rows.filter((other) => other.band === row.band && other.from > row.from);
    return { row, from: row.from, to: Math.min(row.to, ...later.map((other) => other.from)) };
  });
}

function checkDates(
  rows: readonly DeckRow[],
  report: (row: DeckRow, code: DeckFaultCode, rival: DeckRow, message: string) => void,
): void {
  if (rows.length === 1) return;
  const ordered = rows.toSorted((left, right) => left.from - right.from || left.line - right.line);
  const lastOf = new Map<string | null, DeckRow>();
  for (const row of ordered) {
    const last = lastOf.get(row.band);
    if (last?.from === row.from) report(row, 'duplicate-row', last, `Cannot give another price from the same instant`);
    else if (last !== undefined && last.to !== Infinity && last.to > row.from) {
      report(row, 'overlapping-rows', last, `Cannot give a price for a time that is priced`);
    }
    // The row that reaches furthest is the one to beat; an open one ends where the next begins.
    if (last === undefined || last.to === Infinity || row.to >= last.to) lastOf.set(row.band, row);
  }
}

function sharesIncrements(left: DeckRow, right: DeckRow): boolean {
  return (
    left.initialIncrementS === right.initialIncrementS &&
    left.nextIncrementS === right.nextIncrementS &&
    left.minimumS === right.minimumS &&
    left.rounding === right.rounding &&
    left.decimals === right.decimals
  );
}

/** Words for hours of the week that no row of the span prices; `null` when all are priced. */
function uncoveredBand(deck: Deck, { rows }: KeySpan, pricedBands: ReadonlySet<number>): string | null {
  if (rows.some((row) => row.band === null)) return null;
  const missing = [...pricedBands].filter((index) => rows.every((row) => row.band !== deck.bands[index - 1]?.name));
  if (missing.length === 0) return null;
  return missing
    .map((index) => (index === 0 ? 'the hours of no band' : `band '${deck.bands[index - 1]?.name ?? ''}'`))
    .join(' and ');
}
