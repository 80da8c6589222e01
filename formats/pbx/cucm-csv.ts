import { agrees } from '../asterisk/asterisk-channel.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, notACall, unmatchedNames, type Decoded, type DecodedBad, type Format } from '../format.ts';
import { type ColumnReader, lineText, readHeader, readRow } from '../reading/headed-row.ts';
import { anyNamePattern, type NamePatterns } from '../reading/name-pattern.ts';
import { secondsToMs } from '../reading/switch-time.ts';
import { agreedDuration, callTold, type SwitchSettings } from '../call/told-call.ts';

export interface CucmOptions extends SwitchSettings {
  /** Name of the cluster; by default the record's `globalCallId_ClusterID`. */
  readonly switchId?: string;
  /** Gateways and SIP trunks towards carriers, by the name of the device, `*` for any rest. */
  readonly trunks: readonly string[];
  /** Columns that name the line, in this order. */
  readonly lineFrom?: readonly string[];
}

/** Columns that every version has, and this format reads. */
const NEEDED = [
  'cdrRecordType',
  'globalCallID_callId',
  'callingPartyNumber',
  'finalCalledPartyNumber',
  'dateTimeConnect',
  'dateTimeDisconnect',
  'duration',
  'origDeviceName',
  'destDeviceName',
  'pkid',
];

/** Whether a line is the header of CUCM's CDR or CMR file. */
export function isCucmHeader(line: string): boolean {
  return /^"?cdrRecordType"?[,;\t|]/i.test(line.trim()) && /globalCallID_callId/i.test(line);
}

/**
 * Cisco CUCM's CDR flat file: a line of names, a line of types, then rows in which times are seconds since the epoch.
 * Files of CMRs, which report the quality of calls, have the same beginning: their rows are no calls.
 */
export function createCucmCsv(header: string, options: CucmOptions): Format | { readonly problem: string } {
  const read = readHeader(header);
  if ('problem' in read) return read;
  // Databases that the file went through may have changed the letter case of names.
  const columns = new Map([...read.columns].map(([name, place]) => [name.toLowerCase(), place]));
  const isCmr = columns.has('numberpacketssent');
  const missing = isCmr ? undefined : NEEDED.find((name) => !columns.has(name.toLowerCase()));
  if (missing !== undefined) return { problem: `its header lacks column '${missing}'` };
  const isTrunk = anyNamePattern(options.trunks);
  return {
    id: 'cucm-csv',
    framing: 'lines',
    decode: (buffer, start, end) => {
      const line = lineText(buffer, start, end);
      if (typeof line !== 'string') return line;
      // The line of types, and headers of files that were joined to this one.
      if (isTypes(line)) return notACall('other-event');
      if (isCucmHeader(line)) return repeatedHeader(line, header);
      const at = readRow(line, { ...read, columns });
      if (typeof at !== 'function') return at;
      // Patterns of E.164 numbers have a backslash before their plus sign: `\+33…`.
      return decodeRow((name) => at(name.toLowerCase()).replace(/^\\(?=\+)/, ''), isTrunk, options);
    },
    unmatched: () => (isCmr ? [] : unmatchedNames('trunk', isTrunk.unmatched)),
  };
}

function isTypes(line: string): boolean {
  return /^"?(?:INTEGER|VARCHAR)/i.test(line);
}

function repeatedHeader(line: string, header: string): Decoded {
  if (line.trim().toLowerCase() === header.trim().toLowerCase()) return notACall('other-event');
  return bad(
    'bad-header',
    'Cannot read what follows: it has another header than the file, so read it as a file of its own',
  );
}

/** Q.850 has 127 causes; Cisco's own say that a leg went over into another record of the call. */
const ON_BEHALF_OF = { transfer: '10', recording: '27', monitoring: '28' } as const;

