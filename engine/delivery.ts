import type { CallColumns, Cdr, NoCall } from '../rater/index.ts';
import type { Receipt, RereadStretch, StretchTally } from '../ledger/index.ts';
import { CallStarts } from './starts/call-starts.ts';
import {
  type Decoded,
  type DecodedNotACall,
  type Format,
  type Leg,
  type ScannedLeg,
  decodeKept,
  notACall,
  scanDecoded,
  scanKept,
} from '../formats/index.ts';
import type { RecordOutcomes } from './tasks/record-outcomes.ts';

/** Where a record stood before it was handed on by way of the re-keying topic. */
export interface RecordOrigin {
  readonly source: string;
  readonly partition: number;
  readonly format: string;
}

/** A call that is read otherwise than before, since other records of it came. */
export interface LegReadingChange {
  /** As it was known; `null` where it was no call. */
  readonly former: Cdr | null;
  /** What takes its place: it wins by its revision. */
  readonly now: Cdr | NoCall;
}

/** A record as it was delivered: what it says, where it stood, and its bytes. */
export interface DeliveredRecord {
  readonly decoded: Decoded;
  /** Position in the source: byte offset in a file, offset of its message in a Kafka partition. */
  readonly position: number;
  /** Which of the records at that position, from 0 (which is meant where it is left out): a message may hold many. */
  readonly item?: number;
  /** The source that `position` and `item` are of, where it is not the delivery's. */
  readonly origin?: RecordOrigin;
  /** When it reached its source, where the source says so. */
  readonly receipt?: Receipt | null;
  /** It is no record of its source, but what a record of before is known to be now. */
  readonly correction?: LegReadingChange;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** The fast way to read it, where there is one: `Format.scan`, or `scanDecoded` of other formats. */
  scan?(calls: CallColumns, at: number): boolean;
  /** The fast way to the id of its call, where there is one: `Format.callIdOf`. */
  callIdOf?(): string | null;
  /** The id of the call that it names, whatever else is wrong with it, of formats that can tell: `Format.namedCall`. */
  namedCall?(): string | null;
}

/** Where a record lies in memory. */
type DeliveredBytes = Pick<DeliveredRecord, 'buffer' | 'start' | 'end'>;

/** A record that is decoded when somebody asks: the hot path reads most of them another way. */
export class UndecodedRecord implements DeliveredRecord {
  readonly position: number;
  readonly item: number;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly receipt: Receipt | null;
  readonly #format: Format;
  /** The bytes to be decoded: those of the record, but where it was handed on in another form beside its own. */
  readonly #from: number;
  readonly #upTo: number;
  #decoded: Decoded | null = null;
  /** What is left of a leg that was let go: its call in canonical form, or why it is none. */
  #left: DeliveredBytes | Decoded | null = null;

  constructor(
    format: Format,
    buffer: Buffer,
    start: number,
    end: number,
    position: number,
    item: number,
    from = start,
    upTo = end,
    receipt: Receipt | null = null,
  ) {
    this.#format = format;
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.position = position;
    this.item = item;
    this.receipt = receipt;
    this.#from = from;
    this.#upTo = upTo;
  }

