import { formatNanos, type Nanos } from '../money.ts';
import { weekTable } from './band-calendar.ts';
import { groupByKey, keySpans } from './check-deck.ts';
import { formatDeckKey, type Deck, type DeckKey, type DeckRow } from './deck.ts';

/** `mixed`: some of it rises and some falls; for notice it counts as a rise. */
export type PriceDirection = 'rise' | 'fall' | 'mixed' | 'same';

/** One part of a price that differs, as the decks write it. */
export interface PriceDifference {
  readonly part: PricePart;
  /** Band in the old and in the new deck; `null`: the hours of no other band. */
  readonly bandBefore: string | null;
  readonly bandAfter: string | null;
  readonly before: string;
  readonly after: string;
  /**
   * In currency units for prices, in seconds for increments, in decimals for `decimals`; signed. `''` for `rounding`.
   */
  readonly by: string;
  readonly direction: Exclude<PriceDirection, 'mixed'>;
}

/** What changes for one key of the decks, from an instant on. */
export interface DeckChange {
  /** `+3361`, `3949` or `Belgique`. */
  readonly key: string;
  readonly kind: DeckKey['kind'];
  readonly destination: string;
  /** First instant from which it holds: the day the new deck takes effect, or a date within it. ms. */
  readonly from: number;
  /** `added`: nothing priced these calls before. `removed`: nothing prices them any more. */
  readonly change: 'added' | 'removed' | 'changed';
  /** Of a `changed` price; `same` otherwise. */
  readonly direction: PriceDirection;
  readonly differences: readonly PriceDifference[];
}

const PRICE_PARTS = ['pricePerMinute', 'connectionCharge', 'pricePerCall', 'minimumCharge'] as const;
const SECOND_PARTS = ['initialIncrementS', 'nextIncrementS', 'minimumS'] as const;
const ROUNDING_ORDER = ['down', 'half-up', 'up'];

export type PricePart = (typeof PRICE_PARTS)[number] | (typeof SECOND_PARTS)[number] | 'rounding' | 'decimals';

/**
 * What changes for the customer when `after` replaces `before` at `effectiveAt`, by key, including changes that either
 * deck dates later. A prefix that only one deck names is compared with what prices its numbers in the other: the next
 * shorter prefix. What has only a name is compared by name: no numbering plan is asked.
 */
export function diffDecks(before: Deck, after: Deck, effectiveAt: number): readonly DeckChange[] {
  const oldSide = deckSide(before);
  const newSide = deckSide(after);
  const coincidingBands = bandPairs(before, after);
  const changes: DeckChange[] = [];
  for (const [name, rows] of new Map([...oldSide.groups, ...newSide.groups])) {
    let previous = '';
    for (const from of instantsOf(rows[0].key, effectiveAt, oldSide, newSide)) {
      const change = changeAt(rows[0], name, from, oldSide, newSide, coincidingBands);
      // A change goes on until something differs: it is told once.
      const told = change === null ? '' : JSON.stringify([change.change, change.differences]);
      if (change !== null && told !== previous) changes.push(change);
      previous = told;
    }
  }
  return changes;
}

interface DeckSide {
  readonly groups: ReadonlyMap<string, readonly [DeckRow, ...DeckRow[]]>;
}

function deckSide(deck: Deck): DeckSide {
  return { groups: groupByKey(deck.rows) };
}

function changeAt(
  row: DeckRow,
  name: string,
  from: number,
  oldSide: DeckSide,
  newSide: DeckSide,
  coincidingBands: readonly BandPair[],
): DeckChange | null {
  const oldRows = rowsInForce(oldSide, name, row.key, from);
  const newRows = rowsInForce(newSide, name, row.key, from);
  const base = { key: formatDeckKey(row.key), kind: row.key.kind, destination: row.destination, from };
  if (oldRows === null && newRows === null) return null;
  if (oldRows === null) return { ...base, change: 'added', direction: 'same', differences: [] };
  if (newRows === null) return { ...base, change: 'removed', direction: 'same', differences: [] };
  const differences = differencesOf(oldRows, newRows, coincidingBands);
  if (differences.length === 0) return null;
  return { ...base, change: 'changed', direction: directionOf(differences), differences };
}

function directionOf(differences: readonly PriceDifference[]): PriceDirection {
  const rises = differences.some((difference) => difference.direction === 'rise');
  const falls = differences.some((difference) => difference.direction === 'fall');
  if (rises && falls) return 'mixed';
  return rises ? 'rise' : falls ? 'fall' : 'same';
}

/** The effective instant, and every later one at which either deck changes the key or a shorter prefix of it. */
function instantsOf(key: DeckKey, effectiveAt: number, ...sides: readonly DeckSide[]): number[] {
  const dates = sides.flatMap((side) =>
    groupNames(key).flatMap((name) => (side.groups.get(name) ?? []).flatMap(({ from, to }) => [from, to])),
  );
  const later = dates.filter((date) => date > effectiveAt && date !== Infinity);
  return [...new Set([effectiveAt, ...later])].toSorted((left, right) => left - right);
}

