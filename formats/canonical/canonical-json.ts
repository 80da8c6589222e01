import { isUtf8 } from 'node:buffer';
import { decodeCanonicalValues, KEPT, quote, STRICT } from './canonical-fields.ts';
import { bad, MAX_RECORD_BYTES, tooLong, type Decoded } from '../format.ts';

/**
 * Decodes one canonical NDJSON record by `JSON.parse`: the plain reading, with the exact fault of a broken record.
 * The byte scanner hands everything here that is not the common case, and is tested against it.
 */
export function decodeCanonicalJson(buffer: Buffer, start: number, end: number): Decoded {
  return decode(buffer, start, end, true);
}

/** The same of a record that was accepted before, perhaps by an earlier version that was less strict. */
export function decodeKeptJson(buffer: Buffer, start: number, end: number): Decoded {
  return decode(buffer, start, end, false);
}

function decode(buffer: Buffer, start: number, end: number, isNew: boolean): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  if (!isUtf8(buffer.subarray(start, end))) return bad('invalid-utf8', 'Cannot read the record: it is not UTF-8');
  const text = buffer.toString('utf8', start, end);
  const value = parseJson(text);
  if (value === undefined) return bad('not-json', `Cannot read the record as JSON: ${quote(text)}`);
  if (!isJsonObject(value)) return bad('not-an-object', `Cannot read the record: ${quote(text)} is not a JSON object`);
  const duplicate = duplicateKey(text);
  if (duplicate !== null) {
    return bad('duplicate-field', `Cannot read the record: field ${quote(duplicate)} stands more than once`);
  }
  const record = { recordBuffer: buffer, recordStart: start, recordEnd: end };
  const decoded = decodeCanonicalValues(value, record, isNew ? STRICT : KEPT);
  const broken = decoded.kind === 'bad' || !isNew ? null : brokenNumber(text);
  return broken === null ? decoded : bad('invalid-field', `Cannot read number ${quote(broken)}: it is not a whole one`);
}

const numberPattern = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * The first number of a valid JSON text that is no whole one as it is written, though it may be rounded to one:
 * `1.0000000000000000001`. All numbers of a record are whole; `61000.0` and `6.1e4` are. `null` when there is none.
 */
function brokenNumber(text: string): string | null {
  for (const [token] of text.matchAll(numberPattern)) if (!token.startsWith('"') && !isWhole(token)) return token;
  return null;
}

function isWhole(token: string): boolean {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const zerosNeeded = Math.max(0, -Number(exponent));
  return (
    fraction.replace(/0+$/, '').length <= Math.max(0, Number(exponent)) && /0*$/.exec(whole)![0].length >= zerosNeeded
  );
}

/** The value of a JSON text, or `undefined` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const tokenPattern = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * The first key that stands twice in the outermost object of a valid JSON text; `null` when none does.
 * `JSON.parse` keeps the last of two silently, and which of two durations is billed must not be a matter of luck.
 */
export function duplicateKey(text: string): string | null {
  const seen = new Set<unknown>();
  let depth = 0;
  let lastText = '';
  for (const [token] of text.matchAll(tokenPattern)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (token !== ':') lastText = token;
    else if (depth === 1) {
      const key: unknown = JSON.parse(lastText);
      if (seen.has(key)) return String(key);
      seen.add(key);
    }
  }
  return null;
}
