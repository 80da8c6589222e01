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
  type Deck,
  type DeckChange,
  type NumberingPlan,
  type RateDeck,
  compileCivilTime,
  compileDeck,
  diffDecks,
  priceAlike,
  priceCall,
} from '../tariffs/index.ts';
import { CommandError, usageError } from './command-error.ts';
import { ledgerCivilTime } from '../services/index.ts';
import type { Ledger } from './ledger.ts';
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

/** Two decks, and what was rated so far. */
export interface DeckReplacement {
  readonly before: Deck;
  readonly after: Deck;
  /** The billed calls, cut by the dates of both decks. */
  readonly alike: readonly PricedAlike[];
  /** Calls that were billed once, and wait in quarantine now. */
  readonly once: readonly OnceRated[];
  readonly plan: NumberingPlan;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * From when on a deck that replaces another one would change prices of the past: of calls that were rated, also to
 * none; of calls that were rated once and wait in quarantine now; or of a day that is over, up to the last call that
 * was rated. `null`: it changes nothing but what is still to come, gives a price to what never had one, or nothing was
 * rated yet.
 */
export function deckReachBack(decks: DeckReplacement): ReachBack | null {
  const { alike, once } = decks;
  if (alike.length === 0 && once.length === 0) return null;
  return reachOverRated(decks) ?? reachOverOnceRated(decks) ?? reachOverPast(decks);
}

function reachOverRated({ before, after, alike }: DeckReplacement): ReachBack | null {
  const affected = otherwisePriced(before, after, alike);
  if (affected.length === 0) return null;
  const civilTime = compileCivilTime(after.timeZone);
  const from = firstOf(affected);
  const calls = affected.reduce((sum, one) => sum + one.calls, 0);
  const price = affected.reduce((sum, one) => sum + one.meteredPrice, 0);
  const what =
    `it prices ${plural(calls, 'call')} otherwise that ${calls === 1 ? 'is' : 'are'} rated already, from ` +
    `${showInstant(from, civilTime)} on, ${showMoney(price)} ${before.currency} by the minute as priced today`;
  return { from, calls, what };
}

/** A call that has no price today had one once: it may come back at that price, and at no other. */
function reachOverOnceRated({ after, once }: DeckReplacement): ReachBack | null {
  const next = compileDeck(after);
  const affected = once.filter(({ called, destination, startedAt, durationMs, meteredPrice, currency }) => {
    const rate = next.rateFor(called, destination, -1, startedAt);
    if (rate === null) return false;
    return currency !== after.currency || priceCall(rate, startedAt, durationMs) !== meteredPrice;
  });
  if (affected.length === 0) return null;
  const civilTime = compileCivilTime(after.timeZone);
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
  const { before, after, alike, once, now } = decks;
  const civilTime = compileCivilTime(after.timeZone);
  const first = Math.min(firstOf(alike), firstOf(once));
  const today = civilTime.parseInstant(civilTime.date(now)) ?? now;
  const end = Math.max(lastOf(alike, once) + 1, today);
  const [old, next] = [compileDeck(before), compileDeck(after)];
  // So late may a record come and be rated, by default (domain page, "A start is plausible or waits").
  const past = diffDecks(before, after, first - DEFAULT_START_WINDOW.beforeMs).filter(
    (change) => change.from < end && changesPrice(change, old, next, decks.plan),
  );
  const earliest = past.toSorted((a, b) => a.from - b.from)[0];
  if (earliest === undefined) return null;
  const others = past.length === 1 ? '' : ` and ${showCount(past.length - 1)} more`;
  const what =
    `it ${earliest.change === 'removed' ? 'takes away' : 'changes'} the price of '${earliest.key}'${others} ` +
    `from ${showInstant(earliest.from, civilTime)} on, ` +
    `and calls up to ${showInstant(end, civilTime)} are rated already or of a day that is over`;
  return { from: earliest.from, calls: 0, what };
}

/**
 * Whether calls of the key have another price by it, or none any more. The numbers of a prefix that only one deck names
 * are priced by their destination in the other.
 */
function changesPrice(change: DeckChange, old: RateDeck, next: RateDeck, plan: NumberingPlan): boolean {
  if (change.change === 'changed') return true;
  if (change.kind === 'destination') return change.change === 'removed';
  const called = Number(change.kind === 'prefix' ? change.key.slice(1).padEnd(E164_DIGITS, '0') : change.key);
  const destination = change.destination === '' ? plan.prefixPath(called)[0]?.destination.name : change.destination;
  // Nobody can say by which destination its numbers were priced: it may have been another price.
  if (destination === undefined) return true;
  const before = old.rateFor(called, destination, -1, change.from);
  const after = next.rateFor(called, destination, -1, change.from);
  if (before === null) return false;
  return after === null || !priceAlike(before, after);
}

/** So many digits as most numbers have: fewer may be a short code. */
const E164_DIGITS = 11;

/** Calls that cost otherwise by the new deck, or that it has no price for. */
function otherwisePriced(before: Deck, after: Deck, alike: readonly PricedAlike[]): PricedAlike[] {
  const [old, next] = [compileDeck(before), compileDeck(after)];
  return alike.filter(({ called, destination, startedAt }) => {
    const now = old.rateFor(called, destination, -1, startedAt);
    const then = next.rateFor(called, destination, -1, startedAt);
    if (now === null || then === null) return now !== then || before.currency !== after.currency;
    return before.currency !== after.currency || !priceAlike(now, then);
  });
}

function firstOf(calls: readonly { readonly startedAt: number }[]): number {
  return calls.reduce((first, { startedAt }) => Math.min(first, startedAt), Infinity);
}

function lastOf(alike: readonly PricedAlike[], once: readonly OnceRated[]): number {
  const last = alike.reduce((latest, { lastStartedAt }) => Math.max(latest, lastStartedAt), -Infinity);
  return once.reduce((latest, { startedAt }) => Math.max(latest, startedAt), last);
}

/** The dates of decks, ms since the epoch, ascending: calls between two of them are priced alike. */
export function datesOf(decks: readonly RateDeck[]): number[] {
  const dates = new Set(decks.flatMap(({ rates }) => rates.flatMap(({ from, to }) => [from, to])));
  return [...dates].filter(Number.isFinite).toSorted((a, b) => a - b);
}
