import { compileCivilTime } from '../civil-time.ts';
import { contentHash } from '../content-hash.ts';
import { CHARGE_DECIMALS, PRICE_DECIMALS } from '../money.ts';
import { compilePrefixTrie, findPrefixes, type PrefixTrie } from '../prefix-trie.ts';
import { compileBandCalendar, type BandCalendar } from './band-calendar.ts';
import { groupByKey, keySpans, type KeySpan } from './check-deck.ts';
import { formatDeckKey, type Deck, type DeckRow } from './deck.ts';
import type { BandPrice, Rate } from './price-call.ts';

/** Called numbers below this are national short codes: no E.164 number is that short. */
const FIRST_E164 = 1_000_000;
const SECONDS_A_MINUTE = 60;

/** A rate that was looked at for a call, for `explain`. */
export interface RateCandidate {
  readonly rate: Rate;
  readonly verdict: 'wins' | 'not-in-force' | 'shorter-prefix' | 'number-goes-first';
}

/** A deck compiled for rating. */
export interface RateDeck {
  readonly name: string;
  /** Hash of all that prices in the deck, whatever the order of its lines: 16 hex digits. */
  readonly version: string;
  /** `name@version`. */
  readonly id: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly rates: readonly Rate[];
  /** Destination names that the deck prices by name, sorted. Empty: the deck needs no numbering plan. */
  readonly destinationNames: readonly string[];
  /**
   * The rate for a called number in force at `instant` (the start of the call, or the billing day): the longest prefix
   * that has one, or the short code; else the destination's by name; else `null`. `destinationId` is that of the
   * numbering plan and only saves the search for the name; `''` and -1 when no plan is used.
   */
  rateFor(called: number, destinationName: string, destinationId: number, instant: number): Rate | null;
  /** Every rate that could have priced the number, the winner first, then by how close it came. */
  candidatesFor(called: number, destinationName: string, instant: number): readonly RateCandidate[];
}

/** Compiles a parsed deck: a prefix tree over all keys, dated rates, and the calendar of its bands. */
export function compileDeck(deck: Deck): RateDeck {
  const calendar =
    deck.bands.length === 0 ? null : compileBandCalendar(deck.bands, deck.holidays, compileCivilTime(deck.timeZone));
  const bandIndexes = new Map<string | null, number>(deck.bands.map((band, index) => [band.name, index + 1]));
  const rates: Rate[] = [];
  /** Rates of key k are `[starts[k], starts[k + 1])` of `rates`, by start. */
  const starts: number[] = [];
  const prefixes: { prefix: string; value: number }[] = [];
  const shortCodes = new Map<number, number>();
  const destinations = new Map<string, number>();
  for (const rows of groupByKey(deck.rows).values()) {
    const { key } = rows[0];
    const index = starts.length;
    starts.push(rates.length);
    if (key.kind === 'prefix') prefixes.push({ prefix: key.prefix, value: index });
    else if (key.kind === 'short-code') shortCodes.set(key.shortCode, index);
    else destinations.set(key.destination, index);
    for (const span of keySpans(rows)) rates.push(compileRate(rates.length, span, calendar, bandIndexes));
  }
  starts.push(rates.length);
  const version = deckVersion(deck);
  return {
    name: deck.name,
    version,
    id: `${deck.name}@${version}`,
    currency: deck.currency,
    timeZone: deck.timeZone,
    rates,
    destinationNames: [...destinations.keys()].toSorted(),
    ...rateSearch({
      rates,
      starts: Int32Array.from(starts),
      trie: compilePrefixTrie(prefixes),
      shortCodes,
      destinations,
    }),
  };
}

interface RateIndex {
  readonly rates: readonly Rate[];
  readonly starts: Int32Array;
  readonly trie: PrefixTrie;
  readonly shortCodes: ReadonlyMap<number, number>;
  readonly destinations: ReadonlyMap<string, number>;
}

