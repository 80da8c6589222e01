import type { Emit, Fate } from './emitted-record.ts';
import { encodeOtherwise, encodeRecord } from './encode-record.ts';
import type { Cast, LineFacts, Scene } from './scene.ts';
import type { Random } from './random.ts';
import type { Call, TrafficRecord } from './traffic-record.ts';

/** Shares of what a switch writes besides one good record a call; parts of all calls unless it says otherwise. */
export interface NoiseRates {
  /** Of all records. */
  readonly attempts: number;
  readonly inbound: number;
  readonly internal: number;
  /** Of calls above ten minutes. */
  readonly interim: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly corrections: number;
  /** Of records: delivered within the hour after they should be; a day or more after. */
  readonly outOfOrder: number;
  readonly late: number;
}

export const defaultNoise: NoiseRates = {
  attempts: 0.05,
  inbound: 0.03,
  internal: 0.01,
  interim: 0.2,
  duplicates: 0.003,
  conflicts: 0.0001,
  corrections: 0.0005,
  outOfOrder: 0.02,
  late: 0.0005,
};

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const INTERIM_MS = 600_000;
const isCall: Fate = { kind: 'call' };
const isDuplicate: Fate = { kind: 'duplicate' };
const isUnanswered: Fate = { kind: 'not-a-call', reason: 'unanswered' };
const isInbound: Fate = { kind: 'not-a-call', reason: 'inbound' };
const isInternal: Fate = { kind: 'not-a-call', reason: 'internal' };
const isInterim: Fate = { kind: 'not-a-call', reason: 'interim' };
const isConflict: Fate = { kind: 'quarantined', reason: 'conflict' };
const isSuperseded: Fate = { kind: 'quarantined', reason: 'superseded' };
const isUnknownLine: Fate = { kind: 'quarantined', reason: 'unknown-line' };

/** What happens to the record of one call. */
type Mishap = 'none' | 'duplicate' | 'conflict' | 'correction' | 'late';

/** The first calls of a line with profile `edges` meet these, so that even the smallest month has each. */
const CERTAIN_MISHAPS: readonly Mishap[] = ['duplicate', 'conflict', 'correction', 'late'];

/**
 * Writes everything that the switches say of a line's month. `hasCertainMishaps`: whether it meets each mishap once.
 */
export function emitScene(cast: Cast, scene: Scene, noise: NoiseRates, hasCertainMishaps: boolean, emit: Emit): void {
  for (const [index, call] of scene.calls.entries()) {
    if (factsAt(scene.facts, call.startedAt, cast) === null) {
      emit({ text: encodeRecord(call), at: writtenAt(call, cast.random, noise), fate: isUnknownLine });
      continue;
    }
    const certain = hasCertainMishaps ? CERTAIN_MISHAPS[index] : undefined;
    emitCall(cast, call, certain ?? drawMishap(cast.random, noise), noise, emit);
    emitNeighbours(cast, call, noise, emit);
  }
  for (const { record, reason, writtenAt: at } of scene.nonCalls) {
    emit({ text: encodeRecord(record), at, fate: { kind: 'not-a-call', reason } });
  }
}

/** The facts of a line in force at an instant; `null` when none are. */
export function factsAt(
  facts: readonly LineFacts[],
  instant: number,
  { calendar }: Pick<Cast, 'calendar'>,
): LineFacts | null {
  const inForce = facts.find(
    ({ fromDay, toDay }) =>
      (fromDay === null || instant >= calendar.at(fromDay, 0)) && (toDay === null || instant < calendar.at(toDay, 0)),
  );
  return inForce ?? null;
}

function drawMishap(random: Random, { duplicates, conflicts, corrections }: NoiseRates): Mishap {
  const share = random.fraction();
  if (share < duplicates) return 'duplicate';
  if (share < duplicates + conflicts) return 'conflict';
  return share < duplicates + conflicts + corrections ? 'correction' : 'none';
}

