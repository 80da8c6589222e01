import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoundCase, periodsWithEntries } from '../../../ledger/index.ts';
import { VERDICT_KINDS } from '../../../rater/index.ts';
import {
  type CasePage,
  type LedgerReading,
  type Report,
  decideCase,
  listCases,
  readReport,
  showCase,
  showPeriod,
} from '../../../services/index.ts';
import { smallForfaitInReview } from '../../rules/offers-for-test.ts';
import { type LedgerUnderTest, plan } from '../../support/ledger-under-test.ts';
import { onPostgres } from '../../support/postgres-ledger.ts';
import { deckCsvOf } from '../../support/oracle/deck-csv.ts';
import { histories } from '../../support/oracle/histories.ts';
import type { History } from '../../support/oracle/history.ts';
import { playHistory } from './play-history.ts';
import { runsOf } from '../../support/runs.ts';

const SEED = { seed: Number(process.env['SEED'] ?? 20_261_129) };
const RUNS = runsOf(4);

describe('cases, after any history', () => {
  it('are listed by the money that the report has at stake, page by page, and shown as the report has them', async () => {
    const seen = { cases: 0, atStake: 0, charged: 0, crossings: 0 };
    const history = histories({ ownerMayChangeAccount: true, firstOffer: smallForfaitInReview });
    const run = async (one: History): Promise<void> => {
      await onPostgres(one.offers, deckCsvOf(one.deck), async (ledger) => {
        await playHistory(one, ledger, async (decision) => {
          // On a line that is not known yet nobody decides.
          await ledger.decide([decision]).catch(() => undefined);
        });
        await ledger.engine.catchUp();
        await compare(ledger, seen);
      });
    };
    await fc.assert(fc.asyncProperty(history, run), { numRuns: RUNS, endOnFailure: true, ...SEED });
    const offers = histories({ ownerMayChangeAccount: true });
    await fc.assert(fc.asyncProperty(offers, run), { numRuns: RUNS, endOnFailure: true, ...SEED });
    expect(seen.cases).toBeGreaterThan(RUNS);
    expect(seen.atStake).toBeGreaterThan(0);
    expect(seen.charged).toBeGreaterThan(0);
    expect(seen.crossings).toBeGreaterThan(0);
  }, 600_000);
});

async function compare(
  { db, engine }: LedgerUnderTest,
  seen: { cases: number; atStake: number; charged: number; crossings: number },
): Promise<void> {
  const access = { db, plan, engine };
  const listed = await allCases(access, 'all');
  const reports = new Map<number, Report>();
  for (const period of await periodsWithEntries(db)) reports.set(period, await readReport(access, period));
  const reported = [...reports].flatMap(([period, { lines }]) =>
    lines.flatMap((line) => (line.caseState === null ? [] : [{ period, ...line }])),
  );
  const inReport = new Map(reported.map((line) => [`${line.line} ${line.period}`, line]));
  for (const each of listed) {
    const line = inReport.get(`${each.line} ${each.period}`);
    expect([each.line, each.atStake, each.atStakeCalls]).toEqual([
      each.line,
      line?.atStake ?? 0,
      line?.atStakeCalls ?? 0,
    ]);
    const charged = { calls: line?.meteredCalls ?? 0, charge: line?.meteredCharge ?? 0 };
    expect([each.line, each.charged]).toEqual([each.line, each.atStake === 0 ? charged : null]);
    expect(line?.caseState ?? each.state).toBe(each.state);
    const counted = each.over.filter(({ condition }) => condition === 'distinct-numbers');
    expect(counted.map(({ value }) => value)).toEqual(counted.map(() => line?.distinctNumbers));
    expect(each.over.filter(({ value, most }) => value <= most)).toEqual([]);
  }
  expect(reported.filter((line) => !listed.some((each) => isSame(each, line)))).toEqual([]);
  const open = await allCases(access, 'open');
  expect(open).toEqual(listed.filter(({ state }) => state === 'open'));
  expect(listed.map(({ atStake }) => atStake)).toEqual(listed.map(({ atStake }) => atStake).toSorted((a, b) => b - a));
  seen.cases += listed.length;
  seen.atStake += listed.filter(({ atStake }) => atStake > 0).length;
  seen.charged += listed.filter(({ charged }) => (charged?.charge ?? 0) > 0).length;
  for (const line of reported) await compareShown(access, line, seen);
}

function isSame(a: Pick<FoundCase, 'line' | 'period'>, b: Pick<FoundCase, 'line' | 'period'>): boolean {
  return a.line === b.line && a.period === b.period;
}

/** All cases, by pages of two. */
async function allCases(access: LedgerReading, state: string): Promise<CasePage['cases'][number][]> {
  const all: CasePage['cases'][number][] = [];
  for (let after: string | undefined; ;) {
    const page = await listCases(access, { state, limit: '2', after });
    if (page.kind === 'refused') throw new Error(page.code);
    all.push(...page.cases);
    if (page.next === null) return all;
    after = page.next;
  }
}

async function compareShown(
  access: Parameters<typeof decideCase>[0],
  line: Report['lines'][number] & { readonly period: number },
  seen: { crossings: number },
): Promise<void> {
  const period = showPeriod(line.period);
  const shown = await showCase(access, { line: line.line, period, everywhere: true });
  if (shown.kind === 'refused') throw new Error(shown.code);
  expect(shown.days.at(-1)?.distinctNumbers ?? 0).toBe(line.distinctNumbers);
  const included = shown.destinations.filter(({ coverage }) => coverage === 'included');
  expect(included.reduce((sum, { meteredPrice }) => sum + meteredPrice, 0)).toBe(line.includedPrice);
  const calls = shown.days.reduce((sum, day) => sum + day.calls, 0);
  expect(shown.hours.reduce((sum, hour) => sum + hour.calls, 0)).toBe(calls);
  expect(shown.numbers.reduce((sum, number) => sum + number.calls, 0)).toBe(calls);
  expect(shown.devices.reduce((sum, device) => sum + device.calls, 0)).toBe(calls);
  for (const { crossing, most } of shown.limits) {
    if (crossing === null) continue;
    seen.crossings++;
    const before = shown.days.findLast(({ day }) => day < crossing.day)?.distinctNumbers ?? 0;
    const after = shown.days.find(({ day }) => day === crossing.day)?.distinctNumbers ?? 0;
    expect([before <= most, after > most]).toEqual([true, true]);
  }
  for (const { condition, decision: kind, effect } of shown.outcomes) {
    if (condition === null) continue;
    const dry = await decideCase(access, { line: line.line, period, condition, kind, dryRun: true });
    expect(dry).toMatchObject({ kind: 'decided', effect });
  }
  const conditions = new Set(shown.outcomes.map(({ condition }) => condition).filter((id) => id !== null));
  const expected = conditions.size + (conditions.size > 1 ? 1 : 0);
  expect(shown.outcomes).toHaveLength(VERDICT_KINDS.length * expected);
}
