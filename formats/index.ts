export { MAX_TEXT_LENGTH, quote } from './canonical/canonical-fields.ts';
export { isJsonObject } from './canonical/canonical-json.ts';
export { canonicalNdjson, decodeKept, keptNdjson } from './canonical/canonical-ndjson.ts';
export { scanKept } from './canonical/canonical-scanner.ts';
export { decodedOf } from './call/decoded-leg.ts';
export { encodeCanonical, scanDecoded } from './canonical/encode-canonical.ts';
export { FORMAT_DESCRIPTIONS } from './settings/format-descriptions.ts';
export {
  FORMAT_SETTINGS,
  type FormatSettings,
  gatherFormatSettings,
  neededSettings,
  readFormatSettings,
  settingInWords,
  settingNames,
} from './settings/format-settings.ts';
export {
  type BadRecordReason,
  type Decoded,
  type DecodedBad,
  type LineRegistration,
  type DecodedCall,
  type DecodedNotACall,
  type Format,
  type FormatId,
  MAX_RECORD_BYTES,
  type RecordFraming,
  type NoCallDoubt,
  type UnmatchedName,
  bad,
  formatIds,
  notACall,
  tooLong,
} from './format.ts';
export {
  isLegFamily,
  isToldElsewhere,
  type Leg,
  legKey,
  REVISIONS_BELOW_ONE,
  TOLD_ELSEWHERE_FROM,
} from './call/leg.ts';
export { ScannedLeg } from './call/scanned-leg.ts';
export type { LegReading } from './call/leg-reading.ts';
export { type FormatOptions, type UnusableCode, openFormat } from './open-format.ts';
export { HEADED_FORMATS } from './settings/told-options.ts';
export type { Mapping, ReadMapping } from './mapped/mapping.ts';
export { readMappingFile } from './mapped/mapping-file.ts';
export { shownJson } from './reading/shown-json.ts';
export { legText, readLegs } from './call/whole-call.ts';
