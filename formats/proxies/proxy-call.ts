import { quote } from '../canonical/canonical-fields.ts';
import { type AccEvidence, accEvidence } from './acc-row.ts';
import { bad, notACall, type Decoded, type DecodedBad } from '../format.ts';
import { spanOfLocal, type LocalClock, type PlacedTime } from '../reading/local-clock.ts';
import { textAt } from '../reading/parse-document.ts';
import { divertersOf, userOf } from '../reading/sip-address.ts';
import { readSwitchTime, secondsToMs } from '../reading/switch-time.ts';
import { agreedDuration, callTold, type SwitchSettings } from '../call/told-call.ts';

/** What the operator says of a SIP proxy's records: they hold what its script adds, under names of its own. */
export interface ProxyOptions extends SwitchSettings {
  /** Name of the proxy: its records do not say it. */
  readonly switchId: string;
  /** The zone of times without an offset; none needed for seconds since the epoch. */
  readonly clock?: LocalClock;
  /** Fields that name the line, and the number, in this order; usual names by default. */
  readonly lineFrom?: readonly string[];
  readonly numberFrom?: readonly string[];
  readonly userAgentFrom?: readonly string[];
  readonly sourceIpFrom?: readonly string[];
  /** Where Kamailio's dialog CDRs begin: at the INVITE unless `cdr_start_on_confirmed=1`. */
  readonly durationFrom?: 'answer' | 'invite';
}

type Fields = Readonly<Record<string, unknown>>;

const LINE_FIELDS = ['auth_user', 'au', 'cgr_account', 'account', 'src_user', 'from_user', 'fU', 'caller', 'from_uri'];
const NUMBER_FIELDS = [
  'dst_user',
  'ruri_user',
  'rU',
  'cgr_destination',
  'callee',
  'dst_uri',
  'ruri',
  'ru',
  'dst_ouser',
  'to_user',
  'to_uri',
];
const TRUNK_FIELDS = ['trunk', 'gateway', 'cgr_route', 'cgr_supplier', 'dst_gw'];

/** The first of some fields that says something; `''` where none does. */
export function firstField(fields: Fields, names: readonly string[]): string {
  for (const name of names) {
    const value = textAt(fields, name);
    if (value !== '' && value !== '<null>' && value !== 'NULL') return value;
  }
  return '';
}

/** Times of a call that a proxy reports whole, by the names of its fields. */
export interface ProxyTimes {
  readonly answered: readonly [name: string, text: string];
  readonly durationMs: number;
}

/** The call of one dialog, as a proxy's record tells it. */
export function proxyCall(fields: Fields, { answered, durationMs }: ProxyTimes, options: ProxyOptions): Decoded {
  const direction = textAt(fields, 'direction').toLowerCase();
  if (direction === 'inbound' || direction === 'internal') return notACall(direction);
  const placed = readSwitchTime(...answered, options.clock ?? null);
  if ('kind' in placed) return placed;
  const fromTag = textAt(fields, 'from_tag');
  const toTag = textAt(fields, 'to_tag');
  const diversion = firstField(fields, ['diversion', 'hdr_diversion', 'Diversion']);
  const historyInfo = firstField(fields, ['history_info', 'hdr_history_info', 'History-Info']);
  return callTold(
    {
      switchId: options.switchId,
      callId: firstField(fields, ['callid', 'call_id', 'sip_call_id']),
      legId: fromTag === '' && toTag === '' ? '' : `${fromTag};${toTag}`,
      line: userOf(firstField(fields, options.lineFrom ?? LINE_FIELDS)),
      dialled: firstField(fields, options.numberFrom ?? NUMBER_FIELDS),
      trunk: firstField(fields, TRUNK_FIELDS),
      calling: userOf(firstField(fields, ['src_user', 'from_user', 'caller', 'fU'])),
      answeredAt: placed.instants[0] ?? NaN,
      durationMs,
      userAgent: firstField(fields, options.userAgentFrom ?? ['user_agent', 'ua']),
      sourceIp: firstField(fields, options.sourceIpFrom ?? ['src_ip', 'source_ip', 'si']),
      diversions: divertersOf({ diversion, historyInfo }),
      transferredBy: userOf(firstField(fields, ['referred_by', 'hdr_referred_by', 'Referred-By'])),
      notes: placed.instants.length > 1 ? ['local-time-ambiguous'] : [],
    },
    options,
  );
}

/** A dialog CDR whose times bound it: answered at `answered`, over at `ended`. */
export function spanMs(
  answered: PlacedTime,
  ended: PlacedTime,
  saidMs: number | null,
): { readonly durationMs: number } | DecodedBad {
  const { spanMs: span } = spanOfLocal(answered, ended, saidMs ?? 0);
  return saidMs === null ? { durationMs: span } : agreedDuration(saidMs, span);
}

/** A duration field in seconds; faults name it. */
export function readSeconds(fields: Fields, name: string): number | DecodedBad {
  const text = textAt(fields, name);
  const ms = secondsToMs(text);
  return ms ?? bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no number of seconds`);
}

/**
 * What a record of one SIP transaction comes to. Of an answered call it tells only one end: the other is a record of
 * its own, so that it waits, and is never taken for no call.
 */
export function decodeTransaction(evidence: AccEvidence): Decoded {
  switch (evidence.kind) {
    case 'attempt':
      return notACall('unanswered');
    case 'hangup':
      return notACall('other-leg');
    case 'answer':
      return bad(
        'half-a-call',
        `Cannot rate call ${quote(evidence.callId)} by the record of its ${evidence.method} alone: its end is another ` +
          `record's. Have the proxy write CDRs, one record a call`,
      );
    default:
      return notACall('other-event');
  }
}

/** The evidence in a transaction's fields as JSON; `null` where they are none of a transaction. */
export function transactionIn(fields: Fields): AccEvidence | null {
  return accEvidence({
    method: textAt(fields, 'method'),
    fromTag: textAt(fields, 'from_tag'),
    toTag: textAt(fields, 'to_tag'),
    callId: firstField(fields, ['callid', 'call_id']),
    code: textAt(fields, 'sip_code'),
    reason: textAt(fields, 'sip_reason'),
    time: textAt(fields, 'time'),
    extras: [],
  });
}
