import type { CallColumns, Cdr, NoCall } from '../rater/index.ts';
import type { Leg } from './call/leg.ts';
import type { ScannedLeg } from './call/scanned-leg.ts';

export type FormatId =
  | 'canonical-ndjson'
  | 'canonical-csv'
  | 'asterisk-csv'
  | 'asterisk-json'
  | 'asterisk-cel'
  | 'freeswitch-json'
  | 'freeswitch-xml'
  | 'freeswitch-csv'
  | 'freeswitch-event'
  | 'freeswitch-text'
  | 'kamailio-json'
  | 'kamailio-acc'
  | 'opensips-event'
  | 'opensips-json'
  | 'cucm-csv'
  | 'broadworks-csv'
  | '3cx-csv'
  | 'yeastar-csv'
  | 'kazoo-json'
  | 'jambonz-json'
  | 'registrations'
  | 'mapped';

export const formatIds: readonly FormatId[] = [
  'canonical-ndjson',
  'canonical-csv',
  'asterisk-csv',
  'asterisk-json',
  'asterisk-cel',
  'freeswitch-json',
  'freeswitch-xml',
  'freeswitch-csv',
  'freeswitch-event',
  'freeswitch-text',
  'kamailio-json',
  'kamailio-acc',
  'opensips-event',
  'opensips-json',
  'cucm-csv',
  'broadworks-csv',
  '3cx-csv',
  'yeastar-csv',
  'kazoo-json',
  'jambonz-json',
  'registrations',
  'mapped',
];

/**
 * Why a readable record is no call (domain page, "Not a call"); every such record is counted under one of these.
 * In order of precedence: the first that fits is the reason.
 */
export type NotACallReason =
  /** A line of column names among the rows. */
  | 'header'
  /** An event of the switch that reports no leg at its end. */
  | 'other-event'
  /** It tells where a line is registered: a fact that calls are judged by. */
  | 'registration'
  /** A partial record of a call that is still up; its final record follows. */
  | 'interim'
  /** Came in from a carrier and was not sent out again. */
  | 'inbound'
  /** Between our own subscribers, or a channel that only exists inside the switch (`Local/`, `loopback/`). */
  | 'internal'
  /** Answered by an application of the switch (voicemail, announcement, conference), no other party. */
  | 'application'
  /** The other leg of a call whose billed leg has a record of its own. */
  | 'other-leg'
  /** Not answered, although the switch reports billable seconds: the answer was an announcement's, not the callee's. */
  | 'disposition-conflict'
  /** A call until other records of it came: now they contradict one another, or don't say who pays. */
  | 'undecided'
  /** Nobody answered. */
  | 'unanswered';

export const notACallReasons: readonly NotACallReason[] = [
  'header',
  'other-event',
  'registration',
  'interim',
  'inbound',
  'internal',
  'application',
  'other-leg',
  'disposition-conflict',
  'undecided',
  'unanswered',
];

/**
 * Why a record cannot be read; it goes to quarantine with this code, the detail and its bytes. In order of
 * precedence.
 */
export type BadRecordReason =
  | 'broken-frame'
  | 'bad-header'
  | 'too-long'
  | 'too-many-records'
  | 'invalid-utf8'
  | 'not-json'
  | 'not-xml'
  | 'not-an-object'
  | 'broken-quoting'
  | 'column-count'
  | 'duplicate-field'
  | 'unsupported-version'
  | 'unknown-field'
  | 'missing-field'
  | 'invalid-field'
  | 'no-identity'
  | 'no-line'
  | 'no-number'
  /** Several numbers may be the one that was called, and no record of the call tells which. */
  | 'unclear-number'
  /** It left for a number outside by a trunk that no setting names: a carrier may bill it. */
  | 'unnamed-trunk'
  /** Two records of a call, or two fields of one, say different things. */
  | 'contradiction'
  /** Other records of the call must tell who pays for it, and none has come. */
  | 'incomplete-call'
  | 'nonexistent-local-time'
  | 'duration-mismatch'
  /** It tells one end of an answered call only; the other is in another record. */
  | 'half-a-call'
  /** Longer than calls of its switch are: a dialog whose end got lost. */
  | 'call-too-long'
  /** It could be read, but rating it threw: a bug. */
  | 'rating-failed';

export const badRecordReasons: readonly BadRecordReason[] = [
  'broken-frame',
  'bad-header',
  'too-long',
  'too-many-records',
  'invalid-utf8',
  'not-json',
  'not-xml',
  'not-an-object',
  'broken-quoting',
  'column-count',
  'duplicate-field',
  'unsupported-version',
  'unknown-field',
  'missing-field',
  'invalid-field',
  'no-identity',
  'no-line',
  'no-number',
  'unclear-number',
  'unnamed-trunk',
  'contradiction',
  'incomplete-call',
  'nonexistent-local-time',
  'duration-mismatch',
  'half-a-call',
  'call-too-long',
  'rating-failed',
];

/** A doubt that a decoder settled by a documented rule; the call is rated, the note says what was settled. */
export type DecodingNote =
  /** A time inside the record lies after its end, or before its start: the host's clock jumped. */
  | 'clock-jump'
  /** A local time in the repeated hour of a DST change, settled by the epoch in the record's id, else the earlier. */
  | 'local-time-ambiguous'
  /** Two sources of the duration differ by more than 1.5 s; the smaller is used. */
  | 'duration-differs'
  /** The dial string was cut by the switch; the number was taken from the extension. */
  | 'truncated-field';

/** What a record says alone; as a leg, where it names a call whose other records are to be asked, too. */
interface OfLeg {
  readonly leg?: Leg;
  /**
   * The same record among the legs of other calls, where it tells of those and comes to nothing itself: of a call that
   * goes on in one of another id.
   */
  readonly witnesses?: readonly Leg[];
}