function decodeRow(at: ColumnReader, isTrunk: NamePatterns, options: CucmOptions): Decoded {
  // 1 is a CDR; 2 a CMR, which says how a call sounded.
  const type = at('cdrRecordType');
  if (type === '2') return notACall('other-event');
  if (type !== '1') return bad('invalid-field', `Cannot read cdrRecordType: ${quote(type)} is neither 1 nor 2`);
  const connect = epochOf(at, 'dateTimeConnect');
  if (typeof connect !== 'number') return connect;
  const toTrunk = isTrunk(at('destDeviceName'));
  const fromTrunk = isTrunk(at('origDeviceName'));
  if (isRecording(at)) return notACall('internal');
  if (connect !== 0 && at('destDeviceName') === '') {
    return bad('missing-field', 'Cannot tell where the call went: it was connected, and has no destDeviceName');
  }
  if (!toTrunk) return notACall(fromTrunk ? 'inbound' : connect === 0 ? 'unanswered' : 'internal');
  const billedMs = secondsToMs(at('duration'));
  if (billedMs === null)
    return bad('invalid-field', `Cannot read duration: ${quote(at('duration'))} is no number of seconds`);
  if (connect === 0) {
    if (billedMs === 0) return notACall('unanswered');
    return bad(
      'duration-mismatch',
      `Cannot tell whether it was answered: dateTimeConnect is 0, duration ${at('duration')}`,
    );
  }
  const disconnect = epochOf(at, 'dateTimeDisconnect');
  if (typeof disconnect !== 'number') return disconnect;
  const agreed = agreedDuration(billedMs, disconnect - connect);
  if ('kind' in agreed) return agreed;
  const parties = partiesOf(at, fromTrunk, options);
  if ('kind' in parties) return parties;
  return callTold(
    {
      switchId: options.switchId ?? at('globalCallId_ClusterID'),
      callId: [at('globalCallID_callManagerId'), at('globalCallID_callId')].filter((id) => id !== '').join('-'),
      legId: at('pkid'),
      ...parties,
      dialled: at('outpulsedCalledPartyNumber') || at('finalCalledPartyNumber'),
      trunk: at('destDeviceName'),
      calling: at('callingPartyNumber'),
      answeredAt: connect,
      ...agreed,
      sourceIp: fromTrunk ? '' : at('origIpv4v6Addr') || addressOf(at('origIpAddr')),
    },
    options,
  );
}

function isRecording(at: ColumnReader): boolean {
  const behalf = [at('joinOnBehalfOf'), at('origCalledPartyRedirectOnBehalfOf'), at('lastRedirectRedirectOnBehalfOf')];
  return behalf.some((value) => value === ON_BEHALF_OF.recording || value === ON_BEHALF_OF.monitoring);
}

/**
 * Who called, who sent the call on, and whether as a transfer. A call that came in by a trunk is nobody's of ours but
 * of whoever sent it on; the record names the first and the last who did.
 */
function partiesOf(at: ColumnReader, fromTrunk: boolean, { lineFrom = ['callingPartyNumber'] }: CucmOptions) {
  const last = at('lastRedirectDn');
  const isTransfer = at('lastRedirectRedirectOnBehalfOf') === ON_BEHALF_OF.transfer;
  const original = at('originalCalledPartyNumber');
  const isSame = original === '' || agrees(original, at('finalCalledPartyNumber'));
  const wasForwarded = !isSame || (isReason(at('origCalledPartyRedirectReason')) && original !== '');
  const diverters = [wasForwarded && !isTransfer ? original : '', isTransfer ? '' : last].filter(
    (party) => party !== '',
  );
  const diversions = diverters.filter(
    (party, index) => party !== diverters[index - 1] && party !== at('finalCalledPartyNumber'),
  );
  const transferredBy = isTransfer ? last : '';
  const line = fromTrunk ? '' : (lineFrom.map(at).find((value) => value !== '') ?? '');
  if (line === '' && diversions.length === 0 && transferredBy === '') {
    return bad(
      'no-line',
      `Cannot tell whose call it is: it came by ${quote(at('origDeviceName'))}, and nobody sent it on`,
    );
  }
  return { line, diversions, transferredBy };
}

/** A redirect reason; 0 is none. */
function isReason(text: string): boolean {
  return text !== '' && text !== '0';
}

function epochOf(at: ColumnReader, name: string): number | DecodedBad {
  const text = at(name);
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no number of seconds since 1970`);
}

/** An IPv4 address as CUCM writes it: a signed integer of 32 bits, its first part lowest. */
function addressOf(text: string): string {
  if (!/^-?\d{1,10}$/.test(text) || text === '0') return '';
  const bits = Number(text) >>> 0;
  return [bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24].join('.');
}
