import { castOf, type CastLine } from './cast-lines.ts';
import type { Emit } from './emitted-record.ts';
import { encodeRecord } from './encode-record.ts';
import { layOutMonth, type MonthCalendar } from './month-calendar.ts';
import { profileNamed } from './profiles.ts';
import type { LineFacts, Scene } from './scene.ts';
import { type WeekPatterns, weekPatterns } from './week-pattern.ts';

/** Calls of a line in each month before. */
const CALLS_A_MONTH = 40;
const WRITTEN_AFTER_MS = 500;

/** A month before the one that is generated. */
export interface EarlierMonth {
  readonly calendar: MonthCalendar;
  readonly patterns: WeekPatterns;
}

/** The months before a period, the latest first. */
export function monthsBefore(period: number, count: number): EarlierMonth[] {
  return Array.from({ length: count }, (_, index) => {
    const months = Math.floor(period / 100) * 12 + (period % 100) - 2 - index;
    const calendar = layOutMonth(Math.floor(months / 12) * 100 + (months % 12) + 1);
    return { calendar, patterns: weekPatterns(calendar) };
  });
}

/**
 * Writes what a line that breaks a condition called in the months before: a few dozen ordinary calls each, which break
 * none, so that its month can be held against its own. A line whose facts broke a condition then, too, called nothing.
 * `tell` hears the period of each call.
 */
export function emitEarlierMonths(
  seed: string,
  castLine: CastLine,
  castList: readonly CastLine[],
  scene: Scene,
  months: readonly EarlierMonth[],
  emit: Emit,
  tell: (period: number) => void,
): void {
  const before = scene.facts.find(({ fromDay }) => fromDay === null);
  if (scene.breaches.length === 0 || before === undefined || !isOrdinary(before)) return;
  for (const { calendar, patterns } of months) {
    // Draws of its own: the month that is generated is the same with and without months before.
    const own = { ...castLine, callsWanted: CALLS_A_MONTH };
    const cast = castOf(`${seed} ${calendar.period}`, own, castList, calendar, patterns);
    for (const call of profileNamed('office')(cast).calls) {
      // From what and where is not told: phones and sites are those of the month that is generated.
      const text = encodeRecord({ ...call, userAgent: null, sourceIp: null });
      emit({ text, at: call.startedAt + call.durationMs + WRITTEN_AFTER_MS, fate: { kind: 'call' } });
      tell(calendar.periodOf(call.startedAt));
    }
  }
}

function isOrdinary({ offer, usageClass, mobility, equipment }: LineFacts): boolean {
  return (
    offer !== '' &&
    (usageClass === 'business' || usageClass === 'residential') &&
    mobility !== 'used' &&
    (equipment === '' || equipment === 'managed')
  );
}
