import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONDITION_IDS } from '../../../rules/conditions.ts';
import { encodeRecord, RECORD_STYLES } from './encode-record.ts';
import { histories, historyOfSeed } from './histories.ts';
import { formatHistory, oracleInputOf, stepsOf } from './history.ts';
import { judgeEverything } from './oracle.ts';
import type { OracleInput, OracleRecord, OracleResult } from './oracle-types.ts';
import { canonicalContent, identityText } from './record-content.ts';

const SEED = 20_261_121;

/** Everything worth meeting that a history led to, as short texts. */
function encountered({ calls, verdicts, quarantine, superseded, noCalls, duplicates }: OracleResult): string[] {
  return [
    ...[...calls.values()].map(({ coverage, reason }) => `${coverage} ${reason}`),
    ...verdicts.map(({ condition, stands, decision }) => `${condition} ${stands ? 'stands' : 'fell'} ${decision}`),
    ...verdicts.flatMap(({ evidence }) => {
      if (evidence === null || !('why' in evidence || 'measures' in evidence)) return [];
      if (evidence.kind !== 'conversational-use') return [`${evidence.kind} by ${evidence.why}`];
      return evidence.measures.filter(({ broke }) => broke).map(({ measure }) => `${measure} broke`);
    }),
    ...verdicts.flatMap(({ hold }) => (hold?.to === Infinity ? ['hold without end'] : [])),
    ...quarantine.map(({ reason }) => `quarantine ${reason}`),
    ...superseded.map(({ reason }) => reason),
    ...noCalls.map(({ reason }) => `no call, ${reason}`),
    ...(duplicates > 0 ? ['duplicates'] : []),
  ];
}

/** Whether a reinstatement that was decided on another month ends a hold of the history. */
function endsByAnotherMonth({ decisions }: OracleInput, { verdicts }: OracleResult): boolean {
  return verdicts.some(({ line, condition, period, hold }) => {
    const ending = decisions.filter(
      (one) =>
        one.kind === 'reinstate' && one.line === line && one.condition === condition && one.effectiveAt === hold?.to,
    );
    return ending.length > 0 && ending.every((one) => one.period !== period);
  });
}

/** The most accounts that the records of one identity go to, each judged alone, among 20 histories. */
function mostAccounts(crossAccountConflicts: boolean): number {
  let most = 0;
  for (const history of fc.sample(histories({ crossAccountConflicts }), { seed: SEED, numRuns: 20 })) {
    const accounts = new Map<string, Set<string>>();
    for (const cdr of history.cdrs) {
      const alone = judgeEverything({ ...oracleInputOf(history), records: [cdr], receivedAt: [] }).calls.get(
        identityText(cdr),
      );
      const known = accounts.get(identityText(cdr)) ?? new Set();
      if (alone !== undefined) accounts.set(identityText(cdr), known.add(alone.account));
    }
    most = Math.max(most, ...[...accounts.values()].map(({ size }) => size));
  }
  return most;
}

