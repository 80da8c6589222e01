import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, type MonthCall, visitMonth } from '../../../ledger/index.ts';
import { postEntries, testEntry } from '../../support/entries.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

/** More than fit in the first block. */
const CALLS = 3_000;
const LINES = 7;

describe.each(DATABASE_KINDS)('a month read from the ledger on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
    const usages = Array.from({ length: CALLS }, (_, call) =>
      testEntry({ position: call + 1, identityLow: call, line: 1 + (call % LINES), durationMs: call }),
    );
    const correction = { kind: 'rerate', coverageBefore: 'metered' } as const;
    await postEntries(db, [
      ...usages,
      testEntry({ ...correction, position: CALLS + 1, identityLow: 5, line: 6, durationMs: 1_000_005, revision: 1 }),
      testEntry({ ...correction, position: CALLS + 2, identityLow: 5, line: 6, durationMs: 2_000_005, revision: 2 }),
      testEntry({
        kind: 'reversal',
        coverage: null,
        coverageBefore: 'metered',
        position: CALLS + 3,
        identityLow: 9,
        line: 3,
        revision: 1,
      }),
      testEntry({ bucket: 8, position: 1, account: 2, identityLow: 1 }),
    ]);
  });
  afterAll(() => db.close());

  /** Calls by the lower half of their identity, and the identities seen, of bucket 7 up to a position. */
  async function read(
    upTo: number,
  ): Promise<{ calls: Map<number, MonthCall>; visits: number; identities: Set<number> }> {
    const calls = new Map<number, MonthCall>();
    const identities = new Set<number>();
    let visits = 0;
    await visitMonth(db, 202611, new Map([[7, upTo]]), {
      visit: (call) => {
        visits++;
        calls.set(call.identityLow, { ...call });
      },
      visitIdentities: ({ lows, count }) => lows.subarray(0, count).forEach((low) => identities.add(low)),
    });
    return { calls, visits, identities };
  }

  it('visits each billed call once, as its latest entry has it', async () => {
    const { calls, visits, identities } = await read(CALLS + 3);
    expect(visits).toBe(CALLS - 1);
    expect(calls.size).toBe(CALLS - 1);
    expect(identities.size).toBe(CALLS);
    expect(calls.get(5)).toMatchObject({ line: 6, durationMs: 2_000_005 });
    expect(calls.has(9)).toBe(false);
    expect(calls.get(2_999)).toMatchObject({ line: 1 + (2_999 % LINES), durationMs: 2_999 });
  });

  it('leaves out what was posted after the position asked for', async () => {
    const { calls, visits } = await read(CALLS + 1);
    expect(visits).toBe(CALLS);
    expect(calls.get(5)).toMatchObject({ durationMs: 1_000_005 });
    expect(calls.has(9)).toBe(true);
    expect((await read(10)).visits).toBe(10);
  });

  it('says what a visitor failed with, and stops', async () => {
    const failure = new Error('a month that can not be built');
    let visits = 0;
    const fail = (): never => {
      visits++;
      throw failure;
    };
    await expect(
      visitMonth(db, 202611, new Map([[7, CALLS]]), { visit: fail, visitIdentities: () => undefined }),
    ).rejects.toBe(failure);
    expect(visits).toBe(1);
  });
});
