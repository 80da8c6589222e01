import { isUtf8 } from 'node:buffer';
import { agrees, looksLikeNumber } from '../asterisk/asterisk-channel.ts';
import { readBilledMs } from '../asterisk/asterisk-times.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { splitCsvLine, splitLooseCsvLine } from '../reading/csv-line.ts';
import { bad, MAX_RECORD_BYTES, notACall, tooLong, unmatchedNames, type Decoded, type Format } from '../format.ts';
import { asCsvLeg } from './freeswitch-csv-legs.ts';
import { answeredTarget } from './freeswitch-dial-string.ts';
import { unnamedFault, unnamedTarget } from './unnamed-trunk.ts';
import { placeLocal, spanOfLocal, type LocalClock } from '../reading/local-clock.ts';
import { anyNamePattern, type NamePatterns } from '../reading/name-pattern.ts';
import { dialledUser } from '../reading/sip-address.ts';
import { agreedDuration, callTold, type SwitchSettings } from '../call/told-call.ts';

export interface FreeSwitchCsvOptions extends SwitchSettings {
  /** Name of this switch: the templates do not write it. */
  readonly switchId: string;
  /** The zone of the file's stamps. */
  readonly clock: LocalClock;
  /** Gateways towards carriers, where the template says which one a call took; by default every gateway is one. */
  readonly gateways?: readonly string[];
  readonly profiles?: readonly string[];
}

/** What a template's row says, `''` where it has no such column. */
interface Row {
  readonly uuid: string;
  readonly otherUuid: string;
  readonly line: string;
  readonly calling: string;
  readonly destination: string;
  readonly start: string;
  readonly answer: string;
  readonly end: string;
  readonly billsec: string;
  readonly userAgent: string;
  readonly sourceIp: string;
  /** `outbound` for a B leg, where the template says so. */
  readonly direction: string;
  readonly gateway: string;
  readonly lastApp: string;
  readonly lastArg: string;
  readonly channel: string;
  readonly bridgeChannel: string;
  /** Whether the row would name a carrier if there were one. */
  readonly namesCarrier: boolean;
}

/**
 * FreeSWITCH mod_cdr_csv, by the templates that its configuration comes with: `example`, `snom`, `linksys`, `sql`,
 * `asterisk` and `opencdrrate`, each row by its own, since accounts may have templates of their own.
 */
export function createFreeSwitchCsv(options: FreeSwitchCsvOptions): Format {
  const isGateway = anyNamePattern(options.gateways ?? ['*']);
  const isProfile = anyNamePattern(options.profiles ?? []);
  return {
    id: 'freeswitch-csv',
    hasLegs: true,
    framing: 'lines',
    decode: (buffer, start, end) => decodeLine(buffer, start, end, { ...options, isGateway, isProfile }),
    unmatched: () => [
      ...unmatchedNames('gateway', options.gateways === undefined ? [] : isGateway.unmatched),
      ...unmatchedNames('profile', isProfile.unmatched),
    ],
  };
}

interface Reading extends FreeSwitchCsvOptions {
  readonly isGateway: NamePatterns;
  readonly isProfile: NamePatterns;
}

function decodeLine(buffer: Buffer, start: number, end: number, reading: Reading): Decoded {
  if (end - start > MAX_RECORD_BYTES) return tooLong(end - start);
  const bytes = buffer.subarray(start, end);
  const line = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1').trim();
  if (line.includes('\0')) return bad('invalid-field', 'Cannot read the row: it holds a NUL character');
  const fields = freeSwitchFields(line);
  if (fields === null) return bad('broken-quoting', `Cannot read the row: a quote stands amiss in ${quote(line)}`);
  const row = rowOf(fields);
  if (row === null) {
    return bad(
      'column-count',
      `Cannot read the row: ${fields.length} columns of none of mod_cdr_csv's own templates ` +
        `(${TEMPLATES.map(({ name }) => name).join(', ')}): describe yours by a mapping`,
    );
  }
  const leg = { uuid: row.uuid, otherUuid: row.otherUuid, direction: row.direction, start: row.start };
  return asCsvLeg(decodeRow(row, reading), reading.switchId, leg);
}

