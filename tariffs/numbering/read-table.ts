import { parse } from 'csv-parse/sync';
import type { NumberingFault } from './numbering-fault.ts';
import type { TableText } from './numbering-tables.ts';

/** One data line of a table: its cells by column, all columns present. */
export interface TableRow {
  readonly file: string;
  readonly line: number;
  cell(column: string): string;
}

/**
 * Reads a CSV table that must have exactly these columns in this order. Whatever is wrong goes to `faults`, and the
 * line is left out.
 */
export function readTable(table: TableText, columns: readonly string[], faults: NumberingFault[]): readonly TableRow[] {
  const lines = parseLines(table, faults);
  const header = lines[0];
  if (header === undefined || header.cells.join() !== columns.join()) {
    const found = header?.cells.join() ?? '';
    faults.push({
      file: table.file,
      line: 1,
      message: `Cannot read the header '${found}': expected '${columns.join()}'`,
    });
    return [];
  }
  return lines.slice(1).flatMap(({ line, cells }) => {
    if (cells.length === columns.length) return [tableRow(table.file, line, columns, cells)];
    const message = `Cannot read the line: ${cells.length} cells for ${columns.length} columns`;
    faults.push({ file: table.file, line, message });
    return [];
  });
}

interface CsvLine {
  readonly line: number;
  readonly cells: readonly string[];
}

function parseLines(table: TableText, faults: NumberingFault[]): readonly CsvLine[] {
  const lines: CsvLine[] = [];
  try {
    parse(table.text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      on_record: (cells: string[], { lines: line }) => {
        lines.push({ line, cells });
        return null;
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    faults.push({
      file: table.file,
      line: (lines.at(-1)?.line ?? 0) + 1,
      message: `Cannot read the table as CSV: ${reason}`,
    });
  }
  return lines;
}

function tableRow(file: string, line: number, columns: readonly string[], cells: readonly string[]): TableRow {
  return {
    file,
    line,
    cell(column) {
      const value = cells[columns.indexOf(column)];
      if (value === undefined) throw new Error(`Cannot read column '${column}' of '${file}': no such column`);
      return value;
    },
  };
}
