import type { CastLine } from './cast-lines.ts';
import type { Fate } from './emitted-record.ts';
import { factsAt } from './emit-scene.ts';
import type { Cast, MeasureId, PlannedBreach, Scene } from './scene.ts';
import type { Call, NotACallReason } from './traffic-record.ts';

/** A call as `expected.json` names it. */
export interface ExpectedCall {
  readonly switch: string;
  readonly call: string;
  readonly leg: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** E.164 digits, or those of a short code. */
  readonly called: number;
}

/** A condition that must be found broken in the period, with its evidence. */
export type ExpectedBreach =
  | { readonly condition: 'usage-class'; readonly usageClass: string; readonly firstCall: ExpectedCall }
  | { readonly condition: 'distinct-numbers'; readonly maxNumbers: number; readonly crossing: ExpectedCall }
  | { readonly condition: 'sip-mobility' | 'equipment'; readonly why: string; readonly firstCall: ExpectedCall }
  /** The measures that are above their maximum, with their values; the others are not. */
  | { readonly condition: 'conversational-use'; readonly broken: Readonly<Partial<Record<MeasureId, number>>> };

/** What must come of one line in the period. */
export interface ExpectedLine {
  readonly line: string;
  readonly account: string;
  readonly profile: string;
  /** Rated calls that belong to the line. */
  readonly calls: number;
  /** Calls that count for the conditions: longer than 0 ms, dialled, not free, under the offer. */
  readonly counted: number;
  /** Different numbers among those. */
  readonly distinctNumbers: number;
  readonly forwarded: number;
  /** In the offer's order of conditions; empty: no breach. */
  readonly breaches: readonly ExpectedBreach[];
}

/** What must come of the records, in any order of delivery: the parts add up to `total`. */
export interface ExpectedCounts {
  readonly total: number;
  readonly calls: number;
  readonly duplicates: number;
  readonly notACall: Readonly<Partial<Record<NotACallReason, number>>>;
  /** By reason; `superseded` are lower revisions, kept apart. */
  readonly quarantined: Readonly<Record<string, number>>;
}

export interface Expected {
  readonly v: 1;
  readonly seed: string;
  /** `2026-11` */
  readonly period: string;
  readonly offer: 'full-illimite';
  readonly records: ExpectedCounts;
  /** Rated calls by period (yyyymm): a few lie at the edges of the neighbouring months. */
  readonly callsByPeriod: Readonly<Record<string, number>>;
  /** All lines, in the order of `lines.csv`. */
  readonly lines: readonly ExpectedLine[];
}

const MAX_NUMBERS = 150;
/** In the order of the offer: one that is planned and has no place here does not compile. */
const PLACES: Readonly<Record<PlannedBreach['condition'], number>> = {
  'usage-class': 0,
  'distinct-numbers': 1,
  'sip-mobility': 2,
  equipment: 3,
  'conversational-use': 4,
};

/** What must come of a line, from what was planned: no rule is asked. */
export function expectedLine(castLine: CastLine, account: string, cast: Cast, scene: Scene): ExpectedLine {
  const { calendar } = cast;
  const inPeriod = scene.calls.filter(({ startedAt }) => startedAt >= calendar.start && startedAt < calendar.end);
  const rated = inPeriod.filter(({ startedAt }) => factsAt(scene.facts, startedAt, cast) !== null);
  const counted = rated.filter(
    (call) =>
      call.durationMs > 0 &&
      !call.isForwarded &&
      !call.number.isFree &&
      factsAt(scene.facts, call.startedAt, cast)?.offer !== '',
  );
  return {
    line: castLine.id,
    account,
    profile: castLine.profile,
    calls: rated.length,
    counted: counted.length,
    distinctNumbers: new Set(counted.map(({ number }) => number.called)).size,
    forwarded: rated.filter(({ isForwarded }) => isForwarded).length,
    breaches: scene.breaches.toSorted((a, b) => PLACES[a.condition] - PLACES[b.condition]).map(expectedBreach),
  };
}

function expectedBreach(breach: PlannedBreach): ExpectedBreach {
  switch (breach.condition) {
    case 'usage-class':
      return { condition: 'usage-class', usageClass: breach.usageClass, firstCall: named(breach.firstCall) };
    case 'distinct-numbers':
      return { condition: 'distinct-numbers', maxNumbers: MAX_NUMBERS, crossing: named(breach.crossing) };
    case 'sip-mobility':
    case 'equipment':
      return { condition: breach.condition, why: breach.why, firstCall: named(breach.firstCall) };
    case 'conversational-use':
      return breach;
    default:
      return breach satisfies never;
  }
}

function named({ switchId, callId, legId, startedAt, number }: Call): ExpectedCall {
  return {
    switch: switchId,
    call: callId,
    leg: legId,
    startedAt: new Date(startedAt).toISOString(),
    called: number.called,
  };
}

/** Counts records by what must become of them. */
export class FateTally {
  #calls = 0;
  #duplicates = 0;
  readonly #notACall = new Map<NotACallReason, number>();
  readonly #quarantined = new Map<string, number>();

  add(fate: Fate): void {
    switch (fate.kind) {
      case 'call':
        this.#calls++;
        return;
      case 'duplicate':
        this.#duplicates++;
        return;
      case 'not-a-call':
        this.#notACall.set(fate.reason, (this.#notACall.get(fate.reason) ?? 0) + 1);
        return;
      case 'quarantined':
        this.#quarantined.set(fate.reason, (this.#quarantined.get(fate.reason) ?? 0) + 1);
        return;
      default:
        fate satisfies never;
    }
  }

  counts(): ExpectedCounts {
    const notACall = inOrderOfName(this.#notACall);
    const quarantined = inOrderOfName(this.#quarantined);
    const others = [...this.#notACall.values(), ...this.#quarantined.values()].reduce((sum, count) => sum + count, 0);
    const total = this.#calls + this.#duplicates + others;
    return { total, calls: this.#calls, duplicates: this.#duplicates, notACall, quarantined };
  }
}

function inOrderOfName(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** `expected.json`: one line of text for each line. */
export function expectedText({ lines, ...head }: Expected): string {
  const rows = lines.map((line) => `    ${JSON.stringify(line)}`).join(',\n');
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "lines": [\n${rows}\n  ]\n}\n`;
}
