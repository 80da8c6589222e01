import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultNoise } from '../../traffic/emit-scene.ts';
import type { Expected, ExpectedLine } from '../../traffic/expected.ts';
import { generateMonth, MIN_LINES, type MonthOptions } from '../../traffic/generate-month.ts';
import { ordinaryProfiles, specialNames } from '../../traffic/profiles.ts';
import type { Decoded } from '../../formats/format.ts';
import type { OracleResult } from '../support/oracle/oracle-types.ts';
import { plan } from '../support/ledger-under-test.ts';
import { breachOf, decodedRecords, judgeMonth, provisioningOf } from './judged-month.ts';

const small: MonthOptions = {
  seed: 'test',
  period: 202_611,
  lines: 80,
  calls: 8000,
  noise: defaultNoise,
  isShuffled: false,
  isGzip: false,
};

const root = mkdtempSync(join(tmpdir(), 'fairtally-generate-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;

async function generated(changes: Partial<MonthOptions> = {}): Promise<string> {
  const folder = join(root, String(folders++));
  await generateMonth(folder, { ...small, ...changes });
  return folder;
}

function expectedOf(folder: string): Expected {
  return JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
}

function linesOf(folder: string): string[] {
  return readFileSync(join(folder, 'calls.ndjson'), 'latin1').split('\n');
}

function countsBy(reasons: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => [reason, all.length]));
}

/** Hash of each file by name. */
function hashes(folder: string): Record<string, string> {
  const hashOf = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(readdirSync(folder).map((name) => [name, hashOf(name)]));
}

