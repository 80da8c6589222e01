/**
 * Telephone numbers without their last four digits, for keys that may not see them whole. It goes by what values look
 * like, whatever field they are in: what is not known to be something else is taken for a number.
 */

/** Digits of a number that are not shown. */
const HIDDEN_DIGITS = 4;
/** A run of fewer digits is a short code, a year, a count. */
const FEWEST_DIGITS = 7;

/**
 * Digits that may stand apart: `06 12 34 56 78`, `+33(0)6.12.34`, and those of other scripts; at most two characters
 * that are no letters stand between two of them.
 */
const RUN = /\p{Nd}(?:[^\p{L}\p{N}"\\,;:{}[\]]{0,2}\p{Nd})+/gu;
/** Instants, days, addresses of networks, and ids: no numbers, though they have as many digits. */
const NO_NUMBER = new RegExp(
  [
    String.raw`(?<!\d)\d{4}-[01]\d-[0-3]\d(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?(?!\d)`,
    String.raw`(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:/\d{1,2})?(?![\d.])`,
    String.raw`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`,
    // Versions of decks and offers; ids and digests of 32 hexadecimal digits and more, six letters among them.
    String.raw`@(?![0-9a-f]*\d{9})[0-9a-f]{16}\b`,
    String.raw`\b(?=(?:\d*[a-f]){6})(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})\b`,
  ].join('|'),
  'g',
);
/** The whole of a text that is an amount: the ledger writes six decimals, prices have up to nine. */
const AMOUNT = /^[+-]?\d{1,15}\.\d{2,12}$/;
/** The whole of a feed position: bucket and position. */
const POSITION = /^[0-6]?\d:\d+$/;
/** Fields that readers hand back as they are, and digests: nothing of others is in them. */
const OURS: ReadonlySet<string> = new Set(['next', 'until', 'cursor', 'id', 'version', 'offer', 'hash', 'head']);
const OPAQUE = /^(?=.*[A-Za-z])[\w-]{16,}$/;
/** What a deck or an offer is called, with its version: the version is no number, however many digits it has. */
const VERSIONED: ReadonlySet<string> = new Set(['rateDeck', 'deck', 'offer']);
const VERSION = /@[0-9a-f]{16}$/;
/** The place after which quarantine and the audit go on. */
const PLACE = /^\d{1,8}$/;

/** Fields whose numbers are counts, places or spans of time, however long. */
const COUNTS: ReadonlySet<string> = new Set([
  'durationMs',
  'billedSeconds',
  'seconds',
  'position',
  'no',
  'calls',
  'entries',
  'records',
  'lag',
  'atStakeCalls',
  'arrivals',
  'item',
  'maxMinutes',
]);
/** The identity of a call in the feed: 16 digits of the hexadecimal alphabet, all of them decimal now and then. */
const IDENTITY = /^[0-9a-f]{16}$/;
/** A call as Asterisk names it: seconds since the epoch, and a count. */
const UNIQUE_ID = /^1\d{9}\.\d{1,7}$/;

/** A text with every number in it masked. */
export function maskText(text: string): string {
  let masked = '';
  let at = 0;
  for (const kept of text.matchAll(NO_NUMBER)) {
    masked += maskRuns(text.slice(at, kept.index)) + kept[0];
    at = kept.index + kept[0].length;
  }
  return masked + maskRuns(text.slice(at));
}

function maskRuns(text: string): string {
  return text.replaceAll(RUN, (run) => {
    const digits = run.match(/\p{Nd}/gu)?.length ?? 0;
    if (digits < FEWEST_DIGITS) return run;
    let left = digits - HIDDEN_DIGITS;
    return run.replaceAll(/\p{Nd}/gu, (digit) => (left-- > 0 ? digit : '*'));
  });
}

/** A JSON value with every number in it masked; one that was a JSON number is a text then. */
export function maskValue(value: unknown, field = ''): unknown {
  if (typeof value === 'string') return maskField(value, field);
  if (typeof value === 'number') {
    const text = String(Math.abs(value));
    return COUNTS.has(field) || !/^\d{7,}$/.test(text) ? value : maskText(text);
  }
  if (Array.isArray(value)) return value.map((each) => maskValue(each, field));
  if (typeof value !== 'object' || value === null) return value;
  const isBase64 = 'encoding' in value && value.encoding === 'base64';
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const isBytes = isBase64 && name === 'record' && typeof each === 'string';
      return [maskText(name), isBytes ? maskBytes(each) : maskValue(each, name)];
    }),
  );
}

function maskField(text: string, field: string): string {
  if (AMOUNT.test(text)) return text;
  if (OURS.has(field) && (OPAQUE.test(text) || (field === 'next' && PLACE.test(text)))) return text;
  if (VERSIONED.has(field) && VERSION.test(text)) return maskText(text.slice(0, -17)) + text.slice(-17);
  if (field === 'position' && POSITION.test(text)) return text;
  if (field === 'call' && (IDENTITY.test(text) || UNIQUE_ID.test(text))) return text;
  return maskText(text);
}

/** Bytes in base64 that are no text of UTF-8: their digits are masked one by one all the same. */
function maskBytes(base64: string): string {
  return Buffer.from(maskText(Buffer.from(base64, 'base64').toString('latin1')), 'latin1').toString('base64');
}

/** Lines of JSON, each masked. */
export function maskNdjson(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : JSON.stringify(maskValue(JSON.parse(line)))))
    .join('\n');
}

/** Cells of CSV, each masked: amounts stay. */
export function maskCsv(text: string): string {
  return text.replaceAll(/"(?:[^"]|"")*"|[^",\r\n]+/g, (cell) => (AMOUNT.test(cell) ? cell : maskText(cell)));
}
