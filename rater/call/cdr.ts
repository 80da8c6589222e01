/**
 * What a switch reports of one answered, outbound call leg, after decoding and before anything is looked up.
 * Every format in `ingest/` ends in this shape; nothing downstream knows which switch it came from.
 *
 * All fields are always present, in this order, so that every record has one hidden class in the hot loop.
 */
export interface Cdr {
  /** The switch that wrote the record; native ids are unique only within it. */
  readonly switchId: string;
  /** The switch's own id of the call. */
  readonly callId: string;
  /** The switch's own id of the leg within the call; `''` where the switch has one record a call. */
  readonly legId: string;
  /**
   * 0, or the revision number by which the switch marks a correction: the highest revision counts. Below 1 of a call
   * that was read from several records: higher with more of them.
   */
  readonly revision: number;
  /** The SIP account that the switch says placed the call: a line id, or a number of the line. */
  readonly line: string;
  /** The called string exactly as the switch wrote it. */
  readonly dialled: string;
  /** The calling number as shown, for the record only; `null` when not reported. */
  readonly calling: string | null;
  /** The instant of answer, ms since the epoch, UTC: the start of the call. */
  readonly startedAt: number;
  /** Talk time in ms, as fine as the switch gives it: rounded up to seconds once, in pricing. */
  readonly durationMs: number;
  /** The SIP user agent of the subscriber's side; `null` when not reported. */
  readonly userAgent: string | null;
  /** The address that the call came from (received, not Via); `null` when not reported. */
  readonly sourceIp: string | null;
  /** Who diverted the call, oldest first: line ids or numbers as the switch wrote them. Empty when none is reported. */
  readonly diversions: readonly string[];
  /** The line (id or number) that transferred the call, which then pays; `null` when it was not transferred. */
  readonly transferredBy: string | null;
  /** Whether the switch says the line's "mobility" function was used; `null` when it says nothing. */
  readonly mobilityUsed: boolean | null;
  /** Buffer that holds the record in canonical NDJSON, and the bytes of the record in it, without line end. */
  readonly recordBuffer: Buffer;
  readonly recordStart: number;
  readonly recordEnd: number;
  /** The same as bytes, of a record that was read so. */
  readonly inBytes?: CallInBytes;
}

/**
 * A correction by which a switch says that there was no call: it is marked by a revision above 0, and is unanswered,
 * inbound, internal or interim. Like any correction it replaces lower revisions.
 */
export interface NoCall extends Omit<Cdr, 'startedAt'> {
  /** The instant of answer, where it names one. */
  readonly startedAt: number | null;
  /** What the record says that it is: `attempt`, `internal`, …; `null` where it says nothing. */
  readonly kind: string | null;
  /** Why it is no call, as such records are counted. */
  readonly noCallReason: string;
}

/** Whether a record says that there was no call. */
export function isNoCall(record: Cdr | NoCall): record is NoCall {
  return 'noCallReason' in record;
}

/**
 * What rating asks of every call, as it stands in the record's bytes: with it no text is made. Positions are those of
 * plain ASCII text in `recordBuffer`.
 */
export interface CallInBytes {
  /** `identityHash` of the call. */
  readonly identityHigh: number;
  readonly identityLow: number;
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly dialledStart: number;
  readonly dialledEnd: number;
  /** `sourceIp` as 32 bits where it is an IPv4 address; `null` where it is another, or none. */
  readonly sourceIpv4: number | null;
}

/** A call's identity within a ledger: the switch, its id of the call and of the leg. Never the start, line or type. */
export interface CallIdentity {
  readonly switchId: string;
  readonly callId: string;
  readonly legId: string;
}
