import { describe, expect, it } from 'vitest';
import { csvRows } from '../../api/csv.ts';
import { readCsv } from '../../console/src/export/read-csv.ts';
import { spreadsheet } from '../../console/src/export/spreadsheet.ts';

const ROWS = [
  ['line', 'number', 'coverage', 'started_at', 'charge', 'user_agent'],
  ['0123', '+33612345678', 'metered', '2026-11-03T09:15:00.000Z', '1234.5', 'A; "B", C'],
  ['L1', '3949', 'included', '', '0', '=cmd|x'],
];
const form = {
  headings: { line: 'Ligne', charge: 'Facturé' },
  words: { coverage: { metered: 'facturé' } },
  timeZone: 'Europe/Paris',
};

function linesOf(locale: string): string[] {
  return spreadsheet(csvRows(ROWS), { ...form, locale }).split('\r\n');
}

describe('readCsv()', () => {
  it.each([
    [
      'cells with quotes, separators and ends of lines',
      [
        ['a', 'b"c', 'd,e'],
        ['', 'f\r\ng', ''],
      ],
    ],
    ['one cell', [['x']]],
    ['an empty cell at the end', [['a', '']]],
  ])('reads what the API writes: %s', (_, rows) => expect(readCsv(csvRows(rows))).toEqual(rows));

  it('reads no rows of an empty text', () => expect(readCsv('')).toEqual([]));
});

describe('spreadsheet()', () => {
  it('has semicolons, decimal commas and days as French spreadsheets read them', () => {
    expect(linesOf('fr-FR')).toEqual([
      '\uFEFFLigne;number;coverage;started_at;Facturé;user_agent',
      '"=""0123""";"=""+33612345678""";facturé;03/11/2026 10:15:00;1234,5;"A; ""B"", C"',
      'L1;"=""3949""";included;;0;"=""=cmd|x"""',
      '',
    ]);
  });

  it('has commas and points in English', () => {
    expect(linesOf('en-GB')[1]).toBe(
      '"=""0123""","=""+33612345678""",facturé,2026-11-03 10:15:00,1234.5,"A; ""B"", C"',
    );
  });
});
