import {
  billedSeconds,
  compileDeck,
  parseDeck,
  priceCall,
  type Deck,
  type Rate,
  type RateDeck,
} from '../tariffs/index.ts';

const DEFAULTS = { name: 'bench', currency: 'EUR', timeZone: 'Europe/Paris' };
const START = Date.parse('2026-11-03T10:15:00Z');
const ROUNDS = 7;

/** Figures of pricing on this machine, ns an operation but where it says ms: medians of 7 runs after a warm-up. */
export interface PricingFigures {
  readonly prefixes: number;
  readonly loadMs: number;
  readonly rateForNs: number;
  readonly priceMinuteNs: number;
  readonly priceThreeHoursNs: number;
  readonly priceThreeHoursBandsNs: number;
}

/** Measures loading a wholesale deck of 13,126 prefixes, finding a rate in it, and pricing short and long calls. */
export function measurePricing(): PricingFigures {
  const text = wholesaleDeck(13_126);
  const deck = load(text);
  const numbers = Float64Array.from({ length: 1 << 16 }, (_, index) => {
    const { prefix } = deck.rates[(index * 7919) % deck.rates.length] ?? { prefix: '1' };
    return Number(prefix.padEnd(12, String((index * 9301) % 99_991)));
  });
  const flat = firstRate(load('prefix,price_per_minute\n32,0.0125\n'));
  const banded = firstRate(
    load('#band,peak,Mon-Fri,08:00-20:00\nprefix,band,price_per_minute\n32,peak,0.02\n32,,0.01\n'),
  );
  return {
    prefixes: deck.rates.length,
    loadMs: medianOf(() => load(text).rates.length, 1) / 1e6,
    rateForNs: medianOf((index) => deck.rateFor(numbers[index & 0xffff] ?? 0, '', -1, START)?.index ?? 0, 1_000_000),
    priceMinuteNs: priceNs(flat, 60_000),
    priceThreeHoursNs: priceNs(flat, 10_800_000),
    priceThreeHoursBandsNs: priceNs(banded, 10_800_000),
  };
}

/** Prints the figures of pricing. */
export function benchPricing(): void {
  const figures = measurePricing();
  console.log(`deck of ${figures.prefixes} prefixes, loaded in          ${figures.loadMs.toFixed(0)} ms`);
  console.log(`longest prefix in it                     ${figures.rateForNs.toFixed(0)} ns`);
  console.log(
    `price of 1 minute / 3 hours              ${figures.priceMinuteNs.toFixed(0)} / ${figures.priceThreeHoursNs.toFixed(0)} ns`,
  );
  console.log(`price of 3 hours over bands              ${figures.priceThreeHoursBandsNs.toFixed(0)} ns`);
}

function priceNs(rate: Rate, durationMs: number): number {
  return medianOf((index) => priceCall(rate, START + index, durationMs + (index & 1023)), 2_000_000);
}

function medianOf(operation: (index: number) => number, count: number): number {
  const times: number[] = [];
  let sink = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < count; index += 1) sink += operation(index);
    if (round > 0) times.push(Number(process.hrtime.bigint() - start) / count);
  }
  // The sum is used, so that nothing measured can be dropped as dead code.
  if (Number.isNaN(sink)) throw new Error('Cannot measure: an operation gave no number');
  return times.toSorted((left, right) => left - right)[ROUNDS >> 1] ?? 0;
}

/** Distinct prefixes of 1 to 9 digits with prices, from a fixed sequence: the shape of a wholesale deck. */
function wholesaleDeck(size: number): string {
  const prefixes = new Set<string>();
  let state = 20_261_121;
  while (prefixes.size < size) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const length = 3 + (state % 7);
    prefixes.add(
      String(1_000_000_000 + (state % 899_999_999))
        .slice(1, 1 + length)
        .replace(/^0/, '1'),
    );
  }
  const rows = Array.from(
    prefixes,
    (prefix, index) => `${prefix},${(index % 4000) / 10_000},0.0,${index % 30 === 0 ? '60,60' : '1,0'}`,
  );
  return ['prefix,rate_per_min,connect_fee,increment_s,min_duration_s', ...rows].join('\n');
}

function load(text: string): RateDeck {
  return compileDeck(parsed(text));
}

function parsed(text: string): Deck {
  const result = parseDeck(text, DEFAULTS);
  if (result.kind === 'faults')
    throw new Error(`Cannot read the deck of the benchmark: ${result.faults[0]?.message ?? ''}`);
  return result.deck;
}

function firstRate(deck: RateDeck): Rate {
  const [rate] = deck.rates;
  if (rate === undefined || billedSeconds(rate, 1) === 0) throw new Error('Cannot price: the deck has no rate');
  return rate;
}

if (import.meta.main) {
  const figures = measurePricing();
  if (figures.loadMs > 1000)
    throw new Error(`Cannot accept ${figures.loadMs} ms to load ${figures.prefixes} prefixes: over a second`);
  console.log(JSON.stringify(figures, null, 2));
}
