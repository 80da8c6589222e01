import { bad, MAX_RECORD_BYTES, tooLong, type Decoded, type Format } from '../format.ts';
import { readFreeSwitchDocument } from './freeswitch-document.ts';
import {
  decodeFreeSwitchLeg,
  freeSwitchSettings,
  type FreeSwitchOptions,
  type FreeSwitchSettings,
} from './freeswitch-leg.ts';
import { parseText, parseDocument, readTexts } from '../reading/parse-document.ts';
import { unposted } from './posted-document.ts';
import { scanFreeSwitchLegs } from './scan-freeswitch-json.ts';

/**
 * FreeSWITCH mod_json_cdr: one JSON document a leg, from a file or as it is posted. The answered leg towards a carrier
 * is the call; every other leg is counted by reason. `docs/reference/cdr-formats.md` says how each field is found.
 */
export function createFreeSwitchJson(options: FreeSwitchOptions = {}): Format {
  const settings = freeSwitchSettings(options);
  const scanLeg = scanFreeSwitchLegs(settings);
  return {
    id: 'freeswitch-json',
    hasLegs: settings.billedLeg === 'carrier',
    framing: 'json-documents',
    decode: (buffer, start, end) => readTexts(() => decodeDocument(buffer, start, end, settings)),
    ...(scanLeg === null ? {} : { scanLeg }),
    unmatched: settings.unmatched,
  };
}

function decodeDocument(buffer: Buffer, start: number, end: number, settings: FreeSwitchSettings): Decoded {
  const parsed = isPosted(buffer, start) ? parsePosted(buffer, start, end) : parseDocument(buffer, start, end);
  if (parsed.kind === 'bad') return parsed;
  const document = readFreeSwitchDocument(parsed.fields, parsed.text);
  if (document === null) return bad('missing-field', "Cannot read the document: it has no 'variables'");
  return decodeFreeSwitchLeg(document, settings);
}

function isPosted(buffer: Buffer, start: number): boolean {
  return buffer[start] === 0x63 && buffer.toString('latin1', start, start + 4) === 'cdr=';
}

/** As mod_json_cdr posts it: `cdr=%7B…`, or base64. */
function parsePosted(buffer: Buffer, start: number, end: number) {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  return parseText(unposted(buffer.toString('utf8', start, end)));
}