  get decoded(): Decoded {
    return (this.#decoded ??= this.#again());
  }

  /** It as evidence, though its leg was let go. */
  get evidence(): Evidence {
    return this.#left === null ? this.decoded : this.#format.decode(this.buffer, this.#from, this.#upTo);
  }

  /**
   * Keeps no objects of a leg any more, where it is a call or none: from now on what was decoded is what it comes to by
   * itself, without the leg. A batch lives until it is committed, and objects that outlive many others are what the
   * collector of garbage spends its time on.
   */
  letGoOfLeg(): boolean {
    const { decoded } = this;
    if (decoded.kind === 'bad' || decoded.leg === undefined) return false;
    if (decoded.kind === 'call') {
      const { recordBuffer: buffer, recordStart: start, recordEnd: end } = decoded.cdr;
      this.#left = { buffer, start, end };
    } else {
      if (decoded.correction !== undefined || decoded.registration !== undefined) return false;
      this.#left = notACall(decoded.reason);
    }
    this.#decoded = null;
    return true;
  }

  /** Reads its leg the fast way, where its format has one and the record is of the common case. */
  scanLeg(leg: ScannedLeg): boolean {
    return this.#format.scanLeg?.(this.buffer, this.#from, this.#upTo, leg) === true;
  }

  /**
   * Reads it the fast way with a record that came after it, where neither is the call by itself and both are all that
   * is known of it: writes the call into `leg`, and says which of the two it is.
   */
  scanPair(later: UndecodedRecord, leg: ScannedLeg): 'first' | 'second' | null {
    if (later.#format !== this.#format) return null;
    return this.#format.scanPair?.(this.#bytes, later.#bytes, leg) ?? null;
  }

  get #bytes(): DeliveredBytes {
    return { buffer: this.buffer, start: this.#from, end: this.#upTo };
  }

  /** From now on it is the call that was read the fast way, in canonical form, without its leg; or none. */
  leave(left: DeliveredBytes | DecodedNotACall): void {
    this.#left = left;
    this.#decoded = null;
  }

  /** Is a leg again, with all that it was decoded as. */
  takeLegBack(): void {
    if (this.#left === null) return;
    this.#left = null;
    this.#decoded = null;
  }

  #again(): Decoded {
    const left = this.#left;
    if (left === null) return this.#format.decode(this.buffer, this.#from, this.#upTo);
    return 'kind' in left ? left : decodeKept(left.buffer.subarray(left.start, left.end));
  }

  scan(calls: CallColumns, at: number): boolean {
    const left = this.#left;
    if (left !== null) return !('kind' in left) && scanKept(left.buffer, left.start, left.end, calls, at);
    const { scan } = this.#format;
    if (scan === undefined) return scanDecoded(this.decoded, calls, at);
    return scan(this.buffer, this.#from, this.#upTo, calls, at);
  }

  callIdOf(): string | null {
    // Once it is decoded, its text is there.
    if (this.#decoded !== null || this.#left !== null) return null;
    return this.#format.callIdOf?.(this.buffer, this.#from, this.#upTo) ?? null;
  }

  namedCall(): string | null {
    return this.#format.namedCall?.(this.buffer, this.#from, this.#upTo) ?? null;
  }
}

/** What a record is as evidence: a leg of its call, and of others. */
export type Evidence = Pick<Decoded, 'leg' | 'witnesses'>;

/** The legs that a record is, though its own was let go. */
export function evidenceIn(record: DeliveredRecord): Evidence {
  const { leg, witnesses } = record instanceof UndecodedRecord ? record.evidence : record.decoded;
  return { ...(leg === undefined ? {} : { leg }), ...(witnesses === undefined ? {} : { witnesses }) };
}

/** The leg that a record is, though it was let go. */
export function legOf(record: DeliveredRecord): Leg | undefined {
  return evidenceIn(record).leg;
}

/** A record that says something else than it was decoded as: what all records of its call say. */
export class ResolvedRecord implements DeliveredRecord {
  readonly decoded: Decoded;
  readonly position: number;
  readonly item: number;
  readonly origin?: RecordOrigin;
  readonly receipt: Receipt | null;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;

  /** @param record what it stands for; it is no correction */
  constructor({ position, item = 0, origin, receipt = null, buffer, start, end }: DeliveredRecord, decoded: Decoded) {
    this.decoded = decoded;
    this.position = position;
    this.item = item;
    if (origin !== undefined) this.origin = origin;
    this.receipt = receipt;
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }

  scan(calls: CallColumns, at: number): boolean {
    return scanDecoded(this.decoded, calls, at);
  }
}

/** Records of one stretch of a source, to be taken in by one transaction, and where that stretch begins and ends. */
export interface Delivery {
  readonly source: string;
  readonly partition: number;
  readonly format: string;
  readonly from: number;
  readonly to: number;
  /** SHA-256 of the source's first `to` bytes, for files; `null` for sources that can't be compared. */
  readonly prefixHash: string | null;
  readonly records: readonly DeliveredRecord[];
  /** Its records may be legs of calls of several, which are read with the ledger's. */
  readonly hasLegs?: boolean;
  /** When the calls among them start, once they were rated. */
  readonly starts: CallStarts;
  /**
   * Where the source can be read once more: its name, or, of one that is read again from its start, that of the first
   * reading of the same content.
   */
  readonly firstReading?: string;
  /** What was read before and is read once more: what could not be read of it waits no longer there. */
  readonly rereads?: RereadStretch;
  /** What any part of the stretch holds, to be counted against its positions; without it, all of it shows as a hole. */
  readonly tallyOf?: (from: number, to: number) => StretchTally;
  /** How often people had moved the source's position when the stretch was read; without it, that is not compared. */
  readonly moves?: number;
  /** Is told what became of each record; left out where nobody asks. */
  readonly outcomes?: RecordOutcomes;
}

/** A delivery whose records are read once they are asked for: by the engine, while the database is busy. */
export function lazyDelivery(
  stretch: Omit<Delivery, 'records' | 'starts'>,
  read: () => readonly DeliveredRecord[],
): Delivery {
  let records: readonly DeliveredRecord[] | null = null;
  return {
    ...stretch,
    starts: new CallStarts(),
    get records() {
      return (records ??= read());
    },
  };
}
