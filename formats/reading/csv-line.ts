/**
 * Cuts one line of CSV into its fields (RFC 4180, fields in quotes or not); `null` where a quote stands amiss. Fields
 * hold no line ends, so a broken quote spoils its own line and swallows none of the following.
 */
export function splitCsvLine(line: string, separator = ','): string[] | null {
  const fields: string[] = [];
  let at = 0;
  // The next quote from `at` on, the length where there is none: fields without quotes end before it.
  let quoteAt = quoteFrom(line, 0);
  for (;;) {
    if (at !== quoteAt || at === line.length) {
      const next = line.indexOf(separator, at);
      const end = next < 0 ? line.length : next;
      if (quoteAt < end) return null;
      fields.push(line.slice(at, end));
      if (next < 0) return fields;
      at = end + 1;
      continue;
    }
    const close = closingQuote(line, at + 1);
    if (close < 0) return null;
    const field = line.slice(at + 1, close);
    fields.push(field.includes('"') ? field.replaceAll('""', '"') : field);
    if (close + 1 === line.length) return fields;
    if (line[close + 1] !== separator) return null;
    at = close + 2;
    quoteAt = quoteFrom(line, at);
  }
}

function quoteFrom(line: string, from: number): number {
  const at = line.indexOf('"', from);
  return at < 0 ? line.length : at;
}

function closingQuote(line: string, from: number): number {
  let at = line.indexOf('"', from);
  while (at >= 0 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  return at;
}

/**
 * Cuts a row of so many columns, as CSV; where it is none, as other writers of tables have it: with a backslash before
 * quotes inside quoted fields (MySQL), with quotes that are part of fields (`mysql --batch`),
 * or with quotes that were not doubled. A separator may end the line. What has another number of columns is no reading.
 */
export function splitRow(
  line: string,
  separator: string,
  columns: number,
): string[] | 'broken-quoting' | 'column-count' {
  const strict = splitCsvLine(line, separator);
  if (strict !== null && fits(strict, columns)) return strict;
  if (!line.includes('"')) return 'column-count';
  for (const fields of otherSplits(line, separator)) if (fields !== null && fits(fields, columns)) return fields;
  return strict === null ? 'broken-quoting' : 'column-count';
}

/** Some exports end each line, or the header, with a separator. */
function fits(fields: readonly string[], columns: number): boolean {
  return fields.length === columns || (fields.length === columns + 1 && fields.at(-1) === '');
}

function* otherSplits(line: string, separator: string): Generator<string[] | null> {
  if (line.includes('\\"')) yield splitCsvLine(line.replaceAll('\\"', '""'), separator);
  yield splitLenientLine(line, separator);
  if (separator === ',') yield splitLooseCsvLine(line);
}

/** Cuts a line in which a field is in quotes only if a separator, or the end, follows the quote that closes it. */
export function splitLenientLine(line: string, separator: string): string[] {
  const fields: string[] = [];
  for (let at = 0; ;) {
    const close = line[at] === '"' ? closingQuote(line, at + 1) : -1;
    const isQuoted = close >= 0 && (close + 1 === line.length || line[close + 1] === separator);
    const next = isQuoted ? close + 1 : line.indexOf(separator, at);
    const end = next < 0 ? line.length : next;
    fields.push(isQuoted ? line.slice(at + 1, close).replaceAll('""', '"') : line.slice(at, end));
    if (end >= line.length) return fields;
    at = end + 1;
  }
}

/**
 * Cuts a line whose writer did not double the quotes inside its quoted fields, such as `""Name" <1115>","s"`: a quoted
 * field ends at the first quote before `,"`, before a comma and a digit or a comma, or at the end of the line. `null`
 * where there is no such quote. The caller checks the fields, for this is a guess.
 */
export function splitLooseCsvLine(line: string): string[] | null {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const isQuoted = line[at] === '"';
    const end = isQuoted ? looseClosingQuote(line, at + 1) : endOfBareField(line, at);
    if (end < 0) return null;
    fields.push(isQuoted ? line.slice(at + 1, end).replaceAll('""', '"') : line.slice(at, end));
    at = end + (isQuoted ? 2 : 1);
  }
  return fields;
}

function endOfBareField(line: string, from: number): number {
  const comma = line.indexOf(',', from);
  return comma < 0 ? line.length : comma;
}

function looseClosingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
    if (at + 1 === line.length || /^,(?:["\d,]|$)/.test(line.slice(at + 1, at + 3))) return at;
  }
  return -1;
}
