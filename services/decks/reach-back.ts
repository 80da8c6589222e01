import type { OnceRated, PricedAlike } from '../../ledger/index.ts';
import {
  type DeckChange,
  type NumberingPlan,
  compileCivilTime,
  diffDecks,
  FIRST_YEAR,
  priceAlike,
  priceCall,
  spanAt,
} from '../../tariffs/index.ts';
import type { ReadSpan } from './read-schedule.ts';
import { DeckPrefixes, numberOf, numbersBelow } from './numbers-below.ts';

/** From when on a schedule of decks reaches back, and what it changes. Instants in ms since the epoch. */
export type DeckReachBack =
  /** It prices calls otherwise that are rated; or that were rated once, and wait in quarantine now. */
  | {
      readonly kind: 'rated' | 'once-rated';
      readonly from: number;
      readonly calls: number;
      /** Micros, in the currency: what they cost by the minute as priced today, or then. */
      readonly price: number;
      readonly currency: string;
    }
  /** It changes prices of the past that no call met yet, or takes them away: a late call may. */
  | {
      readonly kind: 'past';
      readonly from: number;
      readonly calls: 0;
      /** The earliest of them: `+3361`, `3949` or `Belgique`. */
      readonly key: string;
      readonly isRemoved: boolean;
      /** How many prices change in all. */
      readonly prices: number;
      /** Calls up to here are rated already, or of a day that is over. */
      readonly to: number;
    };

