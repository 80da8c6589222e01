import type { MadeRetroactive } from '../services/index.ts';
import { compileCivilTime } from '../tariffs/index.ts';
import { plural, showInstant } from './show-values.ts';

/** Changes that reached back: who made them, when, and why; a line each. */
export function retroactiveLines(changes: readonly MadeRetroactive[], timeZone: string): string[] {
  if (changes.length === 0) return [];
  const civilTime = compileCivilTime(timeZone);
  const show = (instant: number): string => showInstant(Math.floor(instant / 1000) * 1000, civilTime);
  return [
    '',
    'Changed what was rated already:',
    ...changes.map(
      ({ version, reachesBack, calls, takenBy, note, takenAt }) =>
        `  ${show(takenAt)}: ${version}, from ${show(reachesBack)} on, ${plural(calls, 'rated call')}, by ${takenBy}: '${note}'`,
    ),
  ];
}
