import { DEFAULT_START_WINDOW } from '../engine/index.ts';
import {
  type OnceRated,
  type PricedAlike,
  type RetroactiveChange,
  addRetroactiveChange,
  retroactiveChanges,
  type RetroactiveKind,
  type Transaction,
} from '../ledger/index.ts';
import {
  type DeckChange,
  type NumberingPlan,
  type RateDeck,
  compileCivilTime,
  diffDecks,
  priceAlike,
  priceCall,
  spanAt,
} from '../tariffs/index.ts';
import { CommandError, usageError } from './command-error.ts';
import { ledgerCivilTime } from '../services/index.ts';
import type { Ledger } from './ledger.ts';
import type { ReadSpan } from './read-schedule.ts';
import { numberOf, numbersBelow } from './numbers-below.ts';
import { plural, showCount, showInstant, showMoney } from './show-values.ts';
import { userName } from './user-name.ts';

/** The options of commands that may change what is rated already. */
export interface RetroactiveOptions {
  /** Do it though it changes what is rated already, or prices of days that are over. */
  readonly retroactive?: boolean;
  /** Why; kept with the change. */
  readonly note?: string;
  /** Who does it; the user of the system when not given. */
  readonly by?: string;
}

/** From when on a change would reach back, and what it would change. */
export interface ReachBack {
  /** ms since the epoch. */
  readonly from: number;
  /** Calls that were rated. */
  readonly calls: number;
  /** What would be otherwise, to go on with after a colon. */
  readonly what: string;
}

/** Refuses options that don't fit together, before any ledger is opened. */
export function checkRetroactive({ retroactive, note, by }: RetroactiveOptions): void {
  const faults: string[] = [];
  if (retroactive === true && (note ?? '').trim() === '') {
    faults.push(`Cannot use '--retroactive' without a reason: '--note TEXT' says why, and is kept`);
  }
  if (by !== undefined && by.trim() === '') faults.push(`Cannot use '--by': it is empty`);
  if (faults.length > 0) throw usageError(faults);
}

/** Refuses a change that reaches back, unless it was asked for; `subject` as in *Cannot ‹import deck 'x.csv'›*. */
export function refuseReachBack(subject: string, reach: ReachBack | null, options: RetroactiveOptions): void {
  if (reach === null || options.retroactive === true) return;
  throw new CommandError(
    `Cannot ${subject}: ${reach.what}; '--retroactive --note TEXT' does it, and keeps who did and why`,
  );
}

/** Keeps a change that reaches back, in its transaction; one that does not is nothing to keep. */
export async function keepReachBack(
  tx: Transaction,
  kind: RetroactiveKind,
  version: string,
  reach: ReachBack | null,
  { retroactive, note, by }: RetroactiveOptions,
): Promise<void> {
  if (reach === null || retroactive !== true) return;
  const change: RetroactiveChange = {
    kind,
    version,
    reachesBack: reach.from,
    calls: reach.calls,
    takenBy: by ?? userName(),
    note: note ?? '',
  };
  await addRetroactiveChange(tx, change);
}