/** The fields of a row, strictly read or with quotes that were not doubled; those within an `INSERT`. */
export function freeSwitchFields(line: string): string[] | null {
  const values = /^insert\s+into\s+\w+\s+values\s*\(/i.exec(line);
  const inner = values === null ? line : line.slice(values[0].length).replace(/\)\s*;?\s*$/, '');
  // The templates snom and sql have a blank before the account code.
  const tidy = inner.replaceAll('", "', '","');
  const strict = splitCsvLine(tidy);
  if (strict !== null) return strict;
  const loose = splitLooseCsvLine(tidy);
  return loose !== null && rowOf(loose) !== null ? loose : null;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Stamps, and what spreadsheets make of them, which is refused later, by the field. */
const STAMP = /^(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4} \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?)?$/i;

interface Template {
  readonly name: string;
  readonly columns: readonly number[];
  /** Where the leg's uuid and its stamps stand, which tells the template. */
  readonly uuid: number;
  readonly stamps: readonly number[];
  row(at: (index: number) => string): Partial<Row>;
}

const exampleRow = (at: (index: number) => string): Partial<Row> => ({
  uuid: at(10),
  otherUuid: at(11),
  line: at(12),
  calling: at(1),
  destination: at(2),
  start: at(4),
  answer: at(5),
  end: at(6),
  billsec: at(8),
});

const TEMPLATES: readonly Template[] = [
  { name: 'example', columns: [15], uuid: 10, stamps: [4, 5, 6], row: exampleRow },
  { name: 'sql', columns: [13], uuid: 10, stamps: [4, 5, 6], row: exampleRow },
  {
    name: 'snom',
    columns: [20],
    uuid: 10,
    stamps: [4, 5, 6],
    row: (at) => ({ ...exampleRow(at), userAgent: at(15) }),
  },
  {
    name: 'linksys',
    columns: [17],
    uuid: 10,
    stamps: [4, 5, 6],
    row: (at) => ({ ...exampleRow(at), userAgent: at(15) }),
  },
  {
    name: 'asterisk',
    columns: [17, 18],
    uuid: 16,
    stamps: [9, 10, 11],
    row: (at) => ({
      uuid: at(16),
      line: at(0),
      calling: at(1),
      destination: at(2),
      channel: at(5),
      bridgeChannel: at(6),
      lastApp: at(7),
      lastArg: at(8),
      start: at(9),
      answer: at(10),
      end: at(11),
      billsec: at(13),
      namesCarrier: true,
    }),
  },
  {
    name: 'opencdrrate',
    columns: [13],
    uuid: 0,
    stamps: [5, 6],
    row: (at) => ({
      uuid: at(0),
      otherUuid: at(1),
      direction: at(2),
      calling: at(3),
      destination: at(4),
      start: at(5),
      answer: at(5),
      end: at(6),
      billsec: at(7),
      line: at(8),
      sourceIp: at(10),
      gateway: at(12),
    }),
  },
];

const EMPTY: Row = {
  uuid: '',
  otherUuid: '',
  line: '',
  calling: '',
  destination: '',
  start: '',
  answer: '',
  end: '',
  billsec: '',
  userAgent: '',
  sourceIp: '',
  direction: '',
  gateway: '',
  lastApp: '',
  lastArg: '',
  channel: '',
  bridgeChannel: '',
  namesCarrier: false,
};

/** Whether the fields are a row of one of the templates. */
export function isFreeSwitchRow(fields: readonly string[]): boolean {
  return rowOf(fields) !== null;
}

function rowOf(fields: readonly string[]): Row | null {
  const at = (index: number): string => (fields[index] ?? '').trim();
  const template = TEMPLATES.find(
    ({ columns, uuid, stamps }) =>
      columns.includes(fields.length) && UUID.test(at(uuid)) && stamps.every((index) => STAMP.test(at(index))),
  );
  return template === undefined ? null : { ...EMPTY, ...template.row(at) };
}

