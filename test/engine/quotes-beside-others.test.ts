import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RatingEngine } from '../../engine/index.ts';
import type { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { Ledgers, Source, recordOf } from './ledger-of-lines.ts';

const ledgers = new Ledgers('postgres');
let ledger: LedgerUnderTest;
/** One process quotes, another rates. */
let asked: RatingEngine;
let rating: RatingEngine;
let source: Source;
beforeAll(async () => {
  ledger = await ledgers.open();
  asked = ledger.otherEngine();
  rating = ledger.otherEngine();
  source = new Source(ledger.db, 'file:beside');
});
afterAll(() => ledgers.close());

const NUMBER = '+33612345678';
const STARTED = Date.UTC(2026, 10, 3, 10);
let calls = 0;

async function quoteOf(line: string, number = NUMBER) {
  const { quoted, asOf } = await asked.quote({ line, number, startedAt: STARTED, durationMs: 60_000 });
  if (quoted.kind !== 'quote') throw new Error(`Not a quote: ${JSON.stringify(quoted)}`);
  return { ...quoted, asOf };
}

/** Asks again and again, as a switch does, until the quote is of an instant after `instant`. */
async function quoteAfter(instant: number, line: string) {
  for (;;) {
    const quote = await quoteOf(line);
    if (quote.asOf >= instant) return quote;
    await pause(20);
  }
}

/** Calls of a line, to `numbers` numbers in turn. */
function recordsOf(line: string, count: number, numbers = count): string[] {
  return Array.from({ length: count }, (_, index) =>
    recordOf(`beside-${calls++}`, { line, to: `+336${String(10_000_000 + (index % numbers))}` }),
  );
}

describe('quotes beside a process that rates', () => {
  it('count what it rated up to the instant that they name', async () => {
    expect(await quoteOf('L1')).toMatchObject({ numbersUsed: 0, isKnownNumber: false });
    for (const used of [3, 6, 9]) {
      await source.give(rating, ...recordsOf('L1', used, used));
      const committedAt = Date.now();
      expect(await quoteAfter(committedAt, 'L1')).toMatchObject({ numbersUsed: used });
    }
  });

  it('name an instant, also the very first ones, of a process that has rated and was never asked', async () => {
    const fresh = ledger.otherEngine();
    const begunAt = Date.now();
    await new Source(ledger.db, 'file:own').give(fresh, ...recordsOf('L4', 2));
    const request = { line: 'L4', number: NUMBER, startedAt: STARTED, durationMs: 60_000 };
    const first = await Promise.all([1, 2, 3].map(() => fresh.quote(request)));
    for (const { asOf } of first) expect(asOf).toBeGreaterThanOrEqual(begunAt);
  });

  it('know what broke a condition there, and what was withdrawn', async () => {
    await quoteOf('L2');
    await source.give(rating, ...recordsOf('L2', 151));
    expect(await quoteAfter(Date.now(), 'L2')).toMatchObject({ coverage: 'metered', reason: 'distinct-numbers' });
    // A correction says that there was no such call: 150 numbers are left.
    const call = `beside-${calls - 1}`;
    await source.give(rating, recordOf(call, { line: 'L2', answered: null, durationMs: 0, revision: 1 }));
    expect(await quoteAfter(Date.now(), 'L2')).toMatchObject({ numbersUsed: 150 });
  });

  it('do not wait while it rates more than is followed at once, and catch up with it', async () => {
    await quoteOf('L3');
    const over = new AbortController();
    const more = (async () => {
      for (let batch = 0; batch < 6; batch++) await source.give(rating, ...recordsOf('L3', 2_500, 40));
    })().finally(() => over.abort());
    let answered = 0;
    for (; !over.signal.aborted; answered++) {
      const { asOf } = await quoteOf('L3');
      expect(asOf).toBeLessThanOrEqual(Date.now());
      await pause(1);
    }
    await more;
    expect(answered).toBeGreaterThan(10);
    expect(await quoteAfter(Date.now(), 'L3')).toMatchObject({ numbersUsed: 40 });
  });
});
