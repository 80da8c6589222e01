import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../ledger/index.ts';
import type { RatingEngine } from '../../engine/rating-engine.ts';
import { type CdrContent, contentHash } from '../../rater/index.ts';
import { collidingCallers } from '../support/colliding-contents.ts';
import { collidingIds, hashOf } from '../support/colliding-ids.ts';
import type { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { billedCalls, feedGaps, quarantined } from '../support/posted-ledger.ts';
import { ENGINE_KINDS } from '../support/runs.ts';
import { Ledgers, Source, lineOf, recordOf } from './ledger-of-lines.ts';

const [X, Y, Z] = collidingIds(4, 'sbc') as [string, string, string];
const SHORTER = { durationMs: 59_000 };
const ELSEWHERE = { line: 'L2' };
const NEXT_MONTH = { answered: '2026-12-03T10:00:00.000Z' };
const IN_MARCH = { answered: '2027-03-03T10:00:00.000Z' };

describe('the hash of an identity', () => {
  it('is one of many calls that an attacker makes', () => {
    expect(new Set([X, Y, Z].map((callId) => hashOf({ switchId: 'sbc', callId, legId: '' }))).size).toBe(1);
    expect(new Set([X, Y, Z]).size).toBe(3);
  });
});

describe.each(ENGINE_KINDS)('calls that share a hash, on %s', (kind) => {
  let db: Database;
  let ledger: LedgerUnderTest;
  let engine: RatingEngine;
  let source: Source;
  const ledgers = new Ledgers(kind);
  beforeEach(async () => {
    ({ db, ledger, engine, source } = await ledgers.openWithSource());
  });
  afterAll(() => ledgers.close());

  /** The ids of the calls that are billed, by line, in order. */
  async function billed(): Promise<string[]> {
    expect(await feedGaps(db)).toEqual([]);
    const calls = [...(await billedCalls(db))].map(([identity, { line, period }]) => {
      const [, call]: string[] = JSON.parse(identity);
      return `${NAMES[call ?? ''] ?? call} ${line} ${period}`;
    });
    return calls.toSorted();
  }
  const NAMES: Readonly<Record<string, string>> = { [X]: 'X', [Y]: 'Y', [Z]: 'Z' };

  it('are each billed once, with duplicates and conflicts of each, in one batch', async () => {
    const records = [X, Y].flatMap((call) => [recordOf(call), recordOf(call), recordOf(call, SHORTER)]);
    await source.give(engine, ...records, recordOf('good'));
    expect(await billed()).toEqual(['X L1 202611', 'Y L1 202611', 'good L1 202611']);
    // What was rated first stays counted as rated, though a shorter record of the call took its place.
    expect(await source.counts()).toEqual({ received: 7, rated: 4, duplicate: 2, 'quarantined conflict': 1 });
  });

  it('are each billed once, in batches, files and processes of their own, whatever comes again', async () => {
    const other = new Source(db, 'file:two');
    await source.give(engine, recordOf(X));
    await source.give(engine, recordOf(Y));
    await other.give(ledger.otherEngine(), recordOf(Z), recordOf(Y));
    await other.give(ledger.otherEngine(), recordOf(X), recordOf(Z), recordOf(Y, { durationMs: 90_000 }));
    expect(await billed()).toEqual(['X L1 202611', 'Y L1 202611', 'Z L1 202611']);
    expect(await other.counts()).toEqual({ received: 5, rated: 1, duplicate: 3, 'quarantined conflict': 1 });
  });

  it('are each billed once under other accounts and in other months, and a sweep finds nothing', async () => {
    await source.give(engine, recordOf(X), recordOf(Y, ELSEWHERE), recordOf(Z, NEXT_MONTH));
    await source.give(ledger.otherEngine(), recordOf(Y, ELSEWHERE), recordOf(X), recordOf(Z, NEXT_MONTH));
    const expected = ['X L1 202611', 'Y L2 202611', 'Z L1 202612'];
    expect(await billed()).toEqual(expected);
    expect(await source.counts()).toEqual({ received: 6, rated: 3, duplicate: 3 });
    expect(await ledger.otherEngine().sweep()).toBe(0);
    expect(await billed()).toEqual(expected);
  });

  it('are known by a process that has only the later month of one in memory', async () => {
    await source.give(engine, recordOf(X), recordOf(Y, IN_MARCH));
    await source.give(ledger.otherEngine(), recordOf('other', IN_MARCH), recordOf(Y, IN_MARCH));
    expect(await billed()).toEqual(['X L1 202611', 'Y L1 202703', 'other L1 202703']);
    expect(await source.counts()).toEqual({ received: 4, rated: 3, duplicate: 1 });
  });

  it('are told apart though processes that did not know of each other gave them one number', async () => {
    await source.give(engine, recordOf(X));
    await source.give(ledger.otherEngine(), recordOf(Y, IN_MARCH));
    // Both are seen again by a process that knows both months, one with a correction into the other's month.
    const third = ledger.otherEngine();
    await source.give(third, recordOf('a'), recordOf('b', IN_MARCH));
    await source.give(third, recordOf(X, { ...IN_MARCH, revision: 1 }), recordOf(Y, { ...IN_MARCH, revision: 1 }));
    expect(await billed()).toEqual(['X L1 202703', 'Y L1 202703', 'a L1 202611', 'b L1 202703']);
    expect(await ledger.otherEngine().sweep()).toBe(0);
  });

  it('follow their corrections, each its own', async () => {
    await source.give(engine, recordOf(X), recordOf(Y), recordOf(Z));
    await source.give(engine, recordOf(Y, { ...SHORTER, revision: 2 }), recordOf(Z, { ...ELSEWHERE, revision: 1 }));
    await source.give(ledger.otherEngine(), recordOf(Y, { revision: 1 }), recordOf(X, { revision: 1, ...NEXT_MONTH }));
    expect(await billed()).toEqual(['X L1 202612', 'Y L1 202611', 'Z L2 202611']);
  });

  it('wait each for its own cause, and are rated from there', async () => {
    await source.give(engine, recordOf(X, { line: 'L9' }), recordOf(Y, { line: 'L9' }), recordOf(Z));
    await source.give(ledger.otherEngine(), recordOf(Y, { line: 'L9' }));
    expect(await billed()).toEqual(['Z L1 202611']);
    expect(await source.counts()).toEqual({ received: 4, rated: 1, duplicate: 1, 'quarantined unknown-line': 2 });
    await ledger.provision([lineOf('L9', 'A1')]);
    expect(await billed()).toEqual(['X L9 202611', 'Y L9 202611', 'Z L1 202611']);
  });

  it('move with the number of their line to an account that has one of them already', async () => {
    const handedOver = Date.UTC(2026, 10, 3, 12);
    await ledger.provision([lineOf('L5', 'A5', { number: 33_140_000_005 }), lineOf('L6', 'A6')]);
    await source.give(engine, recordOf(X, { line: '+33140000005' }), recordOf(Y, { line: 'L6' }));
    await source.give(engine, recordOf(Z, { line: '+33140000005' }));
    const own = lineOf('L5', 'A5', { number: 33_140_000_005, from: handedOver });
    await ledger.provision([own]);
    await ledger.provision([lineOf('L6', 'A6', { number: 33_140_000_005, to: handedOver })]);
    expect(await billed()).toEqual(['X L6 202611', 'Y L6 202611', 'Z L6 202611']);
    await source.give(ledger.otherEngine(), recordOf(X, { line: '+33140000005' }), recordOf(Y, { line: 'L6' }));
    expect(await source.counts()).toEqual({ received: 5, rated: 3, duplicate: 2 });
  });

  it('come to two workers at once, and are each billed once', async () => {
    const [first, second] = [ledger.otherEngine(), ledger.otherEngine()];
    const other = new Source(db, 'file:two');
    await source.give(first, recordOf('before'));
    await other.give(second, recordOf('too'));
    await source.give(first, recordOf(X), recordOf(Y));
    await other.give(second, recordOf(Y), recordOf(Z), recordOf('own'));
    await source.give(first, recordOf(Z), recordOf(X));
    expect(await billed()).toEqual(['X', 'Y', 'Z', 'before', 'own', 'too'].map((call) => `${call} L1 202611`));
    expect(await source.counts()).toEqual({ received: 5, rated: 3, duplicate: 2 });
    expect(await other.counts()).toEqual({ received: 4, rated: 3, duplicate: 1 });
  });

  it('settle as any others do, when their contents share a hash, too', async () => {
    const content: CdrContent = {
      switchId: 'sbc',
      callId: X,
      legId: '',
      revision: 0,
      line: 'L1',
      dialled: '+33612345678',
      calling: null,
      startedAt: Date.UTC(2026, 10, 3, 10),
      durationMs: 60_000,
      userAgent: null,
      sourceIp: null,
      diversions: [],
      transferredBy: null,
      mobilityUsed: null,
    };
    const [one, two] = collidingCallers(content).toSorted() as [string, string];
    expect(contentHash({ ...content, calling: one })).toBe(contentHash({ ...content, calling: two }));
    const records = [one, two].map((from) => recordOf(X, { from }));
    await source.give(engine, ...records.toReversed(), ...records, recordOf(Y));
    expect(await source.counts()).toEqual({ received: 5, rated: 3, duplicate: 2 });
    expect((await quarantined(db)).map(({ reason }) => reason)).toEqual(['conflict']);
    const [waiting] = await db.query<{ cdr: Buffer }>(`select cdr from quarantine where state = 'waiting'`);
    expect(waiting?.cdr.toString()).toContain(JSON.stringify(two));
    const nobodys = collidingCallers({ ...content, callId: Z, line: 'L9' }).map((from) =>
      recordOf(Z, { from, line: 'L9' }),
    );
    await source.give(engine, ...nobodys);
    expect((await quarantined(db)).map(({ reason }) => reason).toSorted()).toEqual([
      'conflict',
      'unknown-line',
      'unknown-line',
    ]);
  });
});
