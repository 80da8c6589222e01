import {
  type Decoded,
  type Leg,
  type LegReading,
  decodedOf,
  isLegFamily,
  isToldElsewhere,
  legKey,
  legText,
  readLegs,
  REVISIONS_BELOW_ONE,
  TOLD_ELSEWHERE_FROM,
} from '../../formats/index.ts';
import { BUCKET_COUNT, identityHashOfBytes, murmur2 } from '../../rater/index.ts';
import type { KeptLeg, LegPlace, Receipt } from '../../ledger/index.ts';

/** A leg that is known, and with how many legs of its group it came to be known. */
export interface KnownLeg {
  readonly leg: Leg;
  readonly known: number;
  readonly receipt: Receipt | null;
  /** Of the bytes that it was read from; `null`: nobody kept it. Others may share it. */
  readonly recordHash: bigint | null;
}

/** What a leg is known to be, and since how many legs: what its call has as revision. */
export interface StandingLeg {
  readonly reading: LegReading;
  readonly revision: number;
  /** What it was known to be before; `null` where it was never known otherwise. */
  readonly former: StandingLeg | null;
}

/** Of more records of one call none is billed: what is none by itself stays that, and the others wait. */
export const MOST_LEGS = 200;

/** A group as one text that no other group has. */
export function groupKey({ switchId, groupId }: Pick<Leg, 'switchId' | 'groupId'>): string {
  return `${switchId.length}:${switchId}${groupId}`;
}

const hash = new Int32Array(2);
/** Room for nearly all keys of groups. */
const room = Buffer.alloc(4096);
const roomView = new DataView(room.buffer, room.byteOffset, room.length);

/** Where a group's legs are kept. Stored in the ledger: never change it. */
export function placeOf(leg: Pick<Leg, 'switchId' | 'groupId'>): LegPlace {
  return placeOfKey(groupKey(leg));
}

/** The same by the text that no other group has. */
export function placeOfKey(key: string): LegPlace {
  const isShort = key.length * 3 <= room.length;
  const bytes = isShort ? room.subarray(0, room.write(key, 'utf8')) : Buffer.from(key, 'utf8');
  const { length } = bytes;
  const view = isShort ? roomView : new DataView(bytes.buffer, bytes.byteOffset, length);
  identityHashOfBytes(view, 0, length, length, length, length, length, hash);
  return { bucket: (murmur2(bytes) & 0x7fff_ffff) % BUCKET_COUNT, hashHigh: hash[0]!, hashLow: hash[1]! };
}

/** The hash of a record's bytes, `[start, end)` of a buffer. Stored in the ledger: never change it. */
export function recordHashOf(buffer: Buffer, start: number, end: number): bigint {
  const from = buffer.byteOffset;
  identityHashOfBytes(viewOf(buffer), from + start, from + end, 0, 0, 0, 0, hash);
  return wholeHash();
}

const halves = new DataView(new ArrayBuffer(8));

/** The two halves of the hash that was made last. By way of memory: sums of bigints take ten times as long. */
function wholeHash(): bigint {
  halves.setInt32(0, hash[0]!);
  halves.setInt32(4, hash[1]!);
  return halves.getBigInt64(0);
}

let lastView: DataView = new DataView(room.buffer);

/** The whole memory that a buffer is part of: records that follow each other lie in one. */
function viewOf({ buffer }: Buffer): DataView {
  if (lastView.buffer !== buffer) lastView = new DataView(buffer);
  return lastView;
}

/** What each leg of a group is known to be, by its `legKey`. */
export function standingOf(legs: readonly KnownLeg[]): Map<string, StandingLeg> {
  const stages = [...new Set(legs.map(({ known }) => known))].toSorted((a, b) => a - b);
  let standing = new Map<string, StandingLeg>();
  for (const stage of stages) {
    const known = legs.length === 1 ? legs : legs.filter((one) => one.known <= stage);
    standing = stageOf(known, stage - 1, standing);
  }
  return standing;
}

