import { setImmediate } from 'node:timers/promises';
import { COPY_HEADER_BYTES, readInstant, readInt64 } from '../database/binary-copy.ts';
import { type ColumnName, COVERAGE_LETTERS, KIND_LETTERS, layoutOf } from './entry-columns.ts';
import { type MonthCall, emptyMonthCall } from './month-call.ts';
import type { MonthCalls } from './month-calls.ts';
import { orderByPlace } from './order-by-place.ts';

/** What a month is built from: none of them null, as the statement asks for them, and all of one width. */
const READ = [
  'account',
  'line',
  'identity',
  'revision',
  'kind',
  'started_at',
  'duration_ms',
  'called',
  'coverage',
  'offer',
  'flags',
] as const satisfies readonly ColumnName[];
const LAYOUT = layoutOf(READ);
// Constants of the module are read faster than properties.
const {
  account: ACCOUNT,
  line: LINE,
  identity: IDENTITY,
  revision: REVISION,
  kind: KIND,
  started_at: STARTED_AT,
  duration_ms: DURATION_MS,
  called: CALLED,
  coverage: COVERAGE,
  offer: OFFER,
  flags: FLAGS,
} = LAYOUT.at;
const ROW_BYTES = LAYOUT.end;

/** What stands in place of nulls. */
const IN_PLACE_OF_NULL: Readonly<Partial<Record<ColumnName, string>>> = { coverage: "'v'", offer: '0' };

/** What `MonthReader` reads, as a statement names it. */
export const MONTH_COLUMNS = READ.map((name) =>
  name in IN_PLACE_OF_NULL ? `coalesce(${name}, ${IN_PLACE_OF_NULL[name]})` : name,
).join(', ');

/** Rows of a block; of two blocks, since one is read while the other is visited: 98 MB for a large month. */
const FIRST_BLOCK_ROWS = 1 << 10;
const MAX_BLOCK_ROWS = 1 << 19;
/** Rows visited between two turns of the event loop, some milliseconds: the database goes on sending meanwhile. */
const ROWS_A_TURN = 1 << 13;
/** A power of two. */
const LINE_PLACES = 1 << 17;
const REVERSAL = KIND_LETTERS.reversal.charCodeAt(0);
const FREE = COVERAGE_LETTERS.free.charCodeAt(0);

/**
 * Visits rows block by block, those of a block line by line: the calls of a line then meet its month in the processor's
 * cache, which calls in order of time never do.
 */
export class MonthReader {
  #block: Buffer = Buffer.allocUnsafeSlow(FIRST_BLOCK_ROWS * ROW_BYTES);
  #filled = 0;
  /** Bytes before the first row that are still to come. */
  #header = COPY_HEADER_BYTES;
  /** A block whose rows were visited, to be filled again. */
  #spare: Buffer | null = null;
  #visiting: Promise<void> = Promise.resolve();
  readonly #calls: MonthCalls;
  readonly #call: MonthCall = emptyMonthCall();

  constructor(calls: MonthCalls) {
    this.#calls = calls;
  }

  async read(chunk: Uint8Array): Promise<void> {
    let from = Math.min(this.#header, chunk.length);
    this.#header -= from;
    while (from < chunk.length) {
      if (this.#filled === this.#block.length) await this.#makeRoom();
      const taken = chunk.subarray(from, from + this.#block.length - this.#filled);
      this.#block.set(taken, this.#filled);
      this.#filled += taken.length;
      from += taken.length;
    }
  }

  /** Visits what is left. */
  async finish(): Promise<void> {
    await this.#handOver();
    await this.#visiting;
  }

  /** Settles when nothing is visited any more, also after a failure. */
  settled(): Promise<void> {
    return this.#visiting.catch(() => undefined);
  }

  async #makeRoom(): Promise<void> {
    if (this.#block.length >= MAX_BLOCK_ROWS * ROW_BYTES) return this.#handOver();
    const grown = Buffer.allocUnsafeSlow(this.#block.length * 8);
    this.#block.copy(grown);
    this.#block = grown;
  }

  /** Has the block's rows visited while the next ones are read. */
  async #handOver(): Promise<void> {
    await this.#visiting;
    const [block, filled] = [this.#block, this.#filled];
    this.#block = this.#spare ?? Buffer.allocUnsafeSlow(block.length);
    this.#filled = 0;
    this.#spare = null;
    this.#visiting = this.#visitBlock(block, Math.floor(filled / ROW_BYTES)).then(() => {
      this.#spare = block;
    });
    // A failure is told to who awaits it next.
    this.#visiting.catch(() => undefined);
  }

  async #visitBlock(block: Buffer, rows: number): Promise<void> {
    const view = new DataView(block.buffer, block.byteOffset, block.length);
    let visited = 0;
    for (const row of rowsByLine(view, rows)) {
      this.#row(view, row * ROW_BYTES);
      if (++visited % ROWS_A_TURN === 0) await setImmediate();
    }
  }

  #row(view: DataView, at: number): void {
    const call = this.#call;
    call.account = view.getInt32(at + ACCOUNT);
    call.line = view.getInt32(at + LINE);
    call.identityHigh = view.getInt32(at + IDENTITY);
    call.identityLow = view.getInt32(at + IDENTITY + 4);
    const revision = view.getInt16(at + REVISION);
    const kind = view.getUint8(at + KIND);
    call.startedAt = readInstant(view, at + STARTED_AT);
    call.durationMs = view.getInt32(at + DURATION_MS);
    call.called = readInt64(view, at + CALLED);
    call.isFree = view.getUint8(at + COVERAGE) === FREE;
    call.offer = view.getInt32(at + OFFER);
    call.flags = view.getInt16(at + FLAGS);
    if (revision > 0) this.#calls.correction(call, revision, kind === REVERSAL);
    else this.#calls.usage(call);
  }
}

/**
 * The numbers of the rows, ordered by line (by the last bits of its number, since near is enough); corrections first.
 */
function rowsByLine(view: DataView, rows: number): Uint32Array {
  const places = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * ROW_BYTES;
    const isCorrection = view.getInt16(at + REVISION) > 0;
    places[row] = isCorrection ? 0 : 1 + (view.getInt32(at + LINE) & (LINE_PLACES - 1));
  }
  return orderByPlace(places, LINE_PLACES + 1);
}