describe('generateMonth()', () => {
  let folder: string;
  let expected: Expected;
  let decoded: Decoded[];
  beforeAll(async () => {
    folder = await generated();
    expected = expectedOf(folder);
    decoded = decodedRecords(folder);
  });

  it('writes the same bytes for the same seed, and others for another', async () => {
    expect(hashes(await generated())).toEqual(hashes(folder));
    const other = hashes(await generated({ seed: 'other' }));
    for (const [name, hash] of Object.entries(hashes(folder)))
      expect({ name, hash: other[name] }).not.toEqual({ name, hash });
  });

  it('writes only the files it should, and leaves nothing of the sorting behind', () => {
    const names = ['accounts.csv', 'calls.ndjson', 'devices.csv', 'expected.json', 'lines.csv', 'networks.csv'];
    expect(readdirSync(folder).toSorted()).toEqual(names);
  });

  it('adds calls in months before, and leaves the month as it is', async () => {
    const longer = await generated({ earlierMonths: 3 });
    const more = expectedOf(longer);
    expect(more.lines).toEqual(expected.lines);
    const added = more.records.calls - expected.records.calls;
    expect(added).toBeGreaterThan(500);
    expect(more.records).toEqual({
      ...expected.records,
      calls: expected.records.calls + added,
      total: expected.records.total + added,
    });
    const before = [202_608, 202_609, 202_610].map((period) => String(period));
    expect(before.filter((period) => (more.callsByPeriod[period] ?? 0) < 100)).toEqual([]);
    const kept = new Set(linesOf(longer));
    expect(linesOf(folder).filter((line) => !kept.has(line))).toEqual([]);
  });

  it('compresses the same bytes', async () => {
    const compressed = await generated({ isGzip: true });
    const bytes = gunzipSync(readFileSync(join(compressed, 'calls.ndjson.gz')));
    expect(bytes.equals(readFileSync(join(folder, 'calls.ndjson')))).toBe(true);
  });

  it('shuffles the same records into another order', async () => {
    const shuffled = await generated({ isShuffled: true });
    expect(linesOf(shuffled)).not.toEqual(linesOf(folder));
    expect(linesOf(shuffled).toSorted()).toEqual(linesOf(folder).toSorted());
    expect(expectedOf(shuffled)).toEqual(expected);
  });

  it('delivers calls nearly in the order of their ends: some within the hour, few a day late', () => {
    const ends = decoded.flatMap((record) =>
      record.kind === 'call' ? [record.cdr.startedAt + record.cdr.durationMs] : [],
    );
    let latest = 0;
    const delays = ends.map((end) => (latest = Math.max(latest, end)) - end);
    const share = (min: number): number => delays.filter((delay) => delay > min).length / delays.length;
    expect(share(1000)).toBeGreaterThan(0.01);
    expect(share(1000)).toBeLessThan(0.1);
    expect(share(3_600_000)).toBeLessThan(0.005);
    expect(Math.max(...delays)).toBeGreaterThan(86_400_000 / 2);
  });

  it('plays every part, and lists every line once', () => {
    const parts = new Set(expected.lines.map(({ profile }) => profile));
    for (const name of [...specialNames, ...Object.keys(ordinaryProfiles)]) expect(parts).toContain(name);
    expect(new Set(expected.lines.map(({ line }) => line)).size).toBe(small.lines);
    expect(expected.lines.map(({ line }) => line)).toEqual(provisioningOf(folder).lines.map(({ id }) => id));
  });

  it('makes about the calls that were asked for', () => {
    expect(expected.records.calls).toBeGreaterThan(small.calls * 0.85);
    expect(expected.records.calls).toBeLessThan(small.calls * 1.15);
  });

  it('makes the share of unanswered attempts that was asked for', async () => {
    const { records } = expectedOf(await generated({ noise: { ...defaultNoise, attempts: 0.38 } }));
    expect((records.notACall.unanswered ?? 0) / records.total).toBeCloseTo(0.38, 1);
    const none = expectedOf(await generated({ noise: { ...defaultNoise, attempts: 0 } }));
    expect(none.records.notACall.unanswered).toBe(8);
  });

  it('breaks no condition on ordinary lines, which stay far from 150 numbers', () => {
    const ordinary = expected.lines.filter(({ profile }) => profile in ordinaryProfiles);
    expect(ordinary.flatMap(({ breaches }) => breaches)).toEqual([]);
    expect(Math.max(...ordinary.map(({ distinctNumbers }) => distinctNumbers))).toBeLessThan(140);
  });

  it.each([
    ['heavy-149', 149],
    ['heavy-150', 150],
    ['heavy-151', 151],
    ['heavy-month-edges', 150],
    ['heavy-same-instant', 152],
    ['heavy-same-second', 152],
  ])('lets %s call exactly %i numbers in the month, recounted from the file', (profile, count) => {
    const [line] = expected.lines.filter((one) => one.profile === profile);
    const start = Date.parse('2026-11-01T00:00:00+01:00');
    const end = Date.parse('2026-12-01T00:00:00+01:00');
    const dialled = decoded.flatMap((record) => {
      if (record.kind !== 'call' || record.cdr.line !== line?.line || record.cdr.durationMs === 0) return [];
      // The line's own part of forwarded legs is another profile's matter.
      if (record.cdr.diversions.length > 0 || record.cdr.transferredBy !== null) return [];
      return record.cdr.startedAt >= start && record.cdr.startedAt < end ? [record.cdr.dialled] : [];
    });
    const numbers = dialled.flatMap((text) => {
      const classified = plan.classify(text);
      if (classified.kind === 'refusal') return [];
      const { class: kind } = classified.destination;
      return kind === 'toll-free' || kind === 'emergency' ? [] : [classified.called];
    });
    expect(new Set(numbers).size).toBe(count);
    expect(line?.distinctNumbers).toBe(count);
    // Written forms make more strings than there are numbers.
    expect(new Set(dialled).size).toBeGreaterThan(count);
  });

  it('counts records as they can be read', () => {
    expect(decoded).toHaveLength(expected.records.total);
    expect(countsBy(decoded.flatMap((one) => (one.kind === 'not-a-call' ? [one.reason] : [])))).toEqual(
      expected.records.notACall,
    );
    expect(expected.records.quarantined).toMatchObject(
      countsBy(decoded.flatMap((one) => (one.kind === 'bad' ? [one.reason] : []))),
    );
  });
});