/** Changes of a kind that reached back: who made them, when, and why; a line each. */
export async function retroactiveLines({ db }: Pick<Ledger, 'db'>, kind: RetroactiveKind): Promise<string[]> {
  const changes = await retroactiveChanges(db, kind);
  if (changes.length === 0) return [];
  const civilTime = await ledgerCivilTime(db);
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
export function deckReachBack(decks: DeckReplacement): ReachBack | null {
  const { alike, once } = decks;
  if (alike.length === 0 && once.length === 0) return null;
  return reachOverRated(decks) ?? reachOverOnceRated(decks) ?? reachOverPast(decks);
}

/** Whether another deck than before prices calls that start at an instant. */
export function isRepriced({ before, after }: Pick<DeckReplacement, 'before' | 'after'>, instant: number): boolean {
  return spanAt(before, instant)?.deckNo !== spanAt(after, instant)?.deckNo;
}

function reachOverRated(decks: DeckReplacement): ReachBack | null {
  const affected = decks.alike.filter((calls) => isPricedOtherwise(decks, calls));
  if (affected.length === 0) return null;
  const civilTime = compileCivilTime(decks.timeZone);
  const from = firstOf(affected);
  const currency = spanAt(decks.before, from)?.deck.currency ?? '';
  const calls = affected.reduce((sum, one) => sum + one.calls, 0);
  const price = affected.reduce((sum, one) => sum + one.meteredPrice, 0);
  const what =
    `it prices ${plural(calls, 'call')} otherwise that ${calls === 1 ? 'is' : 'are'} rated already, from ` +
    `${showInstant(from, civilTime)} on, ${showMoney(price)} ${currency} by the minute as priced today`;
  return { from, calls, what };
}

/** A call that has no price today had one once: it may come back at that price, and at no other. */
function reachOverOnceRated(decks: DeckReplacement): ReachBack | null {
  const affected = decks.once.filter(({ called, destination, startedAt, durationMs, meteredPrice, currency }) => {
    const next = spanAt(decks.after, startedAt);
    if (next === null || !isRepriced(decks, startedAt)) return false;
    const rate = next.rates.rateFor(called, destination, -1, startedAt);
    if (rate === null) return false;
    return currency !== next.deck.currency || priceCall(rate, startedAt, durationMs) !== meteredPrice;
  });
  if (affected.length === 0) return null;
  const civilTime = compileCivilTime(decks.timeZone);
  const from = firstOf(affected);
  const calls = affected.length;
  const price = affected.reduce((sum, one) => sum + one.meteredPrice, 0);
  const what =
    `it prices ${plural(calls, 'call')} otherwise that ${calls === 1 ? 'was' : 'were'} rated once and ` +
    `${calls === 1 ? 'waits' : 'wait'} in quarantine now, from ${showInstant(from, civilTime)} on, ` +
    `${showMoney(price)} ${affected[0]!.currency} by the minute as priced then`;
  return { from, calls, what };
}

function reachOverPast(decks: DeckReplacement): ReachBack | null {
  const { before, after, alike, once, plan, now } = decks;
  const civilTime = compileCivilTime(decks.timeZone);
  const first = Math.min(firstOf(alike), firstOf(once));
  const today = civilTime.parseInstant(civilTime.date(now)) ?? now;
  const end = Math.max(lastOf(alike, once) + 1, today);
  // So late may a record come and be rated, by default (domain page, "A start is plausible or waits").
  const begin = first - DEFAULT_START_WINDOW.beforeMs;
  const past = stretchesOf(before, after, begin, end).flatMap(({ from, to, old, next }) => {
    return diffDecks(old.deck, next.deck, from).filter(
      (change) => change.from < to && changesPrice(change, old.rates, next.rates, plan),
    );
  });
  const earliest = past.toSorted((a, b) => a.from - b.from)[0];
  if (earliest === undefined) return null;
  const others = past.length === 1 ? '' : ` and ${showCount(past.length - 1)} more`;
  const what =
    `it ${earliest.change === 'removed' ? 'takes away' : 'changes'} the price of '${earliest.key}'${others} ` +
    `from ${showInstant(earliest.from, civilTime)} on, ` +
    `and calls up to ${showInstant(end, civilTime)} are rated already or of a day that is over`;
  return { from: earliest.from, calls: 0, what };
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
function changesPrice(change: DeckChange, old: RateDeck, next: RateDeck, plan: NumberingPlan): boolean {
  if (change.change === 'changed') return true;
  if (change.kind === 'destination') return change.change === 'removed';
  const numbers = change.kind === 'prefix' ? numbersBelow(change.key.slice(1), plan) : [numberOf(change.key, plan)];
  const known = numbers.filter((one) => one !== null);
  // Nobody can say by which destination its numbers were priced: it may have been another price.
  if (known.length === 0) return true;
  return known.some(({ called, destination }) => {
    const before = old.rateFor(called, destination, -1, change.from);
    const after = next.rateFor(called, destination, -1, change.from);
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