export interface DecodedCall extends OfLeg {
  readonly kind: 'call';
  readonly cdr: Cdr;
  readonly notes: readonly DecodingNote[];
}
/**
 * Why a record that counts as no call may be of one that a carrier bills, though nothing that the switch writes tells:
 *
 * - `goes-on`: an outgoing call that was transferred looks the same
 * - `short-number`: an extension and a service number look the same
 */
export type NoCallDoubt = 'goes-on' | 'short-number';

export interface DecodedNotACall extends OfLeg {
  readonly kind: 'not-a-call';
  readonly reason: NotACallReason;
  /**
   * What the record corrects, where the switch marks it as a correction: it takes the place of lower revisions of its
   * call.
   */
  readonly correction?: NoCall;
  readonly doubt?: NoCallDoubt;
  /** What it tells of a registration, where that is the reason. */
  readonly registration?: LineRegistration;
}

/** What a record tells of a registration of a line: `''` stands for what it does not. */
export interface LineRegistration {
  /** The line's id, or a number of it. */
  readonly line: string;
  readonly contact: string;
  readonly userAgent: string;
  readonly address: string;
  /** ms since the epoch; `null`: when the record reached its source. */
  readonly at: number | null;
  /** Seconds after it was made, an instant (ms since the epoch), or now. */
  readonly expiry: { readonly seconds: number } | { readonly at: number } | 'ended';
}
export interface DecodedBad extends OfLeg {
  readonly kind: 'bad';
  readonly reason: BadRecordReason;
  readonly detail: string;
  /** How long the record is, where less of it is kept. */
  readonly wholeBytes?: number;
}
export type Decoded = DecodedCall | DecodedNotACall | DecodedBad;

/**
 * At line ends; where a JSON or an XML document ends, each of them also as it is posted, `cdr=…` on a line; at blank
 * lines.
 */
export type RecordFraming = 'lines' | 'json-documents' | 'xml-documents' | 'text-blocks';

/** Where a record lies in memory. */
export interface RecordBytes {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

export type ScanLeg = (buffer: Buffer, start: number, end: number, leg: ScannedLeg) => boolean;

/**
 * One CDR format, set up for one stream: turns the bytes of one record into a call, a non-call, or a fault. Never
 * throws.
 */
export interface Format {
  readonly id: FormatId;
  /** Its records may be legs of calls of several: `Decoded.leg`. */
  readonly hasLegs?: boolean;
  /** How a stream of this format is cut into records. */
  readonly framing: RecordFraming;
  /** Decodes the record in bytes `[start, end)` of `buffer`, without its line end. The call may keep the buffer. */
  decode(buffer: Buffer, start: number, end: number): Decoded;
  /**
   * The fast way, of formats that have one: reads the record into `calls` at `at` where it is a call of the common
   * case, and answers `false` where `decode` must be asked.
   */
  readonly scan?: (buffer: Buffer, start: number, end: number, calls: CallColumns, at: number) => boolean;
  /**
   * The fast way, of formats with legs that have one: reads the record's leg into `leg` where it is of the common case,
   * and answers `false` where `decode` must be asked.
   */
  readonly scanLeg?: ScanLeg;
  /**
   * The fast way to read two records together that are all legs known of their call, neither of which is the call by
   * itself, the one that came first first: writes the call into `leg` and says which of the two it is. The other is
   * none (`other-leg`). `null` where `decode` must be asked.
   */
  readonly scanPair?: (first: RecordBytes, second: RecordBytes, leg: ScannedLeg) => 'first' | 'second' | null;
  /**
   * The fast way to the id of the call that a record tells of, of formats that have one; `null` where `decode` must be
   * asked.
   */
  readonly callIdOf?: (buffer: Buffer, start: number, end: number) => string | null;
  /**
   * The id of the call that a record names, though it is no call, or can't be read for another field; `null` where it
   * names none. Of formats whose records stand alone: a leg has its own id.
   */
  readonly namedCall?: (buffer: Buffer, start: number, end: number) => string | null;
  /**
   * What the operator named that fitted none of the records decoded so far: probably mistyped, and then no call is
   * found.
   */
  readonly unmatched?: () => readonly UnmatchedName[];
}

/** A name that an operator gave in a setting, such as a trunk. */
export interface UnmatchedName {
  /** `trunk`, `gateway`, `profile`. */
  readonly setting: string;
  readonly name: string;
}

/** The names of one setting. */
export function unmatchedNames(setting: string, names: Iterable<string>): UnmatchedName[] {
  return [...names].map((name) => ({ setting, name }));
}

/** A longer record is a fault, never decoded: no switch writes one, and it would be held in memory. */
export const MAX_RECORD_BYTES = 1_048_576;

export const noNotes: readonly DecodingNote[] = [];

export function bad(reason: BadRecordReason, detail: string): DecodedBad {
  return { kind: 'bad', reason, detail };
}

/** @param detail said in place of the usual, where the record is too long for another reason than `MAX_RECORD_BYTES` */
export function tooLong(
  bytes: number,
  detail = `Cannot read the record: ${bytes} bytes, at most ${MAX_RECORD_BYTES} are read`,
): DecodedBad {
  return { kind: 'bad', reason: 'too-long', detail, wholeBytes: bytes };
}

const notACalls = new Map<NotACallReason, DecodedNotACall>(
  notACallReasons.map((reason) => [reason, { kind: 'not-a-call', reason }]),
);

/** One shared object per reason: unanswered attempts are a third of real traffic. */
export function notACall(reason: NotACallReason): DecodedNotACall {
  return notACalls.get(reason) ?? { kind: 'not-a-call', reason };
}
