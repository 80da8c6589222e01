import { createCucmCsv } from '../../formats/pbx/cucm-csv.ts';
import type { Format } from '../../formats/format.ts';

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
  'lastRedirectRedirectOnBehalfOf',
  'joinOnBehalfOf',
  'globalCallId_ClusterID',
] as const;

/** What a row of CUCM says; what is left out is what a phone's own call to a carrier has. */
export interface CucmRowGiven {
  readonly call: number;
  readonly pkid: string;
  readonly from: readonly [leg: number, device: string];
  readonly to: readonly [leg: number, device: string];
  readonly calling: string;
  readonly called: string;
  /** Seconds since 1970; 0: never connected. */
  readonly connect: number;
  readonly seconds: number;
  /** Until when it rang, where it was never connected. */
  readonly rangUntil?: number;
  readonly redirected?: string;
  readonly behalf?: number;
  readonly join?: number;
}

/** A row as CUCM writes it, without quotes about numbers. */
export function cucmRow(given: CucmRowGiven): string {
  const { call, from, to, calling, called, connect, seconds, redirected = '', behalf = 0, join = 0, pkid } = given;
  const until = connect === 0 ? (given.rangUntil ?? 1_793_700_000) : connect + seconds;
  const texts = [`"${redirected}"`, `"${pkid}"`, seconds, `"${from[1]}"`, `"${to[1]}"`, behalf, join, '"lyon"'];
  const numbers = [1, 1, call, from[0], `"${calling}"`, to[0], `"${called}"`, `"${called}"`, connect, until];
  return [...numbers, ...texts].join(',');
}

/** Whether a line is one of `cucmRow`. */
export function isCucmRow(line: string): boolean {
  return line.startsWith('1,1,');
}

/** The format of `cucmRow`, with trunks `SIP-Carrier-1`, `SIP-Carrier-2`. */
export function cucmFormat(): Format {
  const format = createCucmCsv(COLUMNS.map((name) => `"${name}"`).join(','), { trunks: ['SIP-Carrier-*'] });
  if ('problem' in format) throw new Error(format.problem);
  return format;
}