describe('expected.json', () => {
  it.each([
    ['1', 202_611],
    ['winter time comes', 202_610],
    ['summer time comes', 202_703],
    ['leap day', 202_802],
  ])('says what the oracle finds in the files of seed "%s", period %i', { timeout: 120_000 }, async (seed, period) => {
    const folder = await generated({ seed, period, lines: MIN_LINES, calls: 7000, isShuffled: period === 202_610 });
    const expected = expectedOf(folder);
    const decoded = decodedRecords(folder);
    const judged = judgeMonth(folder, decoded);
    expect(countsOf(decoded, judged)).toEqual(expected.records);
    const found = breachesOf(expected.lines, decoded, judged, period);
    expect(found).toEqual(expected.lines.map(({ line, breaches }) => ({ line, breaches })));
    const calls = Map.groupBy(judged.calls.values(), (call) => `${call.line} ${call.period}`);
    const foundCounts = expected.lines.map(({ line }) => [line, calls.get(`${line} ${period}`)?.length ?? 0]);
    expect(foundCounts).toEqual(expected.lines.map((line) => [line.line, line.calls]));
    expect(forwardedBy(judged)).toEqual(
      new Map(expected.lines.flatMap(({ line, forwarded }) => (forwarded > 0 ? [[line, forwarded]] : []))),
    );
    for (const [called, count] of Object.entries(expected.callsByPeriod)) {
      expect([...judged.calls.values()].filter((call) => call.period === Number(called))).toHaveLength(count);
    }
  });
});

function countsOf(decoded: readonly Decoded[], judged: OracleResult): Expected['records'] {
  const tally: Record<string, number> = {};
  const notACall: Record<string, number> = {};
  for (const record of decoded) {
    if (record.kind === 'bad') tally[record.reason] = (tally[record.reason] ?? 0) + 1;
    if (record.kind === 'not-a-call') notACall[record.reason] = (notACall[record.reason] ?? 0) + 1;
  }
  for (const { reason } of judged.quarantine) tally[reason] = (tally[reason] ?? 0) + 1;
  const quarantined = { ...tally, superseded: judged.superseded.length };
  return { total: decoded.length, calls: judged.calls.size, duplicates: judged.duplicates, notACall, quarantined };
}

/** Calls metered as forwarded by line: all forwarded legs, since they go to included mobiles. */
function forwardedBy(judged: OracleResult): Map<string, number> {
  const forwarded = new Map<string, number>();
  for (const { line, reason } of judged.calls.values()) {
    if (reason === 'forwarding') forwarded.set(line, (forwarded.get(line) ?? 0) + 1);
  }
  return forwarded;
}

/** What the oracle finds against each line in the period, in the words of `expected.json`. */
function breachesOf(
  lines: readonly ExpectedLine[],
  decoded: readonly Decoded[],
  judged: OracleResult,
  period: number,
): { readonly line: string; readonly breaches: readonly unknown[] }[] {
  const called = calledNumbers(decoded);
  const standing = judged.verdicts.filter((verdict) => verdict.stands);
  expect(standing.filter((verdict) => verdict.period !== period)).toEqual([]);
  const byLine = Map.groupBy(standing, ({ line }) => line);
  return lines.map(({ line }) => ({
    line,
    breaches: (byLine.get(line) ?? [])
      .toSorted((a, b) => CONDITIONS.indexOf(a.condition) - CONDITIONS.indexOf(b.condition))
      .map(({ evidence }) => breachOf(evidence, called)),
  }));
}

const CONDITIONS: readonly string[] = [
  'usage-class',
  'distinct-numbers',
  'sip-mobility',
  'equipment',
  'conversational-use',
];

/** The number that each call went to, by identity. */
function calledNumbers(decoded: readonly Decoded[]): Map<string, number> {
  const called = new Map<string, number>();
  for (const record of decoded) {
    if (record.kind !== 'call') continue;
    const { switchId, callId, legId, dialled } = record.cdr;
    const classified = plan.classify(dialled);
    if (classified.kind === 'number') called.set(JSON.stringify([switchId, callId, legId]), classified.called);
  }
  return called;
}
