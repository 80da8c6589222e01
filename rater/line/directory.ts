import type { NumberingPlan } from '../../tariffs/index.ts';
import type { CallColumns } from '../call/call-columns.ts';
import type { Cdr } from '../call/cdr.ts';
import { LineIndex } from './line-index.ts';
import type { LineRecords } from './line-records.ts';
import { factSpanAt, type LineState } from './line-state.ts';
import { monthRecords } from '../month/month-records.ts';
import { touchSlots } from '../month/month-slots.ts';

/** All lines, found by id or by the number that is theirs at an instant. */
export class Directory {
  readonly #byId = new LineIndex();
  /** What the hot path remembers of lines, by their place. */
  readonly records: LineRecords = this.#byId.records;
  readonly #byNumber = new Map<number, LineState[]>();
  /** Lines by the number that their id reads as; `null` until somebody asks: few ledgers have registrations. */
  #byNumberOfId: Map<number, Set<LineState>> | null = null;
  readonly #plan: NumberingPlan;

  constructor(plan: NumberingPlan) {
    this.#plan = plan;
  }

  get lines(): Iterable<LineState> {
    return this.#byId;
  }

  get(id: string): LineState | undefined {
    return this.#byId.get(id);
  }

  /** Adds a line, or replaces the one of the same id. */
  put(line: LineState): void {
    const before = this.#byId.get(line.id);
    if (before !== undefined) this.remove(before);
    const place = this.#byId.put(line);
    if (place >= 0) line.recordAt(this.records, place);
    if (this.#byNumberOfId !== null) this.#addNumberOfId(line, this.#byNumberOfId);
    for (const number of numbersOf(line)) {
      const holders = this.#byNumber.get(number);
      if (holders === undefined) this.#byNumber.set(number, [line]);
      // In one order, whichever was entered last: who holds a number must not hang on when a process loaded it.
      else
        this.#byNumber.set(
          number,
          [...holders, line].toSorted((a, b) => a.no - b.no),
        );
    }
  }

  /** The line at a place; `null` when it was taken out. */
  at(place: number): LineState | null {
    return this.#byId.at(place);
  }

  /**
   * Finds the places of the lines that calls `[0, count)` name (`calls.place`), and reads what rating them will ask
   * for: the processor then waits once for many, where it would wait for each. Returns what it read, which means
   * nothing.
   */
  findPlaces(calls: CallColumns, count: number): number {
    const { isRead, buffers, lineHash, lineStart, lineEnd, place } = calls;
    const index = this.#byId;
    const { records } = this;
    let read = 0;
    for (let at = 0; at < count; at++) place[at] = isRead[at] === 1 ? index.guess(lineHash[at]!) : -1;
    for (let at = 0; at < count; at++) if (place[at]! >= 0) read ^= records.touch(place[at]!);
    for (let at = 0; at < count; at++) {
      if (isRead[at] !== 1) continue;
      place[at] = index.placeOf(lineHash[at]!, buffers[at]!, lineStart[at]!, lineEnd[at]!);
    }
    for (let at = 0; at < count; at++) if (place[at]! >= 0) read ^= monthRecords[records.monthOf(place[at]!)]!;
    for (let at = 0; at < count; at++) if (place[at]! >= 0) read ^= touchSlots(records.monthOf(place[at]!));
    return read;
  }

  /**
   * Remembers what a call of `line` showed: see `LineRecords.remember`. Not where another line has its place: the id
   * that a call names may be that of a line that was taken out, and the call another's, by its number.
   */
  remember(place: number, line: LineState, startedAt: number, device: number, address: number): void {
    if (this.at(place) === line) this.records.remember(place, line, startedAt, device, address);
  }

  /** Takes a line out, before its facts are replaced. */
  remove(line: LineState): void {
    // Whoever asks for its id from now on must not find what was remembered of it.
    line.forgetLastCall();
    this.#byId.remove(line.id);
    const ofId = this.#byNumberOfId === null ? null : this.#numberOf(line.id);
    if (ofId !== null) this.#byNumberOfId?.get(ofId)?.delete(line);
    for (const number of numbersOf(line)) {
      const others = this.#byNumber.get(number)?.filter((holder) => holder !== line) ?? [];
      this.#byNumber.set(number, others);
    }
  }

