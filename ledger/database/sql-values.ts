/** What a statement's `$1` may be given. Instants go in through `sqlInstant`, documents through `JSON.stringify`. */
export type Parameter = Scalar | Uint8Array | readonly Scalar[];
type Scalar = string | number | bigint | boolean | null;

/**
 * The text form of a parameter, the same for both drivers (their own conversions differ). Arrays become array literals;
 * bytes become `bytea` in hex.
 */
export function toParameterText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return bytesText(value);
  if (isArray(value)) return `{${value.map(elementText).join(',')}}`;
  return scalarText(value);
}

/** An instant, ms since the epoch, as a `timestamptz` parameter; `±Infinity` is the database's own infinity. */
export function sqlInstant(ms: number): string {
  if (ms === Infinity) return 'infinity';
  if (ms === -Infinity) return '-infinity';
  return new Date(ms).toISOString();
}

/**
 * How columns come back, the same for both drivers: `bigint` (also `count(*)` and `sum(int)`) as bigint, since an
 * identity fills all 64 bits; `numeric` as string; `timestamptz` as ms since the epoch, cut to whole ms; `bytea` as
 * Buffer; json parsed; smaller numbers as numbers; anything else as text. Arrays differ between the drivers: select
 * them as jsonb.
 */
export const COLUMN_PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  17: (text) => Buffer.from(text.slice(2), 'hex'),
  20: BigInt,
  21: Number,
  23: Number,
  26: Number,
  114: (text): unknown => JSON.parse(text),
  700: Number,
  701: Number,
  1114: (text) => text,
  1082: (text) => text,
  1184: parseInstant,
  1700: (text) => text,
  3802: (text): unknown => JSON.parse(text),
};

/** Types whose parameters PGlite would convert by itself: told to take the text as it is. */
export const TEXT_PARAMETERS: Readonly<Record<number, (text: string) => string>> = Object.fromEntries(
  [16, 17, 20, 21, 23, 26, 114, 700, 701, 1082, 1114, 1184, 1700, 3802].map((type) => [type, (text: string) => text]),
);

/** `2026-11-03 10:15:00.123456+00`, as sessions in UTC write it. */
function parseInstant(text: string): number {
  if (text === 'infinity') return Infinity;
  if (text === '-infinity') return -Infinity;
  const ms = Date.parse(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`);
  if (!text.endsWith('+00') || Number.isNaN(ms)) {
    throw new Error(`Cannot read the instant '${text}': the session's time zone must be UTC and its date style ISO`);
  }
  return ms;
}

// Array.isArray would make `any[]` of an unknown.
function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Bytes as text of a `bytea`: also as an element of a `bytea[]`, where bytes themselves can't stand. */
export function bytesText(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

function elementText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return scalarText(value);
}

function scalarText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      throw new TypeError(`Cannot pass a parameter of type '${typeof value}': make text, a number or bytes of it`);
  }
}
