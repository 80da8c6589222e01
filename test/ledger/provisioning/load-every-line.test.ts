import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, loadEveryLine, loadLines, storeProvisioning } from '../../../ledger/index.ts';
import type { Line } from '../../../rater/index.ts';
import { numbersFrom } from '../../support/pack-somewhere.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

const START = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;
const IDS = ['L', '+33140000001-', 'ligne-été-', '日本-', 'x'.repeat(200)];

/** A line with facts of all kinds, some of them none; spans follow one another. */
function lineOf(index: number, random: (limit: number) => number): Line {
  const cuts = Array.from({ length: random(4) }, (_, at) => START + at * DAY_MS + random(DAY_MS));
  const untilOf = (at: number): number => cuts[at + 1] ?? (random(2) === 0 ? Infinity : cuts[at]! + 1);
  const span = (): { from: number; to: number } => {
    const from = START - DAY_MS + random(3 * DAY_MS);
    return { from, to: random(2) === 0 ? Infinity : from + 1 + random(DAY_MS) };
  };
  return {
    id: `${IDS[random(IDS.length)]}${index}`,
    account: `A${index % 7}`,
    spans: cuts.map((from, at) => ({
      from,
      to: untilOf(at),
      number: random(3) === 0 ? null : 100_000_000_000_000 + index * 10 + at,
      offer: random(3) === 0 ? null : ['full-illimite', 'forfait-99', 'é'][random(3)]!,
      usageClass: (['business', 'residential', 'voice-services'] as const)[random(3)]!,
      mobility: (['off', 'used', 'unknown'] as const)[random(3)]!,
      equipment: (['managed', 'customer-pbx', 'unknown'] as const)[random(3)]!,
    })),
    devices: Array.from({ length: random(3) }, () => ({
      ...span(),
      userAgent: ['Yealink *', 'snom é', ''][random(3)]!,
    })),
    networks: Array.from({ length: random(3) }, () => ({ ...span(), cidr: `10.${random(9)}.0.0/16` })),
  };
}

describe.each(DATABASE_KINDS)('every line of a ledger on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
  });
  afterAll(() => db.close());

  it('is what the lines are one by one: none, and some with facts of all kinds', async () => {
    expect(await loadEveryLine(db)).toEqual([]);
    const random = numbersFrom(3);
    const lines = Array.from({ length: 60 }, (_, index) => lineOf(index, random));
    const accounts = [...new Set(lines.map(({ account }) => account))].map((id) => ({ id, name: id }));
    await db.transaction((tx) => storeProvisioning(tx, { accounts, lines }));
    await db.exec(
      `update line_fact set valid_from = '-infinity', valid_to = 'infinity' where line = (select min(line) from line_fact);
       update line_device set valid_from = '2026-01-01 00:00:00.123987+00' where line = (select min(line) from line_device)`,
    );
    const all = await loadLines(db, {});
    expect(all).toHaveLength(lines.length);
    expect(await loadEveryLine(db)).toEqual(all);
  });
});
