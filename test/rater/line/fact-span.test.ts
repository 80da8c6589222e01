import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factSpanAt, factSpansOf } from '../../../rater/index.ts';
import { at, line, lineState, offers, span } from '../rating-for-test.ts';

const MARCH = at('2026-03-01');
const APRIL = at('2026-04-01');
const MAY = at('2026-05-01');
const OPEN = Number.POSITIVE_INFINITY;

describe('factSpansOf()', () => {
  it('makes one factSpan of a line whose facts never change', () => {
    const factSpans = factSpansOf(line('L1', { spans: [span({ from: MARCH, number: 33_140_000_001 })] }), offers);
    expect(factSpans).toHaveLength(1);
    expect(factSpans[0]).toMatchObject({ from: MARCH, to: OPEN, number: 33_140_000_001, usageClass: 'business' });
  });

  it('cuts a span where a device or a network begins or ends', () => {
    const given = line('L1', {
      spans: [span({ from: MARCH })],
      devices: [{ from: APRIL, to: OPEN, userAgent: 'Yealink *' }],
      networks: [{ from: MARCH, to: MAY, cidr: '192.0.2.0/24' }],
    });
    const shown = factSpansOf(given, offers).map(({ from, to, devices, networks }) => [
      from,
      to,
      devices,
      networks.length,
    ]);
    expect(shown).toEqual([
      [MARCH, APRIL, [], 1],
      [APRIL, MAY, ['Yealink *'], 1],
      [MAY, OPEN, ['Yealink *'], 0],
    ]);
  });

  it('leaves a gap between spans, in which the line has no facts', () => {
    const spans = [span({ from: MARCH, to: APRIL }), span({ from: MAY, usageClass: 'call-centre' })];
    const state = lineState(line('L1', { spans }));
    expect(factSpanAt(state, MARCH - 1)).toBeNull();
    expect(factSpanAt(state, MARCH)?.usageClass).toBe('business');
    expect(factSpanAt(state, APRIL - 1)?.usageClass).toBe('business');
    expect(factSpanAt(state, APRIL)).toBeNull();
    expect(factSpanAt(state, MAY)?.usageClass).toBe('call-centre');
  });

  it('finds the factSpan of any instant, whichever was asked for before: also in the ticks that two share', () => {
    const bound = fc.integer({ min: MARCH, max: MARCH + 400_000 });
    const near = fc.integer({ min: MARCH - 70_000, max: MARCH + 470_000 });
    fc.assert(
      fc.property(fc.uniqueArray(bound, { minLength: 2, maxLength: 6 }), fc.array(near), (bounds, instants) => {
        const [first, ...later] = bounds.toSorted((a, b) => a - b);
        let from = first ?? MARCH;
        const spans = later.map((to) => {
          const cut = span({ from, to });
          from = to;
          return cut;
        });
        const state = lineState(line('L1', { spans }));
        for (const instant of [...instants, ...bounds, ...bounds.map((edge) => edge - 1)]) {
          const expected =
            state.factSpans.find((factSpan) => instant >= factSpan.from && instant < factSpan.to) ?? null;
          expect(factSpanAt(state, instant)).toBe(expected);
        }
      }),
    );
  });

  it('knows no device that ended before the span, or begins after it', () => {
    const given = line('L1', {
      spans: [span({ from: APRIL, to: MAY })],
      devices: [
        { from: MARCH, to: APRIL, userAgent: 'old' },
        { from: MAY, to: OPEN, userAgent: 'new' },
      ],
    });
    expect(factSpansOf(given, offers).map(({ devices }) => devices)).toEqual([[]]);
  });

  it('has no offer where the line has none', () => {
    expect(factSpansOf(line('L1', { spans: [span({ offer: null })] }), offers)[0]?.offer).toBeNull();
  });

  it('refuses an offer that nobody knows, and a network that is none', () => {
    const unknown = line('L1', { spans: [span({ offer: 'half-illimite' })] });
    expect(() => factSpansOf(unknown, offers)).toThrow("Cannot use line 'L1': its offer 'half-illimite' is not known");
    const faulty = line('L1', { networks: [{ from: MARCH, to: OPEN, cidr: '192.0.2.1/24' }] });
    expect(() => factSpansOf(faulty, offers)).toThrow("Cannot use line 'L1': its network '192.0.2.1/24' is no CIDR");
  });
});
