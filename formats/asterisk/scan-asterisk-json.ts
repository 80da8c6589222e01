import { MOST_SCANNED_BYTES } from '../call/scanned-leg.ts';
import type { ScanLeg } from '../format.ts';
import { JsonFields } from '../reading/locate-json.ts';
import type { AsteriskJsonOptions } from './asterisk-json-options.ts';
import type { TrunkReader } from './asterisk-leg.ts';
import type { AsteriskColumn } from './asterisk-row.ts';
import { AT, asteriskLegScanner, ends, starts } from './scan-asterisk-leg.ts';
import { scanLocalTimes, scanOffsetTimes } from './scan-asterisk-times.ts';

/** Fields that an event of the manager interface has, a row of a table, or what stands around one. */
const OF_OTHER_FORMS = ['Event', 'DestinationChannel', 'calldate', 'type'];

const SPACE = 0x20;

/** The fast way to the legs of cdr_kafka's records; `undefined` where the settings rule it out. */
export function scanKafkaLegs(options: AsteriskJsonOptions, trunks: TrunkReader, required: readonly string[]) {
  const { switchId = '', clock, diverterFrom = [], userAgentFrom = [], sourceIpFrom = [] } = options;
  if (diverterFrom.length + userAgentFrom.length + sourceIpFrom.length > 0) return undefined;
  const scan = asteriskLegScanner({
    switchId,
    trunks,
    readTimes: (bytes) => {
      const hasOffset = bytes[starts[AT.start]! + 10] !== SPACE;
      return hasOffset ? scanOffsetTimes(bytes) : clock !== undefined && scanLocalTimes(bytes, clock);
    },
  });
  if (scan === null) return undefined;
  const columns = Object.keys(AT) as AsteriskColumn[];
  // The length of a row stands under another name than in other writers' rows.
  const names: readonly string[] = columns.map((column) => (column === 'duration' ? 'durationsec' : column));
  const fields = new JsonFields(names, OF_OTHER_FORMS, starts, ends);
  const wanted = required.reduce((bits, name) => bits | (1 << names.indexOf(name)), 0);
  const scanLeg: ScanLeg = (buffer, start, end, leg) => {
    if (end - start > MOST_SCANNED_BYTES || !fields.locate(buffer, start, end)) return false;
    return (fields.present & wanted) === wanted && scan(buffer, leg);
  };
  return scanLeg;
}
