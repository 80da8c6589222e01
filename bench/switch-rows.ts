import type { FormatOptions } from '../formats/index.ts';
import { compileCivilTime } from '../tariffs/index.ts';
import { makeTraffic, type TrafficSize } from './traffic.ts';

/** The same calls as rows of a switch. */
export interface SwitchRows {
  readonly name: string;
  readonly reading: FormatOptions;
  readonly header: string;
  /** Rows a call. */
  readonly rowsACall: number;
  rowsOf(call: CanonicalCall): string;
}

/** What canonical traffic says of a call. */
interface CanonicalCall {
  readonly call: string;
  readonly line: string;
  readonly to: string;
  readonly answered: string;
  readonly durationMs: number;
}

const SWITCH = { switchId: 'sbc-par-1' };

/** Rows of a flat file of Kamailio: an INVITE and a BYE a call, one after the other. */
export const KAMAILIO_ROWS: SwitchRows = {
  name: 'Kamailio, rows of INVITE and BYE',
  reading: { format: 'kamailio-acc', told: { ...SWITCH, extraColumns: ['auth_user', 'ruri_user'] } },
  header: '',
  rowsACall: 2,
  rowsOf: ({ call, line, to, answered, durationMs }) => {
    const at = Math.floor(Date.parse(answered) / 1000);
    const end = at + Math.round(durationMs / 1000);
    return `INVITE|a|b|${call}|200|OK|${at}|${line}|${to}\nBYE|a|b|${call}|200|OK|${end}||\n`;
  },
};

/** FreePBX's table of calls as CSV, with its header. */
export const FREEPBX_ROWS: SwitchRows = {
  name: "FreePBX's table, CSV",
  reading: {
    format: 'asterisk-csv',
    asterisk: { ...SWITCH, clock: compileCivilTime('UTC'), trunks: ['PJSIP/op'] },
  },
  header:
    'calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,amaflags,' +
    'accountcode,uniqueid,userfield,linkedid,sequence\n',
  rowsACall: 1,
  rowsOf: ({ call, line, to, answered, durationMs }) => {
    const at = answered.slice(0, 19).replace('T', ' ');
    const seconds = Math.round(durationMs / 1000);
    return (
      `${at},"""${line}"" <${line}>",${line},${to.slice(1)},from-internal,PJSIP/${line}-0000000a,PJSIP/op-0000000b,` +
      `Dial,"PJSIP/${to.slice(1)}@op,300,T",${seconds},${seconds},ANSWERED,3,${line},${call},,${call},1\n`
    );
  },
};

/** Asterisk's rows as cdr_kafka sends them, a JSON object each. */
export const ASTERISK_JSON_ROWS: SwitchRows = {
  name: 'Asterisk, cdr_kafka',
  reading: {
    format: 'asterisk-json',
    asteriskJson: { ...SWITCH, clock: compileCivilTime('UTC'), trunks: ['PJSIP/op'] },
  },
  header: '',
  rowsACall: 1,
  rowsOf: ({ call, line, to, answered, durationMs }) => {
    const at = answered.slice(0, 19).replace('T', ' ');
    const end = new Date(Date.parse(answered) + durationMs).toISOString().slice(0, 19).replace('T', ' ');
    const seconds = Math.round(durationMs / 1000);
    const row = {
      accountcode: line,
      src: line,
      dst: to.slice(1),
      dcontext: 'from-internal',
      clid: `"${line}" <${line}>`,
      channel: `PJSIP/${line}-0000000a`,
      dstchannel: 'PJSIP/op-0000000b',
      lastapp: 'Dial',
      lastdata: `PJSIP/${to.slice(1)}@op,300,T`,
      start: at,
      answer: at,
      end,
      duration: seconds,
      billsec: seconds,
      disposition: 'ANSWERED',
      amaflags: 'DOCUMENTATION',
      uniqueid: call,
      linkedid: call,
      userfield: '',
      sequence: 1,
    };
    return `${JSON.stringify(row)}\n`;
  },
};

/** A carrier's leg of FreeSWITCH, as mod_json_cdr writes it; a real one has some hundred variables more. */
export const FREESWITCH_ROWS: SwitchRows = {
  name: 'FreeSWITCH, json_cdr',
  reading: { format: 'freeswitch-json' },
  header: '',
  rowsACall: 1,
  rowsOf: ({ call, line, to, answered, durationMs }) => {
    const at = Math.floor(Date.parse(answered) / 1000);
    const seconds = Math.round(durationMs / 1000);
    const variables = {
      direction: 'outbound',
      uuid: call,
      call_uuid: call,
      accountcode: line,
      channel_name: `sofia/external/${to}`,
      sip_gateway_name: 'op',
      sip_to_user: to,
      sip_req_user: to,
      start_uepoch: `${at}000000`,
      answer_uepoch: `${at}000000`,
      end_uepoch: `${at + seconds}000000`,
      billusec: `${seconds}000000`,
    };
    const callflow = [{ caller_profile: { username: line, destination_number: to, caller_id_number: line } }];
    return `${JSON.stringify({ switchname: 'sbc-par-1', variables, callflow })}\n`;
  },
};

/** Traffic of that size as a file of such rows, chunk by chunk. */
export function* switchChunks(rows: SwitchRows, size: TrafficSize): Generator<string> {
  if (rows.header !== '') yield rows.header;
  for (const chunk of makeTraffic(size).chunks) {
    const calls = chunk.toString('latin1').trimEnd().split('\n');
    yield calls.map((text) => rows.rowsOf(JSON.parse(text) as CanonicalCall)).join('');
  }
}