describe('histories()', () => {
  test('meets every coverage, verdict, decision, measure and reason of quarantine within 300 histories', () => {
    const met = new Set<string>();
    for (const history of fc.sample(histories(), { seed: SEED, numRuns: 300 })) {
      for (const one of encountered(judgeEverything(oracleInputOf(history)))) met.add(one);
    }
    const conditions = CONDITION_IDS.filter((id) => id !== 'forwarding' && id !== 'call-length');
    const expected = [
      ...['emergency', 'toll-free'].map((reason) => `free ${reason}`),
      ...['national-fixed', 'national-mobile', 'international'].map((reason) => `included ${reason}`),
      ...[...CONDITION_IDS, 'no-offer', 'not-in-offer'].map((reason) => `metered ${reason}`),
      ...conditions.flatMap((id) => [`${id} stands null`, `${id} stands confirm`, `${id} fell confirm`]),
      ...['provisioning', 'switch', 'foreign-device-and-network'].map((why) => `sip-mobility by ${why}`),
      ...['provisioning', 'user-agent'].map((why) => `equipment by ${why}`),
      ...['short-calls', 'concurrent-calls', 'sequential-numbers', 'all-hours', 'number-range'].map(
        (m) => `${m} broke`,
      ),
      ...['start-implausible', 'unknown-line', 'conflict', 'not-a-number', 'malformed-number'].map(
        (reason) => `quarantine ${reason}`,
      ),
      'superseded',
      ...['unanswered', 'interim', 'inbound', 'internal'].map((reason) => `no call, ${reason}`),
      'duplicates',
      'hold without end',
    ];
    expect(expected.filter((one) => !met.has(one))).toEqual([]);
  });

  test('has reinstatements that end the hold of another month than they were decided on, one history in ten', () => {
    const ended = fc.sample(histories(), { seed: SEED, numRuns: 100 }).filter((history) => {
      const input = oracleInputOf(history);
      return endsByAnotherMonth(input, judgeEverything(input));
    });
    expect(ended.length).toBeGreaterThanOrEqual(10);
  });

  test('makes plans that deliver every record, in batches that add up, with decisions in order of sequence', () => {
    const plan = fc.property(histories(), (history) => {
      const steps = stepsOf(history);
      const delivered = steps.flatMap((step) => (step.kind === 'batch' ? step.deliveries : []));
      expect(delivered).toEqual(history.deliveries);
      expect(new Set(delivered.map(({ cdr }) => cdr)).size).toBe(history.cdrs.length);
      expect(steps.filter(({ kind }) => kind === 'change')).toHaveLength(history.changes.length);
      expect(steps.filter(({ kind }) => kind === 'restart')).toHaveLength(history.restartsAfterBatch.length);
      const sequences = history.changes.flatMap(({ decisions }) => decisions.map(({ sequence }) => sequence));
      expect(sequences).toEqual(sequences.map((_, index) => index + 1));
      expect(new Set(history.cdrs.map(canonicalContent)).size).toBe(history.cdrs.length);
    });
    fc.assert(plan, { seed: SEED, numRuns: 100 });
  });

  test('keeps the records of one identity within one account, unless told otherwise', () => {
    expect([mostAccounts(false), mostAccounts(true)]).toEqual([1, 2]);
  });

  test('is the same for the same seed, and can be read', () => {
    expect(formatHistory(historyOfSeed(SEED))).toBe(formatHistory(historyOfSeed(SEED)));
    expect(formatHistory(historyOfSeed(SEED))).not.toBe(formatHistory(historyOfSeed(SEED + 1)));
  });
});

/** One that says without a revision that there was no call is counted, and that is all. */
function isCounted({ noCall, revision }: OracleRecord): boolean {
  return noCall !== undefined && revision === 0;
}

describe('judgeEverything()', () => {
  test('does not care in which order records, lines and decisions are listed', () => {
    const anyOrder = fc.property(histories(), fc.infiniteStream(fc.nat()), (history, random) => {
      const input = oracleInputOf(history);
      const shuffled = <T>(all: readonly T[]): T[] =>
        all
          .map((one) => ({ one, rank: random.next().value ?? 0 }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ one }) => one);
      const arrivals = input.records.map((record, index) => ({
        record,
        receivedAt: input.receivedAt?.[index] ?? null,
      }));
      const inOtherOrder = shuffled(arrivals);
      const { calls, ...rest } = judgeEverything(input);
      const { calls: again, ...others } = judgeEverything({
        ...input,
        records: inOtherOrder.map(({ record }) => record),
        receivedAt: inOtherOrder.map(({ receivedAt }) => receivedAt),
        lines: shuffled(input.lines),
        decisions: shuffled(input.decisions),
      });
      expect(others).toEqual(rest);
      expect(Object.fromEntries(again)).toEqual(Object.fromEntries(calls));
    });
    fc.assert(anyOrder, { seed: SEED, numRuns: 60 });
  });

  test('loses no record: each distinct one is a call, waits, is superseded, or says that there was no call', () => {
    const accounted = fc.property(histories(), (history) => {
      const records = history.cdrs.filter((cdr) => !isCounted(cdr));
      const deliveries = history.deliveries.filter(({ cdr }) => !isCounted(history.cdrs[cdr]!));
      const { calls, quarantine, superseded, noCalls, duplicates } = judgeEverything(oracleInputOf(history));
      expect(calls.size + quarantine.length + superseded.length + noCalls.length).toBe(records.length);
      expect(duplicates).toBe(deliveries.length - records.length);
    });
    fc.assert(accounted, { seed: SEED, numRuns: 60 });
  });
});

describe('encodeRecord()', () => {
  test.each(RECORD_STYLES)('%s says the same as the canonical encoding', (style) => {
    for (const cdr of historyOfSeed(SEED).cdrs) {
      const { leg, diversions, revision, kind, answered, ...rest } = JSON.parse(encodeRecord(cdr, style));
      const { kind: said = 'call', ...canonical } = JSON.parse(canonicalContent(cdr));
      expect({ leg: '', diversions: [], revision: 0, ...canonical }).toEqual({
        ...rest,
        leg: leg ?? '',
        diversions: diversions ?? [],
        revision: revision ?? 0,
        answered: answered === null ? null : new Date(answered).toISOString(),
      });
      expect(kind ?? 'call').toBe(said);
    }
  });
});