function decodeRow(row: Row, reading: Reading): Decoded {
  const billedMs = readBilledMs(row.billsec);
  if (typeof billedMs !== 'number') return billedMs;
  if (row.channel.startsWith('loopback/')) return notACall('internal');
  if (row.answer === '') {
    if (billedMs === 0) return notACall('unanswered');
    return bad('duration-mismatch', `Cannot tell whether it was answered: no answer time, but billsec ${row.billsec}`);
  }
  const target = targetOf(row, reading);
  if (target === 'internal' && row.line !== '' && reading.profiles === undefined) {
    const unnamed =
      row.direction === 'outbound'
        ? row.gateway === '' && unnamedFault('', row.destination, reading)
        : unnamedTarget(row.lastArg, row.bridgeChannel, row.channel, reading);
    if (unnamed !== false && unnamed !== null) return bad(unnamed.reason, unnamed.detail);
  }
  if (target === 'application' || target === 'internal') return notACall(target);
  if (target === 'contradiction') {
    const channel = quote(row.bridgeChannel);
    return bad(
      'contradiction',
      `Cannot tell the number: ${quote(row.destination)} was dialled, and ${channel} answered`,
    );
  }
  const { clock } = reading;
  const answer = placeLocal('answer_stamp', row.answer, clock);
  if ('kind' in answer) return answer;
  const end = placeLocal('end_stamp', row.end, clock);
  if ('kind' in end) return end;
  const span = spanOfLocal(answer, end, billedMs);
  const agreed = agreedDuration(billedMs, span.spanMs);
  if ('kind' in agreed) return agreed;
  return callTold(
    {
      switchId: reading.switchId,
      callId: row.uuid,
      legId: '',
      line: row.line,
      dialled: target.number,
      trunk: target.gateway,
      calling: row.calling,
      answeredAt: span.startedAt,
      durationMs: agreed.durationMs,
      userAgent: row.userAgent,
      sourceIp: row.sourceIp,
      diversions: divertersOf(row, target.number),
      notes: span.isAmbiguous ? ['local-time-ambiguous', ...agreed.notes] : agreed.notes,
    },
    reading,
  );
}

/** The number that was dialled, where the dial string sent the call to another: whoever was called sent it on. */
function divertersOf({ destination, line, lastApp, namesCarrier }: Row, sent: string): readonly string[] {
  if (!namesCarrier || lastApp !== 'bridge' || sent === '' || destination === line) return [];
  if (!looksLikeNumber(destination) || /^[*#]/.test(destination)) return [];
  return agrees(destination, dialledUser(sent)) ? [] : [destination];
}

/**
 * Where the leg was sent. The template `asterisk` writes the dial string, `opencdrrate` the direction and the gateway
 * of B legs; the others say only what was dialled, so that every answered row is a call.
 */
function targetOf(row: Row, reading: Reading) {
  const dialled = { gateway: row.gateway, number: row.destination };
  if (row.direction === 'outbound') {
    return row.gateway !== '' && reading.isGateway(row.gateway) ? dialled : ('internal' as const);
  }
  if (!row.namesCarrier) return dialled;
  if (row.lastApp !== 'bridge') {
    // An application answered, unless the call went on by a transfer, which the bridged channel shows.
    if (row.bridgeChannel === '') return 'application' as const;
    // What was dialled may have had a prefix of an outside line, which the channel's name shows.
    const sent = dialledUser(/\/([^/@]+)(?:@[^/]*)?$/.exec(row.bridgeChannel)?.[1] ?? '');
    if (!looksLikeNumber(sent)) return dialled;
    return agrees(row.destination, sent) ? { ...dialled, number: sent } : ('contradiction' as const);
  }
  const target = answeredTarget(row.lastArg, row.bridgeChannel, reading);
  if (target === 'none') return 'internal' as const;
  return target === 'unclear' ? { gateway: '', number: '' } : target;
}
