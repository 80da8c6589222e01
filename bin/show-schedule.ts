import type { DeckList } from '../services/index.ts';
import { type DeckBasis, compileCivilTime, parseDay } from '../tariffs/index.ts';
import { showInstant } from './show-values.ts';

/** The columns of `scheduleRows`. */
export const SCHEDULE_HEADINGS = ['from', 'to', 'deck', 'basis', 'entered by', 'entered'] as const;

/** A row for each span of each basis; one for both where they agree. */
export function scheduleRows({ decks, schedule }: DeckList): readonly (readonly string[])[] {
  const rows = new Map<string, { readonly cells: readonly string[]; readonly bases: string[] }>();
  for (const { from, to, deckNo, basis, takenBy, takenAt } of schedule) {
    const deck = decks.find(({ no }) => no === deckNo)!;
    const span = [showDay(from, deck.timeZone), showDay(to, deck.timeZone), `${deck.name}@${deck.version}`];
    const entered = showInstant(Math.floor(takenAt / 1000) * 1000, compileCivilTime(deck.timeZone));
    const key = JSON.stringify([...span, takenBy]);
    const row = rows.get(key) ?? { cells: [...span, takenBy, entered], bases: [] };
    row.bases.push(BASIS_WORDS[basis]);
    rows.set(key, row);
  }
  return [...rows.values()].map(({ cells, bases }) => [...cells.slice(0, 3), bases.join(', '), ...cells.slice(3)]);
}

const BASIS_WORDS: Readonly<Record<DeckBasis, string>> = {
  'call-start': 'start of call',
  'billing-day': 'billing day',
};

/** A day where the instant begins one in the zone, `ever` and nothing where a span is open. */
export function showDay(instant: number, timeZone: string): string {
  if (instant === -Infinity) return 'ever';
  if (instant === Infinity) return '';
  const civilTime = compileCivilTime(timeZone);
  const day = civilTime.date(instant);
  return parseDay(day, civilTime) === instant ? day : showInstant(instant, civilTime);
}
