import type { FormatSettings } from '../../formats/index.ts';

/** A sample that is no file: what it is of, its text, how it is read, and whether its first line names the columns. */
export interface Sample {
  readonly name: string;
  readonly text: string;
  readonly settings: FormatSettings;
  readonly isHeaded: boolean;
}

const ASTERISK: FormatSettings = { switch: 'pbx', zone: 'Europe/Paris', trunk: ['PJSIP/op'] };

const MASTER_ROWS = [
  '"200","200","0612345678","from-internal","""Ann"" <200>","PJSIP/200-00000001","PJSIP/op-00000002","Dial",' +
    '"PJSIP/0612345678@op,300,T","2026-11-03 10:00:00","2026-11-03 10:00:05","2026-11-03 10:01:05","65","60",' +
    '"ANSWERED","DOCUMENTATION","1793696400.1","","","1793696400.1","1"',
  '"200","200","300","from-internal","200","PJSIP/200-00000003","PJSIP/300-00000004","Dial","PJSIP/300,20",' +
    '"2026-11-03 11:00:00","","2026-11-03 11:00:20","20","0","NO ANSWER","DOCUMENTATION","1793700000.3","","",' +
    '"1793700000.3","3"',
];

const TABLE_HEADER =
  'calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,disposition,amaflags,' +
  'accountcode,uniqueid,userfield,linkedid,sequence';
const TABLE_ROWS = [
  '2026-11-03 10:00:00,"""Ann"" <200>",200,0612345678,from-internal,PJSIP/200-00000001,PJSIP/op-00000002,Dial,' +
    '"PJSIP/0612345678@op,300,T",65,60,ANSWERED,3,200,1793696400.1,,1793696400.1,1',
  '2026-11-03 11:00:00,200,200,0531512345,from-internal,PJSIP/200-00000003,PJSIP/op-00000004,Dial,' +
    '"PJSIP/0531512345@op",20,0,BUSY,3,200,1793700000.3,NULL,1793700000.3,3',
];

const KAFKA_ROW = {
  accountcode: '200',
  src: '200',
  dst: '0612345678',
  channel: 'PJSIP/200-00000001',
  dstchannel: 'PJSIP/op-00000002',
  lastapp: 'Dial',
  lastdata: 'PJSIP/0612345678@op,300,T',
  start: '2026-11-03T10:00:00.000+0100',
  answer: '2026-11-03T10:00:05.000+0100',
  end: '2026-11-03T10:01:05.000+0100',
  duration: 65,
  billsec: 60,
  disposition: 'ANSWERED',
  uniqueid: '1793696400.1',
  linkedid: '1793696400.1',
  sequence: 1,
};

const FREESWITCH = {
  'core-uuid': 'c',
  variables: {
    uuid: 'u-1',
    call_uuid: 'u-0',
    direction: 'outbound',
    start_uepoch: '1793696400000000',
    answer_uepoch: '1793696405000000',
    end_uepoch: '1793696465000000',
    billmsec: '60000',
    accountcode: '200',
    sip_gateway_name: 'op',
    sip_h_Diversion: 'ARRAY::%3Csip%3A300%40pbx%3E|:%3Csip%3A301%40pbx%3E',
    sip_req_user: '%2B33612345678',
    sip_to_user: '%2B33612345678',
  },
};

const CANONICAL = {
  v: 1,
  switch: 'sbc',
  call: 'é-1',
  leg: 'a',
  line: '200',
  to: '+33612345678',
  from: '+33145670200',
  answered: '2026-11-03T10:00:05.000Z',
  durationMs: 60_000,
  diversions: ['300'],
};

function lines(rows: readonly string[]): string {
  return `${rows.join('\n')}\n`;
}

const CEL_ROWS = [
  'eventtype,eventtime,channame,accountcode,appdata,uniqueid,linkedid,extra',
  'FORWARD,2026-11-03 10:00:01,Local/300@x-00000001;1,300,PJSIP/300,1793696400.2,1793696400.1,' +
    '"{""forward"":""0612345678""}"',
  'BLINDTRANSFER,2026-11-03 10:00:09,PJSIP/300-00000002,300,,1793696400.3,1793696400.1,' +
    '"{""extension"":""0612345678"",""transferee_channel_name"":""PJSIP/op-00000001""}"',
  'HANGUP,2026-11-03 10:01:00,PJSIP/300-00000002,300,,1793696400.3,1793696400.1,',
];

const CEL_EVENT = {
  Event: 'CEL',
  EventName: 'BLINDTRANSFER',
  EventTime: '2026-11-03 10:00:09',
  Channel: 'PJSIP/300-00000002',
  AccountCode: '300',
  UniqueID: '1793696400.3',
  LinkedID: '1793696400.1',
  Extra: '{"extension":"0612345678","transferee_channel_name":"PJSIP/op-00000001"}',
};

/** Formats of which the project's fixtures are in tests of their own. */
export const MORE_SAMPLES: readonly Sample[] = [
  {
    name: 'Master.csv',
    text: lines(MASTER_ROWS),
    settings: { ...ASTERISK, format: 'asterisk-csv' },
    isHeaded: false,
  },
  {
    name: "FreePBX's table",
    text: lines([TABLE_HEADER, ...TABLE_ROWS]),
    settings: { ...ASTERISK, format: 'asterisk-csv' },
    isHeaded: true,
  },
  {
    name: 'CEL, a table',
    text: lines(CEL_ROWS),
    settings: { format: 'asterisk-cel', switch: 'pbx' },
    isHeaded: true,
  },
  {
    name: 'CEL, JSON',
    text: lines([CEL_EVENT, { ...CEL_EVENT, EventName: 'HANGUP' }].map((event) => JSON.stringify(event))),
    settings: { format: 'asterisk-cel', switch: 'pbx' },
    isHeaded: false,
  },
  {
    name: 'cdr_kafka',
    text: lines(
      [KAFKA_ROW, { ...KAFKA_ROW, uniqueid: '1793696400.2', disposition: 'BUSY' }].map((row) => JSON.stringify(row)),
    ),
    settings: { format: 'asterisk-json', switch: 'pbx', trunk: ['PJSIP/op'] },
    isHeaded: false,
  },
  {
    name: 'json_cdr',
    text: lines([JSON.stringify(FREESWITCH), JSON.stringify({ ...FREESWITCH, variables: { uuid: 'u-2' } })]),
    settings: { format: 'freeswitch-json', switch: 'sw' },
    isHeaded: false,
  },
  {
    name: 'canonical NDJSON',
    text: lines(
      [CANONICAL, { ...CANONICAL, call: 'c-2', revision: 1, answered: null }].map((row) => JSON.stringify(row)),
    ),
    settings: { format: 'canonical-ndjson' },
    isHeaded: false,
  },
  {
    name: 'canonical CSV',
    text: lines([
      'v,switch,call,line,to,answered,durationMs,ua',
      '1,sbc,c-1,200,+33612345678,2026-11-03T10:00:05.000Z,60000,"Yealink ""T46"""',
      '1,sbc,c-2,200,0531512345,2026-11-03T11:00:05.000Z,0,',
    ]),
    settings: { format: 'canonical-csv' },
    isHeaded: true,
  },
];
