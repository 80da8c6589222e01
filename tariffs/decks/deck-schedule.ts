import type { CivilTime } from '../civil-time.ts';
import type { RateDeck } from './compile-deck.ts';

/** What picks a deck: the start of a call, or the day that something is billed by. Each has a schedule of its own. */
export const DECK_BASES = ['call-start', 'billing-day'] as const;
export type DeckBasis = (typeof DECK_BASES)[number];

/** A deck by its number in the ledger, and from when on it is in force. */
export interface DeckScheduleEntry {
  readonly basis: DeckBasis;
  /** ms since the epoch; `-Infinity`: from ever on. */
  readonly from: number;
  readonly deckNo: number;
}

/** A deck is in force `[from, to)`, ms since the epoch; `±Infinity` where it is open. */
export interface DeckSpan {
  readonly from: number;
  readonly to: number;
  readonly deckNo: number;
}

/**
 * Which deck is in force from when to when, ascending. A deck holds until the next instant of the schedule; of entries
 * for one instant the last counts.
 *
 * @param entries in the order in which they were entered
 */
export function deckSpans(entries: readonly DeckScheduleEntry[], basis: DeckBasis): DeckSpan[] {
  const byInstant = new Map(entries.filter((entry) => entry.basis === basis).map(({ from, deckNo }) => [from, deckNo]));
  const ascending = [...byInstant].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const changes = ascending.filter(([, deckNo], index) => ascending[index - 1]?.[1] !== deckNo);
  return changes.map(([from, deckNo], index) => ({ from, to: changes[index + 1]?.[0] ?? Infinity, deckNo }));
}

/** The span, of ascending ones, that holds an instant; `null` before the first. */
export function spanAt<Span extends DeckSpan>(spans: readonly Span[], instant: number): Span | null {
  return spans.find(({ from, to }) => from <= instant && instant < to) ?? null;
}

/**
 * The number of the deck that is in force for what is billed by a civil day, `2026-12-01`: at the day's first instant,
 * in the calendar of `civilTime`. `null` when none is yet. Throws for a text that is no day.
 */
export function deckOfBillingDay(
  entries: readonly DeckScheduleEntry[],
  day: string,
  civilTime: CivilTime,
): number | null {
  const instant = parseDay(day, civilTime);
  if (instant === null) throw new RangeError(`Cannot find the deck of billing day '${day}': it is no day`);
  return spanAt(deckSpans(entries, 'billing-day'), instant)?.deckNo ?? null;
}

/** The first instant of a civil day `2026-12-01`, ms since the epoch; `null` for a text that is none. */
export function parseDay(text: string, civilTime: CivilTime): number | null {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? civilTime.parseInstant(text) : null;
}

/**
 * What is to be entered so that a deck is in force from `from` on, until the next instant of the schedule; `null`: for
 * all calls, in place of every deck that is scheduled. Empty when that was entered already. A deck that is in force
 * then anyhow is entered all the same: another may be scheduled for an earlier instant later.
 */
export function entriesToSchedule(
  entries: readonly DeckScheduleEntry[],
  deckNo: number,
  from: number | null,
): DeckScheduleEntry[] {
  return DECK_BASES.flatMap((basis) => {
    const own = entries.filter((entry) => entry.basis === basis);
    const instants = from === null ? new Set([-Infinity, ...own.map((entry) => entry.from)]) : [from];
    const entered = new Map(own.map((entry) => [entry.from, entry.deckNo]));
    const isEntered = [...instants].every((instant) => entered.get(instant) === deckNo);
    return isEntered ? [] : [...instants].map((instant) => ({ basis, from: instant, deckNo }));
  });
}

/** The first instant at which another deck is in force by one schedule than by the other; `null` for none. */
export function deckChangedFrom(before: readonly DeckSpan[], after: readonly DeckSpan[]): number | null {
  const instants = new Set([...before, ...after].map(({ from }) => from));
  const changed = [...instants].filter((instant) => spanAt(before, instant)?.deckNo !== spanAt(after, instant)?.deckNo);
  return changed.length === 0 ? null : changed.reduce((first, instant) => Math.min(first, instant));
}

/** What prices calls: one deck, or several, each for the calls that start while it is in force. */
export interface RateTable extends Pick<RateDeck, 'rateFor'> {
  /**
   * The number of the deck in force at the start of a call. Before the first, that of the first: free calls need no
   * price, but a deck's name.
   */
  deckNoAt(instant: number): number;
}

/** A span with its deck, compiled. */
export interface CompiledSpan extends DeckSpan {
  readonly rates: RateDeck;
}

/** Compiles a schedule of at least one span into one table; one deck from ever on is asked itself, at no cost. */
export function compileDeckSchedule(spans: readonly CompiledSpan[]): RateTable {
  const first = spans[0];
  if (first === undefined) throw new Error('Cannot compile a schedule: it has no deck');
  const { deckNo, rates } = first;
  if (spans.length === 1 && first.from === -Infinity) return { rateFor: rates.rateFor, deckNoAt: () => deckNo };

  // The span found last: calls come more or less in order of time.
  let last: DeckSpan & { readonly rates: RateDeck | null } = first;
  const before = { from: -Infinity, to: first.from, deckNo, rates: null };
  const at = (instant: number): typeof last => {
    if (instant < last.from || instant >= last.to) last = spanAt(spans, instant) ?? before;
    return last;
  };
  return {
    rateFor: (called, destinationName, destinationId, instant) =>
      at(instant).rates?.rateFor(called, destinationName, destinationId, instant) ?? null,
    deckNoAt: (instant) => at(instant).deckNo,
  };
}
