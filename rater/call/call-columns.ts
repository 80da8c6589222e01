/**
 * Some records that follow each other, read into columns: what rating asks of nearly every call, and no object a
 * call. A record that holds more than that, or other than the common case, is not read here (`isRead` 0): it is rated
 * as a `Cdr`. One set of columns is used again and again; positions are bytes of the record's buffer.
 */
export class CallColumns {
  readonly capacity: number;
  /** 1 where the columns hold all that there is to a call: the others hold what was there before. */
  readonly isRead: Uint8Array;
  readonly buffers: (Buffer | null)[];
  readonly recordStart: Int32Array;
  readonly recordEnd: Int32Array;
  /** As in `Cdr`. */
  readonly startedAt: Float64Array;
  readonly durationMs: Float64Array;
  /** `identityHash`. */
  readonly identityHigh: Int32Array;
  readonly identityLow: Int32Array;
  /** The name of the line. */
  readonly lineStart: Int32Array;
  readonly lineEnd: Int32Array;
  readonly dialledStart: Int32Array;
  readonly dialledEnd: Int32Array;
  /**
   * A number for the user agent, and for whether there is an address: the same for the same, as long as the process
   * lives.
   */
  readonly device: Int32Array;
  /** The IPv4 address as 32 bits; 0 where none is reported. */
  readonly address: Int32Array;
  /** `hashOfId` of the name. */
  readonly lineHash: Int32Array;
  /** The place of that id in the directory, whose line may have been taken out; -1 when it is none of ours. */
  readonly place: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.isRead = new Uint8Array(capacity);
    this.buffers = Array.from({ length: capacity }, () => null);
    this.recordStart = new Int32Array(capacity);
    this.recordEnd = new Int32Array(capacity);
    this.startedAt = new Float64Array(capacity);
    this.durationMs = new Float64Array(capacity);
    this.identityHigh = new Int32Array(capacity);
    this.identityLow = new Int32Array(capacity);
    this.lineStart = new Int32Array(capacity);
    this.lineEnd = new Int32Array(capacity);
    this.dialledStart = new Int32Array(capacity);
    this.dialledEnd = new Int32Array(capacity);
    this.device = new Int32Array(capacity);
    this.address = new Int32Array(capacity);
    this.lineHash = new Int32Array(capacity);
    this.place = new Int32Array(capacity);
  }

  /** Lets go of the buffers: nothing else keeps them alive once their records are in the ledger. */
  clear(): void {
    this.buffers.fill(null);
    this.isRead.fill(0);
  }
}