/** The key itself, then the shorter prefixes that price its numbers when it does not. */
function groupNames(key: DeckKey): string[] {
  if (key.kind !== 'prefix') return [`${key.kind} ${formatDeckKey(key)}`];
  return Array.from(key.prefix, (_, index) => `prefix +${key.prefix.slice(0, key.prefix.length - index)}`);
}

function rowsInForce(side: DeckSide, name: string, key: DeckKey, instant: number): readonly DeckRow[] | null {
  const names = key.kind === 'prefix' ? groupNames(key) : [name];
  for (const candidate of names) {
    const rows = side.groups.get(candidate);
    if (rows === undefined) continue;
    const span = keySpans(rows).find(({ from, to }) => from <= instant && instant < to);
    if (span !== undefined) return span.rows;
  }
  return null;
}

type BandPair = readonly [before: string | null, after: string | null];

/** Which band of the new deck can meet which of the old one. In different time zones or with other holidays: any. */
function bandPairs(before: Deck, after: Deck): readonly BandPair[] {
  const oldTable = weekTable(before.bands);
  const newTable = weekTable(after.bands);
  const pairs = new Map<string, BandPair>();
  const add = (oldIndex: number, newIndex: number): void => {
    const pair: BandPair = [before.bands[oldIndex - 1]?.name ?? null, after.bands[newIndex - 1]?.name ?? null];
    pairs.set(JSON.stringify(pair), pair);
  };
  if (before.timeZone === after.timeZone && before.holidays.join() === after.holidays.join()) {
    oldTable.forEach((oldIndex, minute) => add(oldIndex, newTable[minute] ?? 0));
  } else {
    for (const oldIndex of new Set(oldTable)) for (const newIndex of new Set(newTable)) add(oldIndex, newIndex);
  }
  return [...pairs.values()];
}

function differencesOf(
  oldRows: readonly DeckRow[],
  newRows: readonly DeckRow[],
  coincidingBands: readonly BandPair[],
): PriceDifference[] {
  const found = new Map<string, PriceDifference>();
  for (const [bandBefore, bandAfter] of coincidingBands) {
    const before = rowOfBand(oldRows, bandBefore);
    const after = rowOfBand(newRows, bandAfter);
    for (const difference of rowDifferences(before, after)) found.set(JSON.stringify(difference), difference);
  }
  return [...found.values()];
}

function rowOfBand(rows: readonly DeckRow[], band: string | null): DeckRow {
  const row = rows.find((candidate) => candidate.band === band) ?? rows.find((candidate) => candidate.band === null);
  if (row === undefined) throw new Error(`Cannot find a price for band '${band ?? ''}': the deck was not checked`);
  return row;
}

function rowDifferences(before: DeckRow, after: DeckRow): PriceDifference[] {
  const differences: PriceDifference[] = [];
  const add = (part: PricePart, oldText: string, newText: string, step: number, by: string): void => {
    if (step === 0) return;
    const direction = step > 0 ? 'rise' : 'fall';
    differences.push({
      part,
      bandBefore: before.band,
      bandAfter: after.band,
      before: oldText,
      after: newText,
      by,
      direction,
    });
  };
  for (const part of PRICE_PARTS) {
    const step = after[part] - before[part];
    add(part, formatNanos(before[part]), formatNanos(after[part]), step, signedPrice(before[part], after[part]));
  }
  for (const part of SECOND_PARTS) {
    const step = after[part] - before[part];
    add(part, String(before[part]), String(after[part]), step, signed(step));
  }
  const roundingStep = ROUNDING_ORDER.indexOf(after.rounding) - ROUNDING_ORDER.indexOf(before.rounding);
  add('rounding', before.rounding, after.rounding, roundingStep, '');
  // Fewer decimals round further: for better or worse by the rounding, so not a rise unless it rounds up.
  if (before.decimals !== after.decimals) {
    const isWorse = after.rounding === 'down' ? after.decimals > before.decimals : after.decimals < before.decimals;
    const by = signed(after.decimals - before.decimals);
    add('decimals', String(before.decimals), String(after.decimals), isWorse ? 1 : -1, by);
  }
  return differences;
}

function signedPrice(before: Nanos, after: Nanos): string {
  return after > before ? `+${priceGap(before, after)}` : `-${priceGap(after, before)}`;
}

function priceGap(low: Nanos, high: Nanos): string {
  const gap = String(high - low).padStart(10, '0');
  return `${gap.slice(0, -9)}.${gap.slice(-9)}`.replace(/\.?0+$/, '');
}

function signed(step: number): string {
  return step > 0 ? `+${step}` : String(step);
}
