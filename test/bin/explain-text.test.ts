import { describe, expect, it } from 'vitest';
import { explainText } from '../../bin/explain-text.ts';
import type { ExplainedCall } from '../../services/index.ts';
import { compileCivilTime } from '../../tariffs/index.ts';

type Entry = ExplainedCall['entries'][number];

const AT = Date.UTC(2026, 10, 3, 10);

const USAGE: Entry = {
  bucket: 3,
  position: 1,
  period: 202611,
  billedPeriod: 202611,
  account: 'A1',
  line: 'L1',
  identity: 1n,
  revision: 0,
  kind: 'usage',
  startedAt: AT,
  durationMs: 60_000,
  called: 12465550100,
  destination: 'Barbade',
  coverage: 'metered',
  coverageBefore: null,
  reason: 'not-in-offer',
  billedSeconds: 60,
  charge: 5000,
  meteredPrice: 5000,
  currency: 'EUR',
  rateDeck: 'retail',
  rateDeckVersion: 'aaaaaaaaaaaa',
  offer: null,
  flags: 0,
  record: '{}',
};

/** The text of a call with these entries, its blanks made one. */
function textOf(entries: readonly Entry[]): string {
  const latest = entries.at(-1) ?? USAGE;
  const call: ExplainedCall = {
    account: 'A1',
    line: 'L1',
    period: 202611,
    cdr: {
      switchId: 's',
      callId: 'c',
      legId: '',
      revision: 0,
      line: 'L1',
      dialled: '+12465550100',
      calling: null,
      startedAt: AT,
      durationMs: 60_000,
      userAgent: null,
      sourceIp: null,
      diversions: [],
      transferredBy: null,
      mobilityUsed: null,
      recordBuffer: Buffer.alloc(0),
      recordStart: 0,
      recordEnd: 0,
    },
    record: '{}',
    owner: { why: 'named' },
    number: {
      dialled: '+12465550100',
      read: { kind: 'refusal', reason: 'malformed-number' },
      called: '+12465550100',
    },
    destination: 'Barbade',
    prefixes: [],
    price: null,
    coverage: latest.coverage,
    reason: latest.reason,
    offer: null,
    hold: null,
    registrations: null,
    decisions: [],
    waiting: [],
    entries,
    charge: entries.reduce((sum, { charge }) => sum + charge, 0),
    currency: 'EUR',
  };
  const lines = explainText(call, compileCivilTime('Europe/Paris'), { columns: 100, option: '' });
  return lines.join(' ').replaceAll(/\s+/g, ' ');
}

function correction(revision: number, more: Partial<Entry>): Entry {
  return { ...USAGE, revision, kind: 'rerate', coverageBefore: 'metered', charge: 0, record: null, ...more };
}

describe('the entries of an explained call', () => {
  it('say which deck priced them, and what another one changed though the coverage stayed', () => {
    const repriced = correction(1, {
      kind: 'reprice',
      charge: 1000,
      meteredPrice: 6000,
      rateDeckVersion: 'bbbbbbbbbbbb',
    });
    const text = textOf([USAGE, repriced]);
    expect(text).toContain('retail@aaaaaaaa');
    expect(text).toContain(
      '1: price by the minute 0.005000 -> 0.006000; rate deck retail@aaaaaaaaaaaa -> retail@bbbbbbbbbbbb: +0.001000 EUR',
    );
  });

  it('say that only the reason changed', () => {
    expect(textOf([USAGE, correction(1, { reason: 'no-offer' })])).toContain(
      '1: reason not-in-offer -> no-offer: 0.000000 EUR',
    );
  });

  it('say in words why a call was taken back, and that it was rated again', () => {
    const reversal = correction(1, { kind: 'reversal', coverage: null, reason: 'facts-changed', charge: -5000 });
    expect(textOf([USAGE, reversal])).toContain(
      '1: taken back, since facts entered later give the call to another line, or to none: -0.005000 EUR',
    );
    const replaced = { ...reversal, reason: 'record-replaced' };
    const text = textOf([USAGE, replaced, { ...USAGE, revision: 2 }]);
    expect(text).toContain('1: taken back, since another record of the same call counts: -0.005000 EUR');
    expect(text).toContain('2: rated again, after what was taken back: +0.005000 EUR');
  });

  it('are no more than the price where a call is free', () => {
    const free = { ...USAGE, coverage: 'free', reason: 'toll-free', billedSeconds: 0, charge: 0 } as const;
    expect(textOf([free])).toContain('Price none: the call is free, however long it was');
  });
});
