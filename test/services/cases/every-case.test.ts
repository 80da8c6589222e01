import { describe, expect, it } from 'vitest';
import { type EachCase, everyCase, type FindRequest } from '../../../services/index.ts';
import { loadLines } from '../../../ledger/index.ts';
import { lineOf } from '../small-ledger.ts';
import { ApiUnderTest } from '../../api/api-under-test.ts';
import { DATABASE_KINDS } from '../../support/test-database.ts';

const ALL: FindRequest = { filter: '', me: null, account: null };
const CASES = 2_500;

describe.each(DATABASE_KINDS)('all cases of a filter, on %s', (kind) => {
  it('come once each, though the money at stake on them rises and falls while they are read', async () => {
    const api = await ApiUnderTest.open(kind, { lines: [lineOf('L1', 33_140_000_001)] });
    try {
      const { db } = api;
      const [line] = await loadLines(db, { ids: ['L1'] });
      // As many months: a case is one line's of one month.
      await db.query(
        `insert into case_file (bucket, line, period, state, at_stake, at_stake_calls)
         select $1::smallint, $2::int, (2000 + n / 12) * 100 + 1 + n % 12, 'open', 1000 + n, 1
         from generate_series(0, $3::int - 1) n`,
        [line!.bucket, line!.no, CASES],
      );
      const seen: number[] = [];
      for await (const part of everyCase({ db }, ALL)) {
        const cases = part as readonly EachCase[];
        seen.push(...cases.map(({ period }) => period));
        // The last rises above all that were read, the first of those falls below all that come.
        await db.query('update case_file set at_stake = at_stake + 1000000 where period = 200001');
        await db.query('update case_file set at_stake = 1 where period = $1', [cases[0]!.period]);
      }
      expect(seen).toHaveLength(CASES);
      expect(new Set(seen).size).toBe(CASES);
      const csv = await api.get('/v1/cases?filter=', { accept: 'text/csv' });
      expect(csv.text.trim().split('\n')).toHaveLength(CASES + 1);
      const few: number[] = [];
      for await (const part of everyCase({ db }, { ...ALL, filter: 'period:2026-11,2026-12' })) {
        few.push(...(part as readonly EachCase[]).map(({ period }) => period));
      }
      expect(few.toSorted()).toEqual([202_611, 202_612]);
    } finally {
      await api.close();
    }
  });
});
