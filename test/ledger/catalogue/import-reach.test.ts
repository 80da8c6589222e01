import { describe, expect, it } from 'vitest';
import { changedFrom } from '../../../ledger/catalogue/import-reach.ts';
import type { DeviceSpan, Line, LineSpan } from '../../../rater/index.ts';

const [JUNE, JULY, AUGUST] = [Date.UTC(2026, 5, 1), Date.UTC(2026, 6, 1), Date.UTC(2026, 7, 1)];

function span(from: number, to: number, offer: string | null = 'full-illimite'): LineSpan {
  return { from, to, number: null, offer, usageClass: 'business', mobility: 'off', equipment: 'managed' };
}

function line(spans: readonly LineSpan[], devices: readonly DeviceSpan[] = []): Line {
  return { id: 'L1', account: 'A1', spans, devices, networks: [] };
}

describe('changedFrom()', () => {
  const open = line([span(JUNE, Infinity)]);
  it.each([
    ['a new line: where it begins', undefined, open, JUNE],
    ['the same facts: never', open, open, Infinity],
    ['the same facts in two spans: never', open, line([span(JUNE, JULY), span(JULY, Infinity)]), Infinity],
    ['an end: from the end on, not from the beginning', open, line([span(JUNE, AUGUST)]), AUGUST],
    ['a line that begins sooner', line([span(JULY, Infinity)]), open, JUNE],
    [
      'another offer for a while',
      open,
      line([span(JUNE, JULY), span(JULY, AUGUST, null), span(AUGUST, Infinity)]),
      JULY,
    ],
    ['no facts any more', open, line([]), JUNE],
    [
      'a device taken away, though another of the same name stays elsewhere',
      line([span(JUNE, Infinity)], [{ from: JULY, to: AUGUST, userAgent: 'Phone' }]),
      line([span(JUNE, Infinity)], [{ from: JUNE, to: JULY, userAgent: 'Phone' }]),
      JUNE,
    ],
  ] as const)('%s', (_, before, after, from) => {
    expect(changedFrom(before, after)).toBe(from);
  });
});
