import type { Line } from '../../rater/index.ts';

export const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n';

/** Lines `L0`, `L1`, … each of an account of its own, and so of many buckets. */
export function lines(count: number): Line[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `L${index}`,
    account: `A "${index}" é`,
    spans: [
      {
        from: 0,
        to: Infinity,
        number: null,
        offer: 'full-illimite',
        usageClass: 'business',
        mobility: 'off',
        equipment: 'managed',
      },
    ],
    devices: [],
    networks: [],
  }));
}

/** Record number `index`: of the lines in turn, in November 2026. */
export function record(index: number, lineCount: number, given: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    v: 1,
    switch: 'sbc',
    call: `c${index}`,
    line: `L${index % lineCount}`,
    to: `+3361${String(1_000_000 + index * 7)}`,
    answered: new Date(Date.UTC(2026, 10, 2, 8) + index * 1_234).toISOString(),
    durationMs: 61_000,
    ...given,
  });
}

export function records(from: number, to: number, lineCount: number): string[] {
  return Array.from({ length: to - from }, (_, index) => record(from + index, lineCount));
}
