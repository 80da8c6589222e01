import { expect, it } from 'vitest';
import { createCucmCsv } from '../../../formats/pbx/cucm-csv.ts';

const COLUMNS = [
  'cdrRecordType',
  'globalCallID_callManagerId',
  'globalCallID_callId',
  'origLegCallIdentifier',
  'callingPartyNumber',
  'destLegIdentifier',
  'originalCalledPartyNumber',
  'finalCalledPartyNumber',
  'dateTimeConnect',
  'dateTimeDisconnect',
  'lastRedirectDn',
  'pkid',
  'duration',
  'origDeviceName',
  'destDeviceName',
  'origCalledPartyRedirectOnBehalfOf',
  'lastRedirectRedirectOnBehalfOf',
  'origCalledPartyRedirectReason',
  'lastRedirectRedirectReason',
  'globalCallId_ClusterID',
  'joinOnBehalfOf',
  'comment',
  'finalMobileCalledPartyNumber',
  'destMobileDeviceName',
  'destMobileCallDuration',
] as const;
type Given = Partial<Record<(typeof COLUMNS)[number], string | number>>;

const CUCM = createCucmCsv(COLUMNS.join(','), { trunks: ['GW*'] });
if ('problem' in CUCM) throw new Error(CUCM.problem);
const { decode } = CUCM;

/** A phone's call to a number outside, as CUCM writes it where nobody redirected it. */
const OUT: Given = {
  cdrRecordType: 1,
  globalCallID_callManagerId: 1,
  globalCallID_callId: 7,
  origLegCallIdentifier: 101,
  callingPartyNumber: '4201',
  destLegIdentifier: 102,
  originalCalledPartyNumber: '0612345678',
  finalCalledPartyNumber: '0612345678',
  dateTimeConnect: 1_793_697_300,
  dateTimeDisconnect: 1_793_697_360,
  lastRedirectDn: '0612345678',
  pkid: 'p1',
  duration: 60,
  origDeviceName: 'SEP4201',
  destDeviceName: 'GW1',
  origCalledPartyRedirectOnBehalfOf: 0,
  lastRedirectRedirectOnBehalfOf: 0,
  origCalledPartyRedirectReason: 0,
  lastRedirectRedirectReason: 0,
  globalCallId_ClusterID: 'lyon',
  joinOnBehalfOf: 0,
};

function told(given: Given): string {
  const row = { ...OUT, ...given };
  const bytes = Buffer.from(COLUMNS.map((name) => row[name] ?? '').join(','));
  const decoded = decode(bytes, 0, bytes.length);
  if (decoded.kind !== 'call') return decoded.reason;
  const { line, dialled, diversions, transferredBy } = decoded.cdr;
  const by = transferredBy === null ? '' : `, transferred by ${transferredBy}`;
  return `${line} -> ${dialled}${diversions.length === 0 ? '' : ` by ${diversions.join(', ')}`}${by}`;
}

const FORWARDED: Given = {
  originalCalledPartyNumber: '4300',
  lastRedirectDn: '4300',
  origCalledPartyRedirectReason: 15,
  lastRedirectRedirectReason: 15,
  origCalledPartyRedirectOnBehalfOf: 5,
  lastRedirectRedirectOnBehalfOf: 5,
};
/** 4300 was answered on a mobile. */
const MOBILE: Given = {
  originalCalledPartyNumber: '4300',
  finalCalledPartyNumber: '4300',
  lastRedirectDn: '4300',
  finalMobileCalledPartyNumber: '0612345678',
  destMobileDeviceName: 'GW1',
};
const CONFERENCE: Given = {
  originalCalledPartyNumber: 'b0029',
  lastRedirectDn: 'b0029',
  origDeviceName: 'GW2',
  origCalledPartyRedirectOnBehalfOf: 4,
  lastRedirectRedirectOnBehalfOf: 4,
  joinOnBehalfOf: 4,
};

it.each<[string, string, Given]>([
  ['nobody redirected', '4201 -> 0612345678', {}],
  [
    'a translation changed',
    '4201 -> 0612345678',
    { originalCalledPartyNumber: '90612345678', lastRedirectDn: '90612345678' },
  ],
  ['4300 forwarded', '4201 -> 0612345678 by 4300', FORWARDED],
  ['4300 forwarded, and then 4400', '4201 -> 0612345678 by 4300, 4400', { ...FORWARDED, lastRedirectDn: '4400' }],
  ['a row without reasons shows to be forwarded', '4201 -> 0612345678 by 4300', withoutReasons(FORWARDED)],
  ['was answered on a mobile', '4201 -> 0612345678 by 4300', MOBILE],
  ['was answered on a mobile, by its row', '4201 -> 0612345678 by 4300', { ...MOBILE, destDeviceName: 'SEP4300' }],
  [
    'was answered on a mobile, and names it',
    '4201 -> 0612345678 by 4300',
    { ...MOBILE, finalCalledPartyNumber: '0612345678' },
  ],
  ['came by a trunk for a mobile', '4300 -> 0612345678 by 4300', { ...MOBILE, origDeviceName: 'GW2' }],
  ['went on at the desk', 'duration-mismatch', { ...MOBILE, destMobileCallDuration: 30 }],
  ['rang on a mobile', 'internal', { ...MOBILE, destDeviceName: 'SEP4300', destMobileDeviceName: '' }],
  ['is of a conference that nobody is named of', 'no-line', CONFERENCE],
  [
    'is of a conference of 4201',
    '4201 -> 0612345678, transferred by 4201',
    { ...CONFERENCE, comment: 'ConfControllerDn=4201;ConfControllerDeviceName=SEP4201' },
  ],
])('a call of CUCM that %s is %s', (_, expected, given) => {
  expect(told(given)).toBe(expected);
});

function withoutReasons(given: Given): Given {
  return { ...given, origCalledPartyRedirectReason: '', lastRedirectRedirectReason: '' };
}
