/** How a call is covered: costs nothing under the offer, per minute, or never charged (emergency, toll-free). */
export type Coverage = 'included' | 'metered' | 'free';

/** `usage`: the first rating of a call's facts; the others correct the revision before them. */
export type EntryKind = 'usage' | 'rerate' | 'reversal' | 'reprice';

/**
 * One line of the append-only ledger. `account`, `line`, `destination`, `rateDeck` and `offer` are the ledger's own row
 * numbers. A call's charge is the sum of the charges of its entries.
 */
export interface Entry {
  readonly bucket: number;
  /** Feed position in the bucket: gapless, in commit order. */
  readonly position: number;
  /** Period (yyyymm) that the call belongs to / that the entry is billed in. */
  readonly period: number;
  readonly billedPeriod: number;
  readonly account: number;
  readonly line: number;
  /** 64-bit hash of the call's identity, as two signed 32-bit halves. */
  readonly identityHigh: number;
  readonly identityLow: number;
  /** 0 for the first entry of a call; correction n corrects revision n - 1. */
  readonly revision: number;
  readonly kind: EntryKind;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly called: number;
  readonly destination: number;
  /** `null` on a reversal. */
  readonly coverage: Coverage | null;
  /** What the corrected revision said; `null` on a usage. */
  readonly coverageBefore: Coverage | null;
  readonly reason: string;
  readonly billedSeconds: number;
  /** Micros: what this entry adds to the call's charge. */
  readonly charge: number;
  /** Micros: what the call costs by the minute, whatever its coverage. */
  readonly meteredPrice: number;
  readonly rateDeck: number;
  readonly offer: number | null;
  /** Bits of `call-flags.ts`. */
  readonly flags: number;
  /** The canonical record, on usage entries: bytes `[recordStart, recordEnd)` of `record`; `null` on corrections. */
  readonly record: Buffer | null;
  readonly recordStart: number;
  readonly recordEnd: number;
}

export type WritableEntry = { -readonly [Field in keyof Entry]: Entry[Field] };

/** An entry to be written over: a first rating unless it says otherwise. */
export function newEntry(): WritableEntry {
  return {
    bucket: 0,
    position: 0,
    period: 0,
    billedPeriod: 0,
    account: 0,
    line: 0,
    identityHigh: 0,
    identityLow: 0,
    revision: 0,
    kind: 'usage',
    startedAt: 0,
    durationMs: 0,
    called: 0,
    destination: 0,
    coverage: null,
    coverageBefore: null,
    reason: '',
    billedSeconds: 0,
    charge: 0,
    meteredPrice: 0,
    rateDeck: 0,
    offer: null,
    flags: 0,
    record: null,
    recordStart: 0,
    recordEnd: 0,
  };
}

/** Writes all fields of an entry over another's: nothing stays of the call before. */
export function copyEntry(from: Entry, to: WritableEntry): void {
  to.bucket = from.bucket;
  to.position = from.position;
  to.period = from.period;
  to.billedPeriod = from.billedPeriod;
  to.account = from.account;
  to.line = from.line;
  to.identityHigh = from.identityHigh;
  to.identityLow = from.identityLow;
  to.revision = from.revision;
  to.kind = from.kind;
  to.startedAt = from.startedAt;
  to.durationMs = from.durationMs;
  to.called = from.called;
  to.destination = from.destination;
  to.coverage = from.coverage;
  to.coverageBefore = from.coverageBefore;
  to.reason = from.reason;
  to.billedSeconds = from.billedSeconds;
  to.charge = from.charge;
  to.meteredPrice = from.meteredPrice;
  to.rateDeck = from.rateDeck;
  to.offer = from.offer;
  to.flags = from.flags;
  to.record = from.record;
  to.recordStart = from.recordStart;
  to.recordEnd = from.recordEnd;
}
