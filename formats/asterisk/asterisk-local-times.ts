import { type AsteriskRow, uniqueidEpoch } from './asterisk-row.ts';
import { agreedTimes, readBilledMs, readSecondsMs, type CallTimes } from './asterisk-times.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, type DecodedBad } from '../format.ts';
import { instantsOfLocal, parseLocalStamp, type LocalClock } from '../reading/local-clock.ts';
import { readSwitchTime } from '../reading/switch-time.ts';

/**
 * When a row was answered and how long it was up, by the switch's clock. A table without answer and end, as FreePBX
 * has it, says both by the start, `duration` and `billsec`.
 */
export function localTimesOf(row: AsteriskRow, clock: LocalClock | null): CallTimes | DecodedBad {
  const billedMs = readBilledMs(row.billsec);
  if (typeof billedMs !== 'number') return billedMs;
  const start = placeTime('start', row.start, clock);
  if (row.answer === '' && row.end === '') return timesFromStart(row, billedMs, start);
  const answer = placeTime('answer', row.answer, clock);
  const end = placeTime('end', row.end, clock);
  if ('kind' in start) return start;
  if ('kind' in answer) return answer;
  if ('kind' in end) return end;
  // A second of tolerance: the epoch in the id and the start are read from the clock one after the other.
  const createdAt = (uniqueidEpoch(row.uniqueid) ?? -Infinity) - 1000;
  const answeredAt = earliestFrom(answer, earliestFrom(start, createdAt));
  const endedAt = nearest(end, answeredAt + billedMs);
  const times = agreedTimes(answeredAt, billedMs, endedAt - answeredAt);
  if ('kind' in times || (start.length === 1 && answer.length === 1)) return times;
  return { ...times, notes: ['local-time-ambiguous', ...times.notes] };
}

/**
 * When a row began: in the hour that comes twice, the first instant that is not before its channel was made, as the
 * epoch in its `uniqueid` says; without one, the earlier. `null` where it says no time that can be read.
 */
export function localBegin({ start, uniqueid }: AsteriskRow, clock: LocalClock | null): number | null {
  const instants = placeTime('start', start, clock);
  if ('kind' in instants) return null;
  if (instants.length < 2) return instants[0] ?? null;
  return earliestFrom(instants, (uniqueidEpoch(uniqueid) ?? -Infinity) - 1000);
}

function timesFromStart(
  row: AsteriskRow,
  billedMs: number,
  start: readonly number[] | DecodedBad,
): CallTimes | DecodedBad {
  if ('kind' in start) return start;
  const durationMs = readSecondsMs(row.duration);
  if (!(durationMs >= billedMs)) {
    return bad(
      'invalid-field',
      `Cannot read duration: ${quote(row.duration)} is not a number of seconds from billsec ${quote(row.billsec)} on`,
    );
  }
  const createdAt = (uniqueidEpoch(row.uniqueid) ?? -Infinity) - 1000;
  const startedAt = earliestFrom(start, createdAt) + durationMs - billedMs;
  return { startedAt, durationMs: billedMs, notes: start.length === 1 ? [] : ['local-time-ambiguous'] };
}

/** The instants, one or two, that a time of the row can mean: of one without an offset, by the switch's clock. */
export function placeTime(name: string, text: string, clock: LocalClock | null): readonly number[] | DecodedBad {
  if (text === lastText && clock === lastClock) return lastInstants;
  if (text === textBefore && clock === clockBefore) return instantsBefore;
  const placed = placedTime(name, text, clock);
  if ('kind' in placed) return placed;
  [textBefore, clockBefore, instantsBefore] = [lastText, lastClock, lastInstants];
  lastText = text;
  lastClock = clock;
  lastInstants = placed;
  return placed;
}

// A row's start and end are asked for several times over.
let lastText: string | null = null;
let lastClock: LocalClock | null = null;
let lastInstants: readonly number[] = [];
let textBefore: string | null = null;
let clockBefore: LocalClock | null = null;
let instantsBefore: readonly number[] = [];

function placedTime(name: string, text: string, clock: LocalClock | null): readonly number[] | DecodedBad {
  const local = parseLocalStamp(text);
  if (local === null || clock === null) {
    const placed = readSwitchTime(name, text, clock);
    return 'kind' in placed ? placed : placed.instants;
  }
  const instants = instantsOfLocal(clock, local);
  if (instants.length > 0) return instants;
  return bad(
    'nonexistent-local-time',
    `Cannot place ${name}: the local clock never reads ${quote(text)} from 2000 to 2060`,
  );
}

function earliestFrom(instants: readonly number[], from: number): number {
  return instants.find((instant) => instant >= from) ?? instants[0] ?? NaN;
}

function nearest(instants: readonly number[], to: number): number {
  return instants.reduce((best, instant) => (Math.abs(instant - to) < Math.abs(best - to) ? instant : best));
}
