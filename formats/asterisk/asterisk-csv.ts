import { isUtf8 } from 'node:buffer';
import { type AsteriskHeader, readAsteriskHeader, readTableRow } from './asterisk-header.ts';
import { decodeAsteriskLeg, type LegReader, type TrunkOptions, trunkReader } from './asterisk-leg.ts';
import { localBegin, localTimesOf } from './asterisk-local-times.ts';
import { readAsteriskRow, rowIdentity, type AsteriskRow } from './asterisk-row.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, MAX_RECORD_BYTES, notACall, tooLong, unmatchedNames, type Decoded, type Format } from '../format.ts';
import { scanTableLegs } from './scan-asterisk-table.ts';
import type { LocalClock } from '../reading/local-clock.ts';
import { anyNamePattern } from '../reading/name-pattern.ts';

export interface AsteriskOptions extends TrunkOptions {
  /** Name of this Asterisk: its ids are unique only within it. */
  readonly switchId: string;
  /** The zone of the file's times; `UTC` with `usegmtime=yes`. */
  readonly clock: LocalClock;
  /** Where the dialplan writes who diverted a call (`Set(CDR(userfield)=${REDIRECTING(from-num)})`); not by default. */
  readonly diverterFrom?: 'userfield';
}

/**
 * Asterisk `Master.csv` (cdr_csv), 16 to 21 columns without a header, and tables of calls that are exported with one,
 * by the names of their columns. The answered leg towards a trunk is the call; every other row is counted by reason.
 * `docs/reference/cdr-formats.md` says how each field is found.
 *
 * @param headerLine the line of column names that the stream begins with; without one it is Master.csv
 */
export function createAsteriskCsv(options: AsteriskOptions, headerLine: string | null = null): Format {
  const isTrunk = anyNamePattern(options.trunks);
  const header = headerLine === null ? null : readAsteriskHeader(headerLine);
  const reader: LegReader<AsteriskRow> = {
    trunks: trunkReader(options, isTrunk),
    switchIdOf: () => options.switchId,
    identityOf: rowIdentity,
    diverterOf: (row) => (options.diverterFrom === 'userfield' ? row.userfield : ''),
    begunAtOf: (row) => localBegin(row, options.clock),
    timesOf: (row) => localTimesOf(row, options.clock),
    evidenceOf: () => NO_EVIDENCE,
  };
  const scanLeg =
    header === null || options.diverterFrom !== undefined ? undefined : scanTableLegs(header, options, reader.trunks);
  return {
    id: 'asterisk-csv',
    hasLegs: true,
    framing: 'lines',
    decode: (buffer, start, end) => decodeLine(reader, header, buffer, start, end),
    ...(scanLeg === undefined ? {} : { scanLeg }),
    unmatched: () => unmatchedNames('trunk', isTrunk.unmatched),
  };
}

const NO_EVIDENCE = { userAgent: null, sourceIp: null };

function decodeLine(
  reader: LegReader<AsteriskRow>,
  header: AsteriskHeader | null,
  buffer: Buffer,
  start: number,
  end: number,
): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  const line = textOf(buffer, start, end);
  if (line.includes('\0')) return bad('invalid-field', 'Cannot read the row: it holds a NUL character');
  const row = header === null ? readAsteriskRow(line) : readTableRow(line, header);
  // Files that were joined have a header each, and a Master.csv may be given one.
  if (isHeaderRow(row, line)) return notACall('header');
  if (row === 'broken-quoting') return bad(row, `Cannot read the row: a quote stands amiss in ${quote(line)}`);
  if (row === 'column-count') {
    const wanted = header === null ? '16 to 21 columns of Master.csv' : `the ${header.columnCount} of its header`;
    return bad(row, `Cannot read the row as ${wanted}: ${quote(line)}`);
  }
  // Rows without a channel are left over by broken writers: they name nothing that could have been a call.
  if (row.channel === '') return bad('no-identity', `Cannot identify the leg: the row has no channel: ${quote(line)}`);
  return decodeAsteriskLeg(row, reader);
}

/** Caller names in older encodings are common and not kept: the ids and numbers are ASCII in either. */
function textOf(buffer: Buffer, start: number, end: number): string {
  const text = buffer.toString('utf8', start, end);
  // This sign stands for what is no UTF-8, or for itself.
  if (!text.includes('\u{fffd}') || isUtf8(buffer.subarray(start, end))) return text;
  return buffer.toString('latin1', start, end);
}

function isHeaderRow(row: AsteriskRow | 'broken-quoting' | 'column-count', line: string): boolean {
  return (
    (typeof row === 'string' || row.disposition.toLowerCase() === 'disposition') && readAsteriskHeader(line) !== null
  );
}
