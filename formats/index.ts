export { MAX_TEXT_LENGTH, quote } from './canonical-fields.ts';
export { canonicalNdjson, decodeKept } from './canonical-ndjson.ts';
export { encodeCanonical } from './encode-canonical.ts';
export { FORMAT_DESCRIPTIONS } from './format-descriptions.ts';
export { type FormatSettings, gatherFormatSettings, neededSettings, readFormatSettings } from './format-settings.ts';
export {
  type BadRecordReason,
  type Decoded,
  type DecodedBad,
  type DecodedCall,
  type Format,
  type FormatId,
  MAX_RECORD_BYTES,
  type RecordFraming,
  type UnmatchedName,
  bad,
  formatIds,
  tooLong,
} from './format.ts';
export { type FormatOptions, type UnusableCode, openFormat } from './open-format.ts';
export { HEADED_FORMATS } from './told-options.ts';
export { shownJson } from './shown-json.ts';
