import type { Line } from '../rater/index.ts';

/** Deterministic traffic for benchmarks: canonical records of about 270 bytes, in order of time, over many lines. */
export interface Traffic {
  readonly accounts: readonly { readonly id: string; readonly name: string }[];
  readonly lines: readonly Line[];
  /** Chunks of whole records. */
  readonly chunks: readonly Buffer[];
}

export interface TrafficSize {
  readonly lines: number;
  readonly records: number;
  /** Called numbers that a line chooses from. */
  readonly numbersPerLine: number;
  readonly recordsPerChunk: number;
  /** Makes the calls' identities different from those of another traffic. */
  readonly name: string;
}

const START = Date.UTC(2026, 10, 1, 0, 0, 0);
const DAYS = 29;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Makes traffic of the given size in November 2026. Chunks are made when asked for, so that millions fit in memory. */
export function makeTraffic(size: TrafficSize): Traffic {
  const lines = Array.from({ length: size.lines }, (_, index) => benchLine(index));
  const accounts = lines.map(({ account }) => ({ id: account, name: account }));
  return { accounts, lines, chunks: makeChunks(size) };
}

function benchLine(index: number): Line {
  const from = Date.UTC(2026, 0, 1);
  const to = Number.POSITIVE_INFINITY;
  return {
    id: `L${String(index).padStart(6, '0')}`,
    account: `A${String(index).padStart(6, '0')}`,
    spans: [
      {
        from,
        to,
        number: 33_140_000_000 + index,
        offer: 'full-illimite',
        usageClass: 'business',
        mobility: 'off',
        equipment: 'managed',
      },
    ],
    devices: [{ from, to, userAgent: 'Yealink SIP-T46U *' }],
    networks: [{ from, to, cidr: `10.${(index >> 8) & 255}.${index & 255}.0/24` }],
  };
}

function makeChunks(size: TrafficSize): Buffer[] {
  const random = seededRandom(42);
  const chunks: Buffer[] = [];
  for (let first = 0; first < size.records; first += size.recordsPerChunk) {
    const count = Math.min(size.recordsPerChunk, size.records - first);
    const texts = Array.from({ length: count }, (_, offset) => recordText(size, first + offset, random));
    chunks.push(Buffer.from(`${texts.join('\n')}\n`, 'latin1'));
  }
  return chunks;
}

function recordText(size: TrafficSize, index: number, random: () => number): string {
  const line = busyLine(size, random);
  const number = calledNumber(line, Math.floor(random() ** 2 * size.numbersPerLine));
  const answered = new Date(answeredAt(index / size.records) + Math.floor(random() * 1000));
  const durationMs = Math.floor(-Math.log(1 - random()) * 150_000);
  const id = `${size.name}-${index.toString(16).padStart(8, '0')}-4f1c-9a7e-${Math.floor(random() * 2 ** 40).toString(16)}`;
  return (
    `{"v":1,"switch":"sbc-par-1","call":"${id}","leg":"a","line":"L${String(line).padStart(6, '0')}",` +
    `"to":"+${number}","from":"+${33_140_000_000 + line}","answered":"${answered.toISOString()}",` +
    `"durationMs":${durationMs},"ua":"Yealink SIP-T46U 108.86.0.20","ip":"10.${(line >> 8) & 255}.${line & 255}.20"}`
  );
}

/** From 7 to 19 o'clock in Paris, day after day: `part` of the month, from 0 to 1. */
function answeredAt(part: number): number {
  const day = Math.floor(part * DAYS);
  return START + day * DAY_MS + 6 * HOUR_MS + Math.floor((part * DAYS - day) * 12 * HOUR_MS);
}

/**
 * Lines are as unequal as real ones: calls a line are lognormal with sigma 1, so that a tenth of the lines makes about
 * four tenths of the calls. Drawn by the quantile that a call falls in.
 */
function busyLine({ lines }: TrafficSize, random: () => number): number {
  // The share of calls made by the busiest lines up to quantile q of a lognormal is Phi(Phi^-1(q) + sigma).
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(lines - 1, Math.floor((1 - normalShare(normal + 1)) * lines));
}

/** Phi, the share of a normal distribution below `x`: Abramowitz and Stegun 26.2.17, to seven digits. */
function normalShare(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
  return x >= 0 ? 1 - tail : tail;
}

/** Nine in ten are French, mobile or fixed; the others are spread over countries, some of them metered. */
function calledNumber(line: number, choice: number): number {
  const mixed = Math.imul(line * 200 + choice + 1, 0x9e3779b1) >>> 0;
  const kind = choice % 10;
  if (kind < 5) return 33_610_000_000 + (mixed % 29_000_000);
  if (kind < 9) return 33_100_000_000 + (mixed % 90_000_000);
  const abroad = [44_2070000000, 1_2125550000, 32_25550000, 212_522000000, 49_3012340000];
  return abroad[mixed % abroad.length]! + (mixed % 9999);
}

/** Mulberry32: small, fast, and the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
