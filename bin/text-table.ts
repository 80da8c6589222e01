import { visibleLine } from '../operating/index.ts';

/** One column: its heading, and to which side its cells stand. */
export interface Column {
  readonly heading: string;
  readonly align: 'left' | 'right';
  /** The most places it takes; longer cells are cut with `…`. */
  readonly maxWidth?: number;
}

const GAP = '  ';
/** No name or reason is that long: a longer cell, or a sentence, is somebody's attempt to fill the screen. */
const LONGEST_CELL = 400;
const LONGEST_WORD = 400;
const LONGEST_SENTENCE = 8_000;

/** A table as lines of text, headings first, indented by two; no line ends in blanks. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cut = rows.map((row) =>
    columns.map(({ maxWidth }, index) => shorten(visibleLine(row[index] ?? ''), maxWidth ?? LONGEST_CELL)),
  );
  const widths = columns.map(({ heading }, index) =>
    Math.max(widthOf(heading), ...cut.map((row) => widthOf(row[index] ?? ''))),
  );
  const lineOf = (cells: readonly string[]): string =>
    `  ${columns.map(({ align }, index) => pad(cells[index] ?? '', widths[index] ?? 0, align)).join(GAP)}`.trimEnd();
  return [lineOf(columns.map(({ heading }) => heading)), ...cut.map(lineOf)];
}

/**
 * Breaks a sentence at blanks into lines of at most `width` places, the first after `indent`, the others after
 * `hangingIndent`. What can't be seen is escaped; endless words and sentences are cut with `…`.
 */
export function wrapText(text: string, width: number, indent: string, hangingIndent: string = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  let isEmpty = true;
  for (const whole of shorten(visibleLine(text), LONGEST_SENTENCE).split(' ')) {
    const word = shorten(whole, LONGEST_WORD);
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

/** The beginning of a text that takes `maxWidth` places at most, with `…` at its end where something is cut. */
export function shorten(text: string, maxWidth: number): string {
  // With the marks that `visibleLine` leaves, no place has more than 10 code units: a longer text need not be measured.
  if (text.length <= 10 * maxWidth && widthOf(text) <= maxWidth) return text;
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += placesOf(character);
    if (width > maxWidth - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return align === 'left' ? cell + blanks : blanks + cell;
}

const ASCII = /^[\x20-\x7e]*$/;
/** Characters that stand on the one before. */
const MARK = /\p{M}/u;
/** Characters that a terminal gives two places: East Asian scripts, full-width forms, pictures. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;

/** Places on the screen, not code units: names are French, and may be anything. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += placesOf(character);
  return width;
}

function placesOf(character: string): number {
  if (character < '\u0300') return 1;
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
