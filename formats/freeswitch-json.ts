import { bad, type Decoded, type Format } from './format.ts';
import { readFreeSwitchDocument } from './freeswitch-document.ts';
import {
  decodeFreeSwitchLeg,
  freeSwitchSettings,
  type FreeSwitchOptions,
  type FreeSwitchSettings,
} from './freeswitch-leg.ts';
import { parseDocument, readTexts } from './parse-document.ts';

/**
 * FreeSWITCH mod_json_cdr: one JSON document a leg. The answered leg towards a carrier is the call; every other leg is
 * counted by reason. `docs/reference/cdr-formats.md` says how each field is found.
 */
export function createFreeSwitchJson(options: FreeSwitchOptions = {}): Format {
  const settings = freeSwitchSettings(options);
  return {
    id: 'freeswitch-json',
    framing: 'json-documents',
    decode: (buffer, start, end) => readTexts(() => decodeDocument(buffer, start, end, settings)),
    unmatched: settings.unmatched,
  };
}

function decodeDocument(buffer: Buffer, start: number, end: number, settings: FreeSwitchSettings): Decoded {
  const parsed = parseDocument(buffer, start, end);
  if (parsed.kind === 'bad') return parsed;
  const document = readFreeSwitchDocument(parsed.fields);
  if (document === null) return bad('missing-field', "Cannot read the document: it has no 'variables'");
  return decodeFreeSwitchLeg(document, settings);
}
