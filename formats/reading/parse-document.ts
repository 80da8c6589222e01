import { isUtf8 } from 'node:buffer';
import { quote } from '../canonical/canonical-fields.ts';
import { isJsonObject, parseJson } from '../canonical/canonical-json.ts';
import { bad, MAX_RECORD_BYTES, tooLong, type Decoded, type DecodedBad } from '../format.ts';

/** What a switch's JSON document says, not validated yet. */
export interface ParsedDocument {
  readonly kind: 'document';
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the fields were read from. */
  readonly text: string;
}

/** The JSON object in bytes `[start, end)`, or why they hold none. */
export function parseDocument(buffer: Buffer, start: number, end: number): ParsedDocument | DecodedBad {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  if (!isUtf8(buffer.subarray(start, end))) return bad('invalid-utf8', 'Cannot read the document: it is not UTF-8');
  return parseText(buffer.toString('utf8', start, end));
}

/** The same of a text. */
export function parseText(text: string): ParsedDocument | DecodedBad {
  const value = parseJson(text);
  if (value === undefined) return bad('not-json', `Cannot read the document as JSON: ${quote(text)}`);
  if (isJsonObject(value)) return { kind: 'document', fields: value, text };
  return bad('not-an-object', `Cannot read the document: ${quote(text)} is not a JSON object`);
}

/**
 * A longer text in a field that is read is none of a switch: 32 hops of a forwarded call have room in it. What looks
 * into texts may take its time with each character, and must not with a million.
 */
const MOST_TEXT_LENGTH = 16_384;

/** Thrown by `textAt` and caught by `readTexts`. */
class LongTextFault extends Error {}

/** A text or a number as text; `''` where the field is absent or anything else. To be called within `readTexts`. */
export function textAt(fields: Readonly<Record<string, unknown>>, name: string): string {
  // What every object has besides is neither text nor number: to ask whether it is the fields' own took as long again.
  const value = fields[name];
  if (typeof value !== 'string') return typeof value === 'number' ? String(value) : '';
  if (value.length > MOST_TEXT_LENGTH) {
    throw new LongTextFault(
      `Cannot read field '${name}': ${quote(value)} has ${value.length} characters, at most ${MOST_TEXT_LENGTH} are read`,
    );
  }
  return value;
}

/**
 * The same of a SIP header, which may have several values: those that JSON has as a list come in FreeSWITCH's array
 * form, which `headerValues` reads.
 */
export function headerAt(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' || !Array.isArray(value)) return textAt(fields, name);
  const texts = value.slice(0, MOST_VALUES).map((item: unknown) => textAt({ [name]: item }, name));
  return texts.length <= 1 ? (texts[0] ?? '') : `ARRAY::${texts.join('|:')}`;
}

/** More values of one header are a loop's. */
const MOST_VALUES = 64;

/** What is read, or `null` where a text in it is too long to be one. */
export function unlessTooLong(read: () => string | null): string | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof LongTextFault) return null;
    throw error;
  }
}

/** Decodes by `decode`, which reads texts of a document: where one is too long, the record is bad. */
export function readTexts(decode: () => Decoded): Decoded {
  try {
    return decode();
  } catch (error) {
    if (error instanceof LongTextFault) return bad('invalid-field', error.message);
    throw error;
  }
}
