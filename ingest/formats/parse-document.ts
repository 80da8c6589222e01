import { isUtf8 } from 'node:buffer';
import { quote } from './canonical-fields.ts';
import { isJsonObject, parseJson } from './canonical-json.ts';
import { bad, MAX_RECORD_BYTES, tooLong } from './format.ts';
import type { DecodedBad } from './format.ts';

/** What a switch's JSON document says, not validated yet. */
export interface ParsedDocument {
  readonly kind: 'document';
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The JSON object in bytes `[start, end)`, or why they hold none. */
export function parseDocument(buffer: Buffer, start: number, end: number): ParsedDocument | DecodedBad {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  if (!isUtf8(buffer.subarray(start, end))) return bad('invalid-utf8', 'Cannot read the document: it is not UTF-8');
  const text = buffer.toString('utf8', start, end);
  const value = parseJson(text);
  if (value === undefined) return bad('not-json', `Cannot read the document as JSON: ${quote(text)}`);
  if (isJsonObject(value)) return { kind: 'document', fields: value };
  return bad('not-an-object', `Cannot read the document: ${quote(text)} is not a JSON object`);
}

/** A text or a number as text; `''` where the field is absent or anything else. */
export function textAt(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
