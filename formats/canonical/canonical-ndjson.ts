import { decodeCanonicalJson, decodeKeptJson } from './canonical-json.ts';
import { scanCallId, scanCanonical, scanIntoColumns, scanKeptCanonical } from './canonical-scanner.ts';
import { MAX_RECORD_BYTES, tooLong, type Decoded, type Format } from '../format.ts';

/** The canonical CDR, version 1, one JSON object a line: what every other format is turned into. */
export const canonicalNdjson: Format = {
  id: 'canonical-ndjson',
  framing: 'lines',
  decode(buffer, start, end) {
    if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
    return scanCanonical(buffer, start, end) ?? decodeCanonicalJson(buffer, start, end);
  },
  scan: scanIntoColumns,
  callIdOf: scanCallId,
  namedCall: callInJson,
};

const OPEN_BRACE = 0x7b;

function callInJson(buffer: Buffer, start: number, end: number): string | null {
  if (buffer[start] !== OPEN_BRACE) return null;
  try {
    const { call } = JSON.parse(buffer.toString('utf8', start, end)) as { readonly call?: unknown };
    return typeof call === 'string' ? call : null;
  } catch {
    return null;
  }
}

/** The same of records that Fairtally wrote itself: calls that were read from several have revisions below 1. */
export const keptNdjson: Format = {
  ...canonicalNdjson,
  decode(buffer, start, end) {
    if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
    return scanKeptCanonical(buffer, start, end) ?? decodeKeptJson(buffer, start, end);
  },
};

/** Decodes a record that the ledger keeps: it was accepted once, by this version or an earlier one, and is for ever. */
export function decodeKept(buffer: Buffer): Decoded {
  return scanKeptCanonical(buffer, 0, buffer.length) ?? decodeKeptJson(buffer, 0, buffer.length);
}
