/**
 * Telephone numbers without their last four digits, for keys that may not see them whole. It goes by what values look
 * like, whatever field they are in: what is not known to be something else is taken for a number.
 */

/** Digits of a number that are not shown. */
const HIDDEN_DIGITS = 4;
/** A run of fewer digits is a short code, a year, a count. */
const FEWEST_DIGITS = 7;
/** The longest number of E.164. */
const MOST_DIGITS = 15;

/**
 * Digits that may stand apart: `06 12 34 56 78`, `+33(0)6.12.34`, `06 - 12`, and those of other scripts. At most three
 * characters stand between two of them, none a letter, or four and more groups stand apart by commas or colons.
 */
const RUN = new RegExp(
  [
    String.raw`(?<!\p{Nd})\p{Nd}{1,3}(?:\s?[,;:]\s?\p{Nd}{2,3}){3,}`,
    String.raw`\p{Nd}(?:[^\p{L}\p{N}"\\,;:{}[\]]{0,3}\p{Nd})+`,
  ].join('|'),
  'gu',
);
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
/** Fields of money: elsewhere `33612345678.00` is no amount. */
const MONEY = /charge|price|stake|^exact$/i;
/** The whole of a feed position: bucket and position. */
const POSITION = /^[0-6]?\d:\d+$/;
/** Where the texts of answers are ours, and nobody else's: what readers hand back as it is. */
const OURS: ReadonlySet<string> = new Set([
  'next',
  'until',
  'before',
  'cursor',
  'consumers/cursor',
  'preview/id',
  'event',
  'deliveries/event',
]);
/** Versions and digests: hexadecimal digits, many of them decimal now and then. */
const DIGESTS: Readonly<Record<string, RegExp>> = {
  version: /^[0-9a-f]{16}$/,
  offer: /^[0-9a-f]{16}$/,
  hash: /^[0-9a-f]{64}$/,
  head: /^[0-9a-f]{64}$/,
};
/** What a deck or an offer is called, with its version: the version is no number, however many digits it has. */
const VERSIONED: ReadonlySet<string> = new Set(['rateDeck', 'deck', 'offer']);
const VERSION = /@[0-9a-f]{16}$/;
/** Fields that have what others said, under whatever names they said it: no name proves anything there. */
const FOREIGN: ReadonlySet<string> = new Set(['record', 'subject', 'values']);

/** Fields whose numbers are counts, places or spans of time, however long. */
const COUNTS: ReadonlySet<string> = new Set([
  'durationMs',
  'billedSeconds',
  'seconds',
  'position',
  'no',
  'deckNo',
  'calls',
  'cases',
  'entries',
  'records',
  'rates',
  'rated',
  'tried',
  'deliveries',
  'lag',
  'atStakeCalls',
  'includedCalls',
  'meteredCalls',
  'reratedCalls',
  'distinctNumbers',
  'numbersCalled',
  'staleLines',
  'staleRecords',
  'arrivals',
  'item',
  'maxMinutes',
  'used',
  'limit',
  'left',
]);
/** Fields of evidence that have instants as numbers, ms since the epoch. */
const INSTANTS: ReadonlySet<string> = new Set(['startedAt', 'breachFrom']);
/** From 2001 to 2059, as records may start: no number that a switch writes there. */
const FIRST_INSTANT = Date.UTC(2001, 0);
const LAST_INSTANT = Date.UTC(2060, 0);
/** Fields of positions by bucket. */
const POSITIONS: ReadonlySet<string> = new Set(['upTo', 'seenUpTo']);
/** Columns of CSV that have amounts, and counts. */
const MONEY_COLUMNS: ReadonlySet<string> = new Set(['charge', 'metered_price', 'at_stake']);
const COUNT_COLUMNS: ReadonlySet<string> = new Set(['duration_ms', 'billed_seconds', 'calls_at_stake']);
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
    const digits = [...run.matchAll(/\p{Nd}/gu)];
    if (digits.length < FEWEST_DIGITS) return run;
    // What is longer than any number is several: of no more than the beginning of the first is it known whose it is.
    const shown = digits.length > MOST_DIGITS ? HIDDEN_DIGITS : digits.length - HIDDEN_DIGITS;
    const hidden = new Set([...digits.keys()].filter((nth) => nth >= shown));
    // Nor do digits that stand apart behind a number count as its last.
    for (let nth = 1, from = 0; nth <= digits.length; nth++) {
      const before = digits[nth - 1]!;
      if (digits[nth]?.index === before.index + before[0].length) continue;
      if (nth - from >= FEWEST_DIGITS) for (let back = 1; back <= HIDDEN_DIGITS; back++) hidden.add(nth - back);
      from = nth;
    }
    let nth = 0;
    return run.replaceAll(/\p{Nd}/gu, (digit) => (hidden.has(nth++) ? '*' : digit));
  });
}

