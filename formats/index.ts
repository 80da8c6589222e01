export { MAX_TEXT_LENGTH, quote } from './canonical-fields.ts';
export { canonicalNdjson, decodeKept } from './canonical-ndjson.ts';
export { decodedOf } from './decoded-leg.ts';
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
export { isLegFamily, type Leg, legKey } from './leg.ts';
export type { LegReading } from './leg-reading.ts';
export { type FormatOptions, type UnusableCode, openFormat } from './open-format.ts';
export { HEADED_FORMATS } from './told-options.ts';
export { shownJson } from './shown-json.ts';
export { legText, readLegs } from './whole-call.ts';
