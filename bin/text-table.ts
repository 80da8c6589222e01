/** One column: its heading, and to which side its cells stand. */
export interface Column {
  readonly heading: string;
  readonly align: 'left' | 'right';
  /** The most characters it takes; longer cells are cut with `…`. */
  readonly maxWidth?: number;
}

const GAP = '  ';

/** A table as lines of text, headings first, indented by two; no line ends in blanks. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cut = rows.map((row) => columns.map(({ maxWidth }, index) => shorten(row[index] ?? '', maxWidth)));
  const widths = columns.map(({ heading }, index) =>
    Math.max(widthOf(heading), ...cut.map((row) => widthOf(row[index] ?? ''))),
  );
  const lineOf = (cells: readonly string[]): string =>
    `  ${columns.map(({ align }, index) => pad(cells[index] ?? '', widths[index] ?? 0, align)).join(GAP)}`.trimEnd();
  return [lineOf(columns.map(({ heading }) => heading)), ...cut.map(lineOf)];
}

/**
 * Breaks a sentence at blanks into lines of at most `width` characters, the first after `indent`, the others after
 * `hangingIndent`.
 */
export function wrapText(text: string, width: number, indent: string, hangingIndent: string = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = hangingIndent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return align === 'left' ? cell + blanks : blanks + cell;
}

function shorten(cell: string, maxWidth: number | undefined): string {
  if (maxWidth === undefined || widthOf(cell) <= maxWidth) return cell;
  return `${[...cell].slice(0, maxWidth - 1).join('')}…`;
}

/** Characters, not code units: names are French, and may be anything. */
function widthOf(text: string): number {
  return [...text].length;
}
