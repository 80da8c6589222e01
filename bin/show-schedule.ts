import type { KeptDeckScheduleEntry, RegisteredRateDeck } from '../ledger/index.ts';
import { type DeckBasis, compileCivilTime, DECK_BASES, deckSpans, parseDay } from '../tariffs/index.ts';
import { showInstant } from './show-values.ts';

/** The columns of `scheduleRows`. */
export const SCHEDULE_HEADINGS = ['from', 'to', 'deck', 'basis', 'entered by', 'entered'] as const;

/** A row for each span of each basis; one for both where they agree. */
export function scheduleRows(
  schedule: readonly KeptDeckScheduleEntry[],
  decks: readonly RegisteredRateDeck[],
): readonly (readonly string[])[] {
  const rows = new Map<string, { readonly cells: readonly string[]; readonly bases: string[] }>();
  for (const basis of DECK_BASES) {
    for (const { from, to, deckNo } of deckSpans(schedule, basis)) {
      const deck = decks.find(({ no }) => no === deckNo)!;
      const { takenBy, takenAt } = schedule.findLast((entry) => entry.basis === basis && entry.from === from)!;
      const span = [showDay(from, deck.timeZone), showDay(to, deck.timeZone), `${deck.name}@${deck.version}`];
      const entered = showInstant(Math.floor(takenAt / 1000) * 1000, compileCivilTime(deck.timeZone));
      const key = JSON.stringify([...span, takenBy]);
      const row = rows.get(key) ?? { cells: [...span, takenBy, entered], bases: [] };
      row.bases.push(BASIS_WORDS[basis]);
      rows.set(key, row);
    }
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