/** A schedule of decks that takes another's place, and what was rated so far. */
export interface DeckReplacement {
  /** Which deck prices calls from when on, before and after; one that is to be registered has a number of its own. */
  readonly before: readonly ReadSpan[];
  readonly after: readonly ReadSpan[];
  /** The billed calls, cut by the dates of both schedules and all their decks. */
  readonly alike: readonly PricedAlike[];
  /** Calls that were billed once, and wait in quarantine now. */
  readonly once: readonly OnceRated[];
  readonly plan: NumberingPlan;
  /** Zone of the deck that is imported: in it, days are over. */
  readonly timeZone: string;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * From when on a schedule of decks that replaces another one would change prices of the past: of calls that were rated,
 * also to none; of calls that were rated once and wait in quarantine now; or of a day that is over, up to the last call
 * that was rated. `null`: it changes nothing but what is still to come, gives a price to what never had one, or nothing
 * was rated yet.
 */
export function deckReachBack(decks: DeckReplacement): DeckReachBack | null {
  const { alike, once } = decks;
  if (alike.length === 0 && once.length === 0) return null;
  return reachOverRated(decks) ?? reachOverOnceRated(decks) ?? reachOverPast(decks);
}

/** Whether another deck than before prices calls that start at an instant. */
export function isRepriced({ before, after }: Pick<DeckReplacement, 'before' | 'after'>, instant: number): boolean {
  return spanAt(before, instant)?.deckNo !== spanAt(after, instant)?.deckNo;
}

function reachOverRated(decks: DeckReplacement): DeckReachBack | null {
  const affected = decks.alike.filter((calls) => isPricedOtherwise(decks, calls));
  if (affected.length === 0) return null;
  const from = firstOf(affected);
  return {
    kind: 'rated',
    from,
    calls: affected.reduce((sum, one) => sum + one.calls, 0),
    price: affected.reduce((sum, one) => sum + one.meteredPrice, 0),
    currency: spanAt(decks.before, from)?.deck.currency ?? '',
  };
}

/** A call that has no price today had one once: it may come back at that price, and at no other. */
function reachOverOnceRated(decks: DeckReplacement): DeckReachBack | null {
  const affected = decks.once.filter(({ called, destination, startedAt, durationMs, meteredPrice, currency }) => {
    const next = spanAt(decks.after, startedAt);
    if (next === null || !isRepriced(decks, startedAt)) return false;
    const rate = next.rates.rateFor(called, destination, -1, startedAt);
    if (rate === null) return false;
    return currency !== next.deck.currency || priceCall(rate, startedAt, durationMs) !== meteredPrice;
  });
  if (affected.length === 0) return null;
  return {
    kind: 'once-rated',
    from: firstOf(affected),
    calls: affected.length,
    price: affected.reduce((sum, one) => sum + one.meteredPrice, 0),
    currency: affected[0]!.currency,
  };
}

/**
 * A call may come however late: a file's records say nothing of when they reached it, and a topic's settings say how
 * far back a start may lie. So every price of the past is looked at, back to where no call can start.
 */
function reachOverPast(decks: DeckReplacement): DeckReachBack | null {
  const { before, after, alike, once, plan, now } = decks;
  const civilTime = compileCivilTime(decks.timeZone);
  const today = civilTime.parseInstant(civilTime.date(now)) ?? now;
  const to = Math.max(lastOf(alike, once) + 1, today);
  const past = stretchesOf(before, after, -Infinity, to).flatMap((stretch) => {
    const prefixes = new DeckPrefixes([stretch.old.deck, stretch.next.deck]);
    return diffDecks(stretch.old.deck, stretch.next.deck, stretch.from).filter(
      (change) => change.from < stretch.to && changesPrice(change, stretch, plan, prefixes),
    );
  });
  const earliest = past.toSorted((a, b) => a.from - b.from)[0];
  if (earliest === undefined) return null;
  const { key, change } = earliest;
  const from = Math.max(earliest.from, civilTime.parseInstant(`${FIRST_YEAR}-01-01`) ?? -Infinity);
  return { kind: 'past', from, calls: 0, key, isRemoved: change === 'removed', prices: past.length, to };
}

interface Stretch {
  /** `[from, to)`, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly old: ReadSpan;
  readonly next: ReadSpan;
}

/** Between two instants, the stretches in which one deck takes the place of another. */
function stretchesOf(before: readonly ReadSpan[], after: readonly ReadSpan[], begin: number, end: number): Stretch[] {
  return before.flatMap((old) =>
    after.flatMap((next): Stretch[] => {
      const from = Math.max(begin, old.from, next.from);
      const to = Math.min(end, old.to, next.to);
      return from < to && old.deckNo !== next.deckNo ? [{ from, to, old, next }] : [];
    }),
  );
}

/**
 * Whether calls of the key have another price by it, or none any more. The numbers of a prefix that only one deck names
 * are priced in the other by a shorter prefix, or by the destination that the numbering plan has for each of them: what
 * the row itself calls them is for people.
 */
function changesPrice(
  change: DeckChange,
  { old, next }: Stretch,
  plan: NumberingPlan,
  prefixes: DeckPrefixes,
): boolean {
  if (change.change === 'changed') return true;
  if (change.kind === 'destination') return change.change === 'removed';
  const isPrefix = change.kind === 'prefix';
  const numbers = isPrefix ? numbersBelow(change.key.slice(1), plan, prefixes) : [numberOf(change.key, plan)];
  const known = numbers.filter((one) => one !== null);
  // Nobody can say by which destination its numbers were priced: it may have been another price.
  if (known.length === 0) return true;
  return known.some(({ called, destination }) => {
    const before = old.rates.rateFor(called, destination, -1, change.from);
    const after = next.rates.rateFor(called, destination, -1, change.from);
    return before !== null && (after === null || !priceAlike(before, after));
  });
}

/** Whether calls cost otherwise by the schedule that is to be, or it has no price for them. */
function isPricedOtherwise(decks: DeckReplacement, { called, destination, startedAt }: PricedAlike): boolean {
  if (!isRepriced(decks, startedAt)) return false;
  const [old, next] = [spanAt(decks.before, startedAt), spanAt(decks.after, startedAt)];
  const now = old?.rates.rateFor(called, destination, -1, startedAt) ?? null;
  const then = next?.rates.rateFor(called, destination, -1, startedAt) ?? null;
  if (old?.deck.currency !== next?.deck.currency) return true;
  return now === null || then === null ? now !== then : !priceAlike(now, then);
}

function firstOf(calls: readonly { readonly startedAt: number }[]): number {
  return calls.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity);
}

function lastOf(alike: readonly PricedAlike[], once: readonly OnceRated[]): number {
  const last = alike.reduce((latest, { lastStartedAt }) => Math.max(latest, lastStartedAt), -Infinity);
  return once.reduce((latest, { startedAt }) => Math.max(latest, startedAt), last);
}

/** The dates of schedules and their decks, ms since the epoch, ascending: calls between two are priced alike. */
export function datesOf(spans: readonly ReadSpan[]): number[] {
  const all = spans.flatMap((span) => [span, ...span.rates.rates]);
  const dates = new Set(all.flatMap(({ from, to }) => [from, to]));
  return [...dates].filter(Number.isFinite).toSorted((a, b) => a - b);
}
