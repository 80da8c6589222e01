import { wants } from './accept.ts';

/** A cell: text as it is, numbers as digits; `null` is empty. */
export type Cell = string | number | boolean | null;

/** Rows as CSV of RFC 4180: commas, line ends of CR and LF, quotes where they are needed. For programs. */
export function csvRows(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const CSV = 'text/csv; charset=utf-8; header=present';

/** Whether an answer is asked for as CSV. */
export function wantsCsv(accept: string | undefined): boolean {
  return wants(accept, 'text/csv');
}
