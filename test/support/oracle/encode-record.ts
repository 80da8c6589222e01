import type { OracleRecord } from './oracle-types.ts';
import { canonicalContent } from './record-content.ts';

/** Ways to write one record in the canonical format: all decode to the same content. */
export const RECORD_STYLES = [
  'canonical',
  'explicit-defaults',
  'offset-time',
  'short-time',
  'reordered',
  'escaped',
] as const;

export type RecordStyle = (typeof RECORD_STYLES)[number];

function explicitDefaults(text: string): string {
  return JSON.stringify({ kind: 'call', ...JSON.parse(text), ...missingDefaults(text) });
}

function missingDefaults(text: string): Record<string, unknown> {
  const defaults = { leg: '', diversions: [], revision: 0 };
  return Object.fromEntries(Object.entries(defaults).filter(([key]) => !text.includes(`"${key}":`)));
}

function withAnswered(text: string, from: string, to: string): string {
  return text.replace(`"answered":"${from}"`, `"answered":"${to}"`);
}

function escapeText(text: string): string {
  return text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A record as one line of canonical NDJSON, without line end, in one of the spellings that the format allows. */
export function encodeRecord(cdr: OracleRecord, style: RecordStyle): string {
  const text = canonicalContent(cdr);
  const answered = new Date(cdr.startedAt).toISOString();
  switch (style) {
    case 'canonical':
      return text;
    case 'explicit-defaults':
      return explicitDefaults(text);
    case 'offset-time':
      return withAnswered(text, answered, new Date(cdr.startedAt + 7_200_000).toISOString().replace('Z', '+02:00'));
    case 'short-time':
      return withAnswered(text, answered, answered.replace('.000Z', 'Z'));
    case 'reordered':
      return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).toReversed()), null, 1)
        .split('\n')
        .map((part) => part.trim())
        .join(' ');
    case 'escaped':
      return escapeText(text);
    default:
      return style satisfies never;
  }
}

/** A decoded record, with its canonical bytes. */
export function recordOf(fields: Omit<OracleRecord, 'recordBuffer' | 'recordStart' | 'recordEnd'>): OracleRecord {
  const empty = Buffer.alloc(0);
  const recordBuffer = Buffer.from(canonicalContent({ ...fields, recordBuffer: empty, recordStart: 0, recordEnd: 0 }));
  return { ...fields, recordBuffer, recordStart: 0, recordEnd: recordBuffer.length };
}