function rateSearch(index: RateIndex): Pick<RateDeck, 'rateFor' | 'candidatesFor'> {
  const { rates, starts, trie, shortCodes, destinations } = index;
  const from = Float64Array.from(rates, (rate) => rate.from);
  const to = Float64Array.from(rates, (rate) => rate.to);
  const found = new Int32Array(15);
  // Names and keys by the plan's destination id, filled as they are asked for.
  const namesById: string[] = [];
  const keysById: number[] = [];

  function inForce(key: number, instant: number): Rate | null {
    const first = starts[key] ?? 0;
    for (let at = (starts[key + 1] ?? 0) - 1; at >= first; at -= 1) {
      if (instant < (from[at] ?? 0)) continue;
      return instant < (to[at] ?? 0) ? (rates[at] ?? null) : null;
    }
    return null;
  }

  function destinationKey(name: string, id: number): number {
    if (id < 0) return destinations.get(name) ?? -1;
    if (namesById[id] === name) return keysById[id] ?? -1;
    const key = destinations.get(name) ?? -1;
    namesById[id] = name;
    keysById[id] = key;
    return key;
  }

  /** Keys of the number in `found`, shortest first. */
  function keysOf(called: number): number {
    if (called >= FIRST_E164) return findPrefixes(trie, called, found);
    const key = shortCodes.get(called);
    if (key === undefined) return 0;
    found[0] = key;
    return 1;
  }

  return {
    rateFor: (called, destinationName, destinationId, instant) => {
      for (let at = keysOf(called) - 1; at >= 0; at -= 1) {
        const rate = inForce(found[at] ?? 0, instant);
        if (rate !== null) return rate;
      }
      const key = destinationKey(destinationName, destinationId);
      return key < 0 ? null : inForce(key, instant);
    },
    candidatesFor: (called, destinationName, instant) => {
      const byNumber = Array.from(found.subarray(0, keysOf(called))).toReversed();
      const byName = destinationKey(destinationName, -1);
      const candidates: RateCandidate[] = [];
      const all = byName < 0 ? byNumber : [...byNumber, byName];
      let isWon = false;
      for (const key of all) {
        const rate = inForce(key, instant);
        const last = rates[(starts[key + 1] ?? 0) - 1];
        if (rate === null) {
          if (last !== undefined) candidates.push({ rate: last, verdict: 'not-in-force' });
        } else if (isWon) candidates.push({ rate, verdict: key === byName ? 'number-goes-first' : 'shorter-prefix' });
        else {
          isWon = true;
          candidates.unshift({ rate, verdict: 'wins' });
        }
      }
      return candidates;
    },
  };
}

function compileRate(
  index: number,
  span: KeySpan,
  calendar: BandCalendar | null,
  bandIndexes: ReadonlyMap<string | null, number>,
): Rate {
  const [first] = span.rows;
  if (first === undefined) throw new Error('Cannot compile a rate: its span has no row');
  const rest = span.rows.find((row) => row.band === null) ?? first;
  const restPrice = bandPrice(rest);
  const isBanded = calendar !== null && span.rows.some((row) => row.band !== null);
  const bandPrices = isBanded ? Array.from({ length: bandIndexes.size + 1 }, () => restPrice) : null;
  if (bandPrices !== null) {
    for (const row of span.rows) bandPrices[bandIndexes.get(row.band) ?? 0] = bandPrice(row);
  }
  return {
    index,
    prefix: first.key.kind === 'prefix' ? first.key.prefix : '',
    destination: first.destination,
    key: formatDeckKey(first.key),
    from: span.from,
    to: span.to,
    initialIncrementS: first.initialIncrementS,
    nextIncrementS: first.nextIncrementS,
    minimumS: first.minimumS,
    rounding: first.rounding,
    decimals: first.decimals,
    divisor: SECONDS_A_MINUTE * 10 ** (PRICE_DECIMALS - first.decimals),
    microsPerUnit: 10 ** (CHARGE_DECIMALS - first.decimals),
    price: restPrice,
    bandPrices,
    calendar: isBanded ? calendar : null,
  };
}

function bandPrice(row: DeckRow): BandPrice {
  return {
    band: row.band,
    line: row.line,
    pricePerMinute: row.pricePerMinute,
    connectionCharge: row.connectionCharge,
    pricePerCall: row.pricePerCall,
    minimumCharge: row.minimumCharge,
    fixedNumerator: (row.connectionCharge + row.pricePerCall) * SECONDS_A_MINUTE,
    minimumNumerator: row.minimumCharge * SECONDS_A_MINUTE,
  };
}

/** Lines, their order and the deck's name do not change what it charges, so they are not part of its version. */
function deckVersion(deck: Deck): string {
  const bands = deck.bands.map(({ name, windows }) => {
    const parts = windows.map(({ days, fromMinute, toMinute }) => `${days.join('')} ${fromMinute}-${toMinute}`);
    return `band ${name} ${parts.toSorted().join(';')}`;
  });
  const rows = deck.rows.map(
    ({ line: _line, key, ...row }) => `${key.kind} ${formatDeckKey(key)} ${Object.values(row).join('|')}`,
  );
  return contentHash(
    [deck.currency, deck.timeZone, ...deck.holidays, ...bands.toSorted(), ...rows.toSorted()].join('\n'),
  );
}
