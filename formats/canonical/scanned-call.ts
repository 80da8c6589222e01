import { type CallInBytes, type Cdr, identityHashOfBytes } from '../../rater/index.ts';
import { noTexts } from './canonical-fields.ts';
import { type DecodedCall, type DecodingNote, noNotes } from '../format.ts';
import { InternTable, asciiText } from './intern-table.ts';
import { ends, fieldOf, locateFields, starts } from './locate-fields.ts';

const SWITCH = fieldOf('switch');
const CALL = fieldOf('call');
const LEG = fieldOf('leg');
const LINE = fieldOf('line');
const TO = fieldOf('to');
const FROM = fieldOf('from');
const DURATION = fieldOf('durationMs');
const UA = fieldOf('ua');
const IP = fieldOf('ip');
const DIVERSIONS = fieldOf('diversions');
const TRANSFERRED = fieldOf('transferredBy');
const MOBILITY = fieldOf('mobility');
const REVISION = fieldOf('revision');

/**
 * A call as the scanner read it, and its own decoding: one object a record. What rating asks of every call was read at
 * once; what it asks of few is read from the record's bytes when asked for: texts that nobody reads cost more than all
 * else in a record, and keep the collector of garbage busy. `test/formats/canonical/canonical-scanner.test.ts` holds
 * every field to the plain decoder's.
 */
export class ScannedCall implements DecodedCall, Cdr, CallInBytes {
  readonly recordBuffer: Buffer;
  readonly recordStart: number;
  readonly recordEnd: number;
  /** The fields that are neither absent nor null, as bits. */
  readonly #present: number;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly userAgent: string | null;
  readonly sourceIpv4: number | null;
  readonly identityHigh: number;
  readonly identityLow: number;
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly dialledStart: number;
  readonly dialledEnd: number;

  /**
   * Of the record in `[start, end)` of `buffer`, which `locateFields` located last in `view` and answered `present`.
   */
  constructor(
    buffer: Buffer,
    start: number,
    end: number,
    view: DataView,
    present: number,
    startedAt: number,
    sourceIpv4: number | null,
  ) {
    const before = buffer.byteOffset;
    this.recordBuffer = buffer;
    this.recordStart = start;
    this.recordEnd = end;
    this.#present = present;
    this.startedAt = startedAt;
    this.durationMs = digitsOf(view, DURATION);
    this.userAgent = has(present, UA) ? userAgents.read(view, starts[UA]!, ends[UA]!) || null : null;
    this.sourceIpv4 = sourceIpv4;
    hashIdentity(view, present, hash);
    this.identityHigh = hash[0]!;
    this.identityLow = hash[1]!;
    this.lineStart = starts[LINE]! - before;
    this.lineEnd = ends[LINE]! - before;
    this.dialledStart = starts[TO]! - before;
    this.dialledEnd = ends[TO]! - before;
  }

  get kind(): 'call' {
    return 'call';
  }

  get cdr(): Cdr {
    return this;
  }

  get notes(): readonly DecodingNote[] {
    return noNotes;
  }

  get inBytes(): CallInBytes {
    return this;
  }

  get switchId(): string {
    return this.#text(SWITCH);
  }

  get callId(): string {
    return this.#text(CALL);
  }

  get legId(): string {
    return this.#text(LEG);
  }

  get revision(): number {
    return Number(this.#text(REVISION));
  }

  get line(): string {
    return this.recordBuffer.toString('latin1', this.lineStart, this.lineEnd);
  }

  get dialled(): string {
    return this.recordBuffer.toString('latin1', this.dialledStart, this.dialledEnd);
  }

  get calling(): string | null {
    return this.#text(FROM) || null;
  }

  get sourceIp(): string | null {
    return this.#text(IP) || null;
  }

  get diversions(): readonly string[] {
    const list = this.#text(DIVERSIONS);
    return list === '' ? noTexts : list.slice(1, -1).split('","');
  }

  get transferredBy(): string | null {
    return this.#text(TRANSFERRED) || null;
  }

  get mobilityUsed(): boolean | null {
    return has(this.#present, MOBILITY) ? this.#text(MOBILITY) === 'true' : null;
  }

  /** The field as it is written, `''` when absent. */
  #text(field: number): string {
    if (!has(this.#present, field)) return '';
    const view = viewOf(this.recordBuffer);
    const before = this.recordBuffer.byteOffset;
    locateFields(view, this.recordStart + before, this.recordEnd + before);
    return textOf(view, field);
  }
}

const userAgents = new InternTable(1024);

/** Writes the identity hash of the record located last to `out`: high, low. */
export function hashIdentity(view: DataView, present: number, out: Int32Array): void {
  const hasLeg = has(present, LEG);
  identityHashOfBytes(
    view,
    starts[SWITCH]!,
    ends[SWITCH]!,
    starts[CALL]!,
    ends[CALL]!,
    hasLeg ? starts[LEG]! : 0,
    hasLeg ? ends[LEG]! : 0,
    out,
  );
}

/**
 * A number above 0 for the user agent located last, the same for the same; 0 where there is none, -1 where it has no
 * number.
 */
export function userAgentNumber(view: DataView, present: number): number {
  if (!has(present, UA) || starts[UA] === ends[UA]) return 0;
  return userAgents.numberOf(view, starts[UA]!, ends[UA]!);
}

const hash = new Int32Array(2);

// Records that follow each other lie in one memory, whether they are lines of a file or messages of one answer of
// Kafka.
let lastBuffer: Buffer = Buffer.alloc(0);
let lastView: DataView = new DataView(lastBuffer.buffer);

/** The whole memory that a buffer is part of. */
export function viewOf(buffer: Buffer): DataView {
  if (buffer === lastBuffer) return lastView;
  const memory = buffer.buffer;
  if (memory !== lastView.buffer) lastView = new DataView(memory);
  lastBuffer = buffer;
  return lastView;
}

export function has(present: number, field: number): boolean {
  return (present & (1 << field)) !== 0;
}

/** The bytes of a located field as text. */
export function textOf(memory: DataView, field: number): string {
  return asciiText(memory, starts[field]!, ends[field]!);
}

/** A located field of digits as a number. */
export function digitsOf(memory: DataView, field: number): number {
  const end = ends[field]!;
  let value = 0;
  for (let at = starts[field]!; at < end; at++) value = value * 10 + memory.getUint8(at) - 0x30;
  return value;
}