/**
 * The legs known at a stage: one that is read as before keeps its revision, with all that share its id. A new content
 * that is no call changes nothing of that. Where others tell of the same call, the revision is that of the stage, and
 * begins after all that those may have: what counts must not hang on when the reading changed last.
 */
function stageOf(
  known: readonly KnownLeg[],
  revision: number,
  before: ReadonlyMap<string, StandingLeg>,
): Map<string, StandingLeg> {
  const legs = known.map(({ leg }) => leg);
  const readings = legs.length > MOST_LEGS ? legs.map(ofTooMany) : readLegs(legs);
  const standing = new Map<string, StandingLeg>();
  for (const same of Map.groupBy(legs.keys(), (index) => legs[index]!.legId).values()) {
    const keys = same.map((index) => legKey(legs[index]!));
    const isTold = isToldElsewhere(legs[same[0]!]!);
    const isAsBefore =
      !isTold &&
      keys.every((key, at) => {
        const earlier = before.get(key)?.reading;
        const reading = readings[same[at]!]!;
        return earlier === undefined ? reading.kind !== 'call' : saysTheSame(earlier, reading);
      });
    for (const [at, key] of keys.entries()) {
      const earlier = before.get(key) ?? null;
      if (isAsBefore && earlier !== null) standing.set(key, earlier);
      else {
        const count = revision + (isTold ? TOLD_ELSEWHERE_FROM : 0);
        standing.set(key, { reading: readings[same[at]!]!, revision: count, former: earlier });
      }
    }
  }
  return standing;
}

function ofTooMany(leg: Leg): LegReading {
  const [alone] = readLegs([leg]);
  if (alone?.kind === 'not-a-call') return alone;
  const none = alone?.kind === 'call' && isToldElsewhere(leg) ? { none: alone.content } : {};
  const detail = `Cannot read the records as one call's: there are more than ${MOST_LEGS}`;
  return { kind: 'bad', reason: 'contradiction', detail, ...none };
}

/** Whether two readings come to the same; why is no matter. */
export function saysTheSame(a: LegReading, b: LegReading): boolean {
  if (a.kind === 'call' && b.kind === 'call') return JSON.stringify(a.content) === JSON.stringify(b.content);
  if (a.kind === 'not-a-call' && b.kind === 'not-a-call') return a.reason === b.reason;
  return a.kind === 'bad' && b.kind === 'bad' && a.reason === b.reason && a.detail === b.detail;
}

/**
 * The revision of a call that is read otherwise since so many legs, but one, were known: below 1, so that more legs win
 * over fewer, and a correction that the switch or a person marks (1 and more) over any number of them.
 */
export function revisionOfReading(legs: number): number {
  return Math.min(legs, REVISIONS_BELOW_ONE - 1) / REVISIONS_BELOW_ONE;
}

/** What a leg is known to be, as a record that was decoded: a call has the revision of its reading. */
export function recordOf({ reading, revision }: StandingLeg, leg: Leg): Decoded {
  if (reading.kind !== 'call') return { ...decodedOf(reading), leg };
  const content = { ...reading.content, revision: revisionOfReading(revision) };
  return { ...decodedOf({ ...reading, content }), leg };
}

/** A leg as the ledger keeps it. */
export function knownLeg({
  family,
  switchId,
  groupId,
  legId,
  evidence,
  known,
  receipt,
  recordHash,
}: KeptLeg): KnownLeg {
  if (!isLegFamily(family)) throw new Error(`Cannot read a leg of family '${family}': it is not known`);
  return { leg: { family, switchId, groupId, legId, evidence }, known, receipt, recordHash };
}

/** A leg with what it said, for people, and what it is known to be. */
export interface ShownLeg extends KnownLeg, StandingLeg {
  readonly said: string;
}

/** What the legs of one group that the ledger has are known to be, in their order. */
export function standingLegs(kept: readonly KeptLeg[]): ShownLeg[] {
  const legs = kept.map(knownLeg);
  const standing = standingOf(legs);
  return legs.map((one) => ({ ...one, ...standing.get(legKey(one.leg))!, said: legText(one.leg) }));
}
