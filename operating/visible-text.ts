/**
 * Characters that a terminal, an editor or a browser obeys or hides instead of showing them: control characters (C0,
 * DEL, C1), whatever turns the direction of writing, line and paragraph separators, invisible and ignorable
 * characters, tags, halves of a pair that stand alone, and code points that are no characters.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
const PLAIN = /^[\x20-\x7e]*$/;
/** No script stacks more marks on a letter; text with more of them runs over the lines around it. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * Text that came from outside as one line that is safe to print: what can't be seen stands as an escape (`\x1b`,
 * `\u202e`, `\u{e0041}`), a line end as `\n`. Done twice it changes nothing more.
 */
export function visibleLine(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSEEN, escapeOf).replace(STACKED_MARKS, '$1…');
}

/** The same for several lines: line ends (LF) stay. */
export function visibleText(text: string): string {
  return text.split('\n').map(visibleLine).join('\n');
}

/**
 * JSON text with what can't be seen as JSON escapes: it means the same, and is safe to print. Line ends (LF) stay,
 * which JSON has between values only.
 */
export function visibleJson(json: string): string {
  return PLAIN.test(json)
    ? json
    : json.replace(UNSEEN, (character) => (character === '\n' ? '\n' : jsonEscape(character)));
}

function escapeOf(character: string): string {
  const known = NAMED[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return String.raw`\x${hex(code, 2)}`;
  return code < 0x10000 ? String.raw`\u${hex(code, 4)}` : String.raw`\u{${hex(code, 5)}}`;
}

const NAMED: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` };

function jsonEscape(character: string): string {
  return Array.from({ length: character.length }, (_, at) => String.raw`\u${hex(character.charCodeAt(at), 4)}`).join(
    '',
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