function emitCall(cast: Cast, call: Call, mishap: Mishap, noise: NoiseRates, emit: Emit): void {
  const { random } = cast;
  const at = writtenAt(call, random, noise);
  const text = encodeRecord(call);
  switch (mishap) {
    case 'none':
      emit({ text, at, fate: isCall });
      return;
    case 'late':
      emit({ text, at: at + DAY + random.below(2 * DAY), fate: isCall });
      return;
    case 'duplicate':
      emit({ text, at, fate: isCall });
      emit({
        text: random.chance(0.1) ? encodeOtherwise(call) : text,
        at: at + repeatDelay(random),
        fate: isDuplicate,
      });
      return;
    case 'conflict':
      // The least duration is billed, so the other record says that the call took longer. Either can come first.
      emit({ text, at: at + repeatDelay(random), fate: isCall });
      emit({
        text: encodeRecord({ ...call, durationMs: call.durationMs + random.between(1, 90_000) }),
        at: at + repeatDelay(random),
        fate: isConflict,
      });
      return;
    case 'correction':
      emit({ text: encodeRecord({ ...call, revision: 1 }), at: at + repeatDelay(random), fate: isCall });
      emit({
        text: encodeRecord({ ...call, durationMs: random.between(1, 7_200_000) }),
        at: at + repeatDelay(random),
        fate: isSuperseded,
      });
      return;
    default:
      mishap satisfies never;
  }
}

/** A switch writes a record when the call is over; some are delivered late. */
function writtenAt({ startedAt, durationMs }: Call, random: Random, { outOfOrder, late }: NoiseRates): number {
  const at = startedAt + durationMs + random.between(20, 900);
  const share = random.fraction();
  if (share < late) return at + DAY + random.below(3 * DAY);
  return share < late + outOfOrder ? at + random.below(HOUR) : at;
}

function repeatDelay(random: Random): number {
  return random.below(random.chance(0.1) ? 2 * DAY : HOUR / 6);
}

/**
 * What is no call but happens around one: attempts before it, calls that come in, calls within the house, partial
 * records.
 */
function emitNeighbours(cast: Cast, call: Call, noise: NoiseRates, emit: Emit): void {
  const { random } = cast;
  const { startedAt, durationMs } = call;
  const others = noise.inbound + noise.internal;
  for (
    let attempts = (noise.attempts * (1 + others)) / (1 - noise.attempts);
    random.fraction() < attempts;
    attempts--
  ) {
    const at = startedAt - random.between(20_000, 600_000);
    emit({ text: encodeRecord(attemptOf(call, cast)), at, fate: isUnanswered });
  }
  if (random.chance(noise.inbound)) {
    const at = startedAt - random.between(60_000, HOUR);
    emit({ text: encodeRecord(inboundOf(call, cast, at)), at, fate: isInbound });
  }
  if (random.chance(noise.internal)) {
    const at = startedAt - random.between(60_000, HOUR);
    emit({ text: encodeRecord(internalOf(call, cast, at)), at, fate: isInternal });
  }
  if (durationMs <= INTERIM_MS || !random.chance(noise.interim)) return;
  for (let partial = INTERIM_MS; partial < durationMs; partial += INTERIM_MS) {
    const record: TrafficRecord = { ...call, durationMs: partial, kind: 'interim' };
    emit({ text: encodeRecord(record), at: startedAt + partial, fate: isInterim });
  }
}

function attemptOf(call: Call, cast: Cast): TrafficRecord {
  const kind = cast.random.chance(0.5) ? 'attempt' : 'call';
  return { ...call, callId: cast.nextCallId(), startedAt: null, durationMs: 0, kind };
}

function inboundOf(call: Call, cast: Cast, endedAt: number): TrafficRecord {
  const durationMs = cast.random.between(5000, 300_000);
  return {
    ...call,
    callId: cast.nextCallId(),
    dialled: `+${cast.number}`,
    calling: `+${call.number.called}`,
    startedAt: endedAt - durationMs,
    durationMs,
    kind: 'inbound',
  };
}

function internalOf(call: Call, cast: Cast, endedAt: number): TrafficRecord {
  const durationMs = cast.random.between(2000, 120_000);
  const extension = String(cast.random.between(100, 899));
  return {
    ...call,
    callId: cast.nextCallId(),
    dialled: extension,
    startedAt: endedAt - durationMs,
    durationMs,
    kind: 'internal',
  };
}