/** Where a value stands in an answer. */
interface Place {
  /** The names of the fields that lead to it, with `/` between them; those in a list stand where the list does. */
  readonly path: string;
  /** The last of them. */
  readonly field: string;
  readonly isForeign: boolean;
  /** Where texts are ours, beside `OURS`. */
  readonly ours: readonly string[];
}

/**
 * A JSON value with every number in it masked; one that was a JSON number is a text then.
 *
 * @param ours where its texts are ours, beside what is so in all answers: `webhooks/id`
 */
export function maskValue(value: unknown, ours: readonly string[] = []): unknown {
  return maskAt(value, { path: '', field: '', isForeign: false, ours });
}

function maskAt(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return isKept(value, place) ? value : maskField(value, place);
  if (typeof value === 'number') {
    const isCount = COUNTS.has(place.field) || isOurs(place) || POSITIONS.has(place.path.split('/').at(-2) ?? '');
    return isCount || isInstant(value, place) || !/^\d{7,}$/.test(String(Math.abs(value)))
      ? value
      : maskText(String(Math.abs(value)));
  }
  if (Array.isArray(value)) return value.map((each) => maskAt(each, place));
  if (typeof value !== 'object' || value === null) return value;
  const isBase64 = 'encoding' in value && value.encoding === 'base64';
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const isBytes = isBase64 && name === 'record' && typeof each === 'string';
      return [maskText(name), isBytes ? maskBytes(each) : maskAt(each, within(place, name))];
    }),
  );
}

function within({ path, isForeign, ours }: Place, name: string): Place {
  return { path: path === '' ? name : `${path}/${name}`, field: name, isForeign: isForeign || FOREIGN.has(name), ours };
}

function isOurs({ path, isForeign, ours }: Place): boolean {
  return !isForeign && (OURS.has(path) || ours.includes(path));
}

function isInstant(value: number, { field, isForeign }: Place): boolean {
  return !isForeign && INSTANTS.has(field) && value >= FIRST_INSTANT && value < LAST_INSTANT;
}

/** Whether a text is no number, by where it stands and what it looks like. */
function isKept(text: string, place: Place): boolean {
  const { field, isForeign } = place;
  if (isForeign) return false;
  if (isOurs(place) || DIGESTS[field]?.test(text) === true) return true;
  if (MONEY.test(field) && AMOUNT.test(text)) return true;
  if (field === 'position' && POSITION.test(text)) return true;
  return field === 'call' && (IDENTITY.test(text) || UNIQUE_ID.test(text));
}

function maskField(text: string, { field, isForeign }: Place): string {
  if (isForeign || !VERSIONED.has(field) || !VERSION.test(text)) return maskText(text);
  return maskText(text.slice(0, -17)) + text.slice(-17);
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

/** Rows of CSV, cell by cell: what the first row names as amounts and counts stays. */
export class CsvMask {
  #columns: readonly string[] | null = null;

  /** @param text whole rows, those that follow the ones before */
  mask(text: string): string {
    const header: string[] = [];
    let column = 0;
    return text.replaceAll(/"(?:[^"]|"")*"|[^",\r\n]+|[,\n]/g, (cell) => {
      if (cell === ',') column++;
      if (cell === '\n') {
        this.#columns ??= header;
        column = 0;
      }
      if (cell === ',' || cell === '\n') return cell;
      const name = this.#columns?.[column];
      if (this.#columns === null) header[column] = cell;
      return name !== undefined && isKeptIn(name, cell) ? cell : maskText(cell);
    });
  }
}

function isKeptIn(column: string, cell: string): boolean {
  return (MONEY_COLUMNS.has(column) && AMOUNT.test(cell)) || (COUNT_COLUMNS.has(column) && /^\d+$/.test(cell));
}
