import type { FormatId } from '../format.ts';

/** What each format is of, in the words of who writes it. */
export const FORMAT_DESCRIPTIONS: Readonly<Record<FormatId, string>> = {
  'canonical-ndjson': 'Fairtally: one JSON object a line',
  'canonical-csv': 'Fairtally: the same as CSV with a header',
  'asterisk-csv': 'Asterisk: Master.csv (cdr_csv)',
  'asterisk-json': 'Asterisk: cdr_kafka, Cdr events as JSON',
  'asterisk-cel': 'Asterisk: channel events (CEL), evidence for its calls',
  'freeswitch-json': 'FreeSWITCH: mod_json_cdr, as files or as posted',
  'freeswitch-xml': 'FreeSWITCH: mod_xml_cdr, as files or as posted',
  'freeswitch-csv': 'FreeSWITCH: mod_cdr_csv, by its own templates',
  'freeswitch-event': 'FreeSWITCH: events as JSON (mod_event_kafka)',
  'freeswitch-text': 'FreeSWITCH: events as text (event socket)',
  'kamailio-json': 'Kamailio: dialog CDRs, acc_json, evapi events',
  'kamailio-acc': 'Kamailio, OpenSIPS: accounting rows in a flat file',
  'opensips-event': 'OpenSIPS: E_ACC_CDR events as text',
  'opensips-json': 'OpenSIPS: E_ACC_CDR events and CDRs as JSON',
  'cucm-csv': 'Cisco CUCM: CDR flat files',
  'broadworks-csv': 'BroadWorks: accounting CSV',
  '3cx-csv': '3CX: CDR files and socket, its own order of columns',
  'yeastar-csv': 'Yeastar S series: table of calls with its header',
  'kazoo-json': 'Kazoo: CHANNEL_DESTROY events, webhooks, documents',
  'jambonz-json': 'jambonz: call records',
  registrations: 'registrations of lines: canonical, Asterisk, FreeSWITCH, Kamailio, OpenSIPS',
  mapped: 'any other, by a mapping file',
};