  /**
   * The line that `party` names: an id, which is permanent, or a number in any notation, which is whose it is at
   * `instant`. `null` when it is none of ours.
   */
  find(party: string, instant: number): LineState | null {
    const line = this.#byId.get(party);
    if (line !== undefined) return line;
    const classified = this.#plan.classify(party);
    if (classified.kind === 'refusal') return null;
    const holders = this.#byNumber.get(classified.called) ?? [];
    return holders.find((holder) => factSpanAt(holder, instant)?.number === classified.called) ?? null;
  }

  /**
   * The lines that `party` may name at one instant or another: that of its id, or all that had its number at any
   * time.
   */
  everNamed(party: string): readonly LineState[] {
    const line = this.#byId.get(party);
    if (line !== undefined) return [line];
    const classified = this.#plan.classify(party);
    return classified.kind === 'refusal' ? [] : (this.#byNumber.get(classified.called) ?? []);
  }

  /**
   * The lines that may be told of by registrations of `party` at one instant or another: those of which an id or a
   * number has the key that they are kept by (`registeredKeysOf`).
   */
  everRegisteredAs(party: string): readonly LineState[] {
    const own = this.#byId.get(party.replaceAll('\0', ''));
    const lines = new Set(own === undefined ? [] : [own]);
    const number = this.#numberOf(party);
    if (number === null) return [...lines];
    for (const holder of this.#byNumber.get(number) ?? []) lines.add(holder);
    for (const line of this.#numbersOfIds().get(number) ?? []) lines.add(line);
    return [...lines];
  }

  #numbersOfIds(): ReadonlyMap<number, ReadonlySet<LineState>> {
    if (this.#byNumberOfId !== null) return this.#byNumberOfId;
    const lines = new Map<number, Set<LineState>>();
    for (const line of this.#byId) this.#addNumberOfId(line, lines);
    return (this.#byNumberOfId = lines);
  }

  #addNumberOfId(line: LineState, lines: Map<number, Set<LineState>>): void {
    const number = this.#numberOf(line.id);
    if (number === null) return;
    const same = lines.get(number);
    if (same === undefined) lines.set(number, new Set([line]));
    else same.add(line);
  }

  #numberOf(party: string): number | null {
    const classified = this.#plan.classify(party);
    return classified.kind === 'refusal' ? null : classified.called;
  }

  /**
   * The line that the switch names in a record: as `find`, and without making a text where the record was read as
   * bytes.
   */
  findNamed(cdr: Cdr): LineState | null {
    const { inBytes } = cdr;
    const line = inBytes === undefined ? null : this.#byId.find(cdr.recordBuffer, inBytes.lineStart, inBytes.lineEnd);
    return line ?? this.find(cdr.line, cdr.startedAt);
  }
}

/** Who a call belongs to, and how it came to be. */
export interface Ownership {
  readonly line: LineState;
  readonly isForwarded: boolean;
  /** A diverter or transferor is none of our lines. */
  readonly hasUnresolvedParty: boolean;
}

/**
 * The line that pays for a call. A forwarded leg belongs to the last diverter that is one of our lines: a diversion
 * from outside proves nothing about ours. A transferred call is the transferor's. Else it is the line's that the
 * switch names.
 *
 * @returns `null` when that line is none of ours at the start of the call
 */
export function ownerOf(cdr: Cdr, directory: Directory): Ownership | null {
  const { diversions, transferredBy, startedAt } = cdr;
  for (let index = diversions.length - 1; index >= 0; index--) {
    const diverter = directory.find(diversions[index]!, startedAt);
    if (diverter !== null) {
      return { line: diverter, isForwarded: true, hasUnresolvedParty: index < diversions.length - 1 };
    }
  }
  const hasUnresolvedDiversion = diversions.length > 0;
  const transferor = transferredBy === null ? null : directory.find(transferredBy, startedAt);
  if (transferor !== null) {
    return { line: transferor, isForwarded: false, hasUnresolvedParty: hasUnresolvedDiversion };
  }
  const line = directory.findNamed(cdr);
  if (line === null) return null;
  return { line, isForwarded: false, hasUnresolvedParty: hasUnresolvedDiversion || transferredBy !== null };
}

function numbersOf({ factSpans }: LineState): Set<number> {
  return new Set(factSpans.flatMap(({ number }) => (number === null ? [] : [number])));
}
