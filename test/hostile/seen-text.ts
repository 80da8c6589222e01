/** One of each kind of what a terminal obeys or hides, written out apart from the code under test. */
export const UNSEEN_SAMPLES: Readonly<Record<string, string>> = {
  escape: '\u001b[2J',
  title: '\u001b]0;pwn\u0007',
  'carriage return': '\r',
  tab: '\t',
  backspace: '\b',
  DEL: '\u007f',
  'C1 CSI': '\u009b31m',
  'C1 NEL': '\u0085',
  'right-to-left override': '\u202e',
  'left-to-right embedding': '\u202a',
  isolate: '\u2066',
  'pop isolate': '\u2069',
  'left-to-right mark': '\u200e',
  'right-to-left mark': '\u200f',
  'Arabic letter mark': '\u061c',
  'line separator': '\u2028',
  'paragraph separator': '\u2029',
  'zero-width space': '\u200b',
  'zero-width joiner': '\u200d',
  'word joiner': '\u2060',
  'byte order mark': '\ufeff',
  'soft hyphen': '\u00ad',
  'Hangul filler': '\u3164',
  'variation selector': '\ufe0f',
  tag: '\u{e0041}',
  'interlinear annotation': '\ufff9',
  noncharacter: '\uffff',
};

const RAW =
  // oxlint-disable-next-line no-control-regex, no-misleading-character-class
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\ufff9-\ufffb\uffff\u{e0000}-\u{e0fff}]/u;

/** Where hostile text stands raw in what was printed; `null`: nowhere. */
export function rawIn(text: string): string | null {
  const at = text.search(RAW);
  return at < 0 ? null : `${JSON.stringify(text.slice(Math.max(0, at - 60), at + 20))} at ${at}`;
}

/** A line that a value of others begins within a text would look like ours. */
export const FAKE_LINE = 'FAKE LINE of ours';

/** Every kind at once, a line of its own among them. */
export const HOSTILE = `x${Object.values(UNSEEN_SAMPLES).join('')}\n${FAKE_LINE}`;

/** Lines that begin as only a line end within a value can have them begin. */
export function fakeLinesIn(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(FAKE_LINE));
}
