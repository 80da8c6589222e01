import { isUtf8 } from 'node:buffer';
import { decodeAsteriskLeg, type LegReading } from './asterisk-leg.ts';
import { agreedTimes, readBilledMs, type CallTimes } from './asterisk-times.ts';
import { readAsteriskRow, uniqueidEpoch, type AsteriskRow } from './asterisk-row.ts';
import { quote } from './canonical-fields.ts';
import {
  bad,
  MAX_RECORD_BYTES,
  tooLong,
  unmatchedNames,
  type Decoded,
  type DecodedBad,
  type Format,
} from './format.ts';
import { instantsOfLocal, parseLocalStamp, type LocalClock } from './local-clock.ts';
import { anyNamePattern } from './name-pattern.ts';

export interface AsteriskOptions {
  /** Name of this Asterisk: its ids are unique only within it. */
  readonly switchId: string;
  /** The zone of the file's times; `UTC` with `usegmtime=yes`. */
  readonly clock: LocalClock;
  /** Endpoints towards carriers, `*` for any rest: `PJSIP/trunk-*`, `SIP/operator`, `DAHDI/*`. */
  readonly trunks: readonly string[];
  /** Where the dialplan writes who diverted a call (`Set(CDR(userfield)=${REDIRECTING(from-num)})`); not by default. */
  readonly diverterFrom?: 'userfield';
}

/**
 * Asterisk `Master.csv` (cdr_csv), 16 to 21 columns, no header. The answered leg towards a trunk is the call; every
 * other row is counted by reason. `docs/reference/cdr-formats.md` says how each field is found.
 */
export function createAsteriskCsv(options: AsteriskOptions): Format {
  const isTrunk = anyNamePattern(options.trunks);
  const reading: LegReading<AsteriskRow> = {
    isTrunk,
    switchIdOf: () => options.switchId,
    identityOf,
    diverterOf: (row) => (options.diverterFrom === 'userfield' ? row.userfield : ''),
    timesOf: (row) => timesOf(row, options.clock),
    evidenceOf: () => NO_EVIDENCE,
  };
  return {
    id: 'asterisk-csv',
    framing: 'lines',
    decode: (buffer, start, end) => decodeLine(reading, buffer, start, end),
    unmatched: () => unmatchedNames('trunk', isTrunk.unmatched),
  };
}

const NO_EVIDENCE = { userAgent: null, sourceIp: null };

function decodeLine(reading: LegReading<AsteriskRow>, buffer: Buffer, start: number, end: number): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  const bytes = buffer.subarray(start, end);
  // Caller names in older encodings are common and not kept: the ids and numbers are ASCII in either.
  const line = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
  if (line.includes('\0')) return bad('invalid-field', 'Cannot read the row: it holds a NUL character');
  const row = readAsteriskRow(line);
  if (row === 'broken-quoting') return bad(row, `Cannot read the row: a quote stands amiss in ${quote(line)}`);
  if (row === 'column-count') return bad(row, `Cannot read the row as 16 to 21 columns of Master.csv: ${quote(line)}`);
  // Rows without a channel are left over by broken writers: they name nothing that could have been a call.
  if (row.channel === '') return bad('no-identity', `Cannot identify the leg: the row has no channel: ${quote(line)}`);
  return decodeAsteriskLeg(row, reading);
}

/**
 * linkedid, uniqueid and sequence name the leg. Without a sequence, the channel and the start tell the legs of one
 * uniqueid apart; without a uniqueid, both channels, whose numbers begin anew when Asterisk restarts, and the start.
 */
function identityOf(row: AsteriskRow): { readonly callId: string; readonly legId: string } | null {
  const { uniqueid, linkedid, sequence } = row;
  if (uniqueid !== '' && sequence !== '') return { callId: linkedid || uniqueid, legId: `${uniqueid}#${sequence}` };
  if (uniqueid !== '') return { callId: linkedid || uniqueid, legId: `${row.dstchannel}@${row.start}` };
  // In the wide layouts an empty uniqueid is a fault of the writer; in the narrow ones it was never asked for.
  if (linkedid !== '' || sequence !== '' || row.channel === '' || row.start === '') return null;
  return { callId: `${row.channel}@${row.start}`, legId: row.dstchannel };
}

function timesOf(row: AsteriskRow, clock: LocalClock): CallTimes | DecodedBad {
  const billedMs = readBilledMs(row.billsec);
  if (typeof billedMs !== 'number') return billedMs;
  const start = placeTime('start', row.start, clock);
  const answer = placeTime('answer', row.answer, clock);
  const end = placeTime('end', row.end, clock);
  if ('kind' in start) return start;
  if ('kind' in answer) return answer;
  if ('kind' in end) return end;
  // A second of tolerance: the epoch in the id and the start are read from the clock one after the other.
  const createdAt = (uniqueidEpoch(row.uniqueid) ?? -Infinity) - 1000;
  const answeredAt = earliestFrom(answer, earliestFrom(start, createdAt));
  const endedAt = nearest(end, answeredAt + billedMs);
  const times = agreedTimes(answeredAt, billedMs, endedAt - answeredAt);
  if ('kind' in times || (start.length === 1 && answer.length === 1)) return times;
  return { ...times, notes: ['local-time-ambiguous', ...times.notes] };
}

/** The instants, one or two, that a local time of the row can mean. */
function placeTime(name: string, text: string, clock: LocalClock): readonly number[] | DecodedBad {
  const local = parseLocalStamp(text);
  if (local === null) {
    return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no time such as '2026-11-03 10:15:00'`);
  }
  const instants = instantsOfLocal(clock, local);
  if (instants.length > 0) return instants;
  return bad(
    'nonexistent-local-time',
    `Cannot place ${name}: the local clock never reads ${quote(text)} from 2000 to 2060`,
  );
}

function earliestFrom(instants: readonly number[], from: number): number {
  return instants.find((instant) => instant >= from) ?? instants[0] ?? NaN;
}

function nearest(instants: readonly number[], to: number): number {
  return instants.reduce((best, instant) => (Math.abs(instant - to) < Math.abs(best - to) ? instant : best));
}
