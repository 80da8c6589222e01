import { MOST_SCANNED_BYTES } from '../call/scanned-leg.ts';
import type { ScanLeg } from '../format.ts';
import type { LocalClock } from '../reading/local-clock.ts';
import { fieldEnds, fieldStarts, locateCsv } from '../reading/locate-csv.ts';
import type { AsteriskHeader } from './asterisk-header.ts';
import type { TrunkReader } from './asterisk-leg.ts';
import type { AsteriskColumn } from './asterisk-row.ts';
import { AT, asteriskLegScanner, ends, starts } from './scan-asterisk-leg.ts';
import { scanLocalTimes } from './scan-asterisk-times.ts';

/**
 * The fast way to the legs of a table of calls with a header, as `readTableRow` and `decodeAsteriskLeg` read them;
 * `undefined` where the settings rule it out.
 */
export function scanTableLegs(
  header: AsteriskHeader,
  { switchId, clock }: { readonly switchId: string; readonly clock: LocalClock },
  trunks: TrunkReader,
): ScanLeg | undefined {
  const scan = asteriskLegScanner({ switchId, trunks, readTimes: (bytes) => scanLocalTimes(bytes, clock) });
  if (scan === null) return undefined;
  const { columnCount } = header;
  const separator = header.separator.charCodeAt(0);
  const places = Int32Array.from(Object.keys(AT) as AsteriskColumn[], (column) => header.places[column]);
  return (buffer, start, end, leg) => {
    if (end - start > MOST_SCANNED_BYTES) return false;
    const count = locateCsv(buffer, start, end, separator);
    // Some exports end each line with a separator.
    const isWhole = count === columnCount || (count === columnCount + 1 && isEmptyField(columnCount));
    return isWhole && takeColumns(buffer, places) && ends[AT.uniqueid] !== starts[AT.uniqueid] && scan(buffer, leg);
  };
}

function isEmptyField(place: number): boolean {
  return fieldStarts[place] === fieldEnds[place];
}

const N = 0x4e;

/** Takes the columns that are read from the fields located last; `false` where one has quotes within. */
function takeColumns(bytes: Buffer, places: Int32Array): boolean {
  for (let column = 0; column < places.length; column++) {
    const place = places[column]!;
    const start = place < 0 ? 0 : fieldStarts[place]!;
    const end = place < 0 ? 0 : fieldEnds[place]!;
    if (start < 0) return false;
    const isNull = end - start === 4 && bytes[start] === N && bytes.toString('latin1', start, end) === 'NULL';
    starts[column] = start;
    ends[column] = isNull ? start : end;
  }
  return true;
}
