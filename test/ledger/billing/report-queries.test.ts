import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Database,
  addDecision,
  entriesOfCall,
  findCallId,
  linesInBreach,
  monthTotals,
  registerDestinations,
  registerRateDeck,
  saveCases,
  loadDirectory,
} from '../../../ledger/index.ts';
import { wholeMonthTotals } from '../../../ledger/billing/month-totals.ts';
import { postEntries, testEntry } from '../../support/entries.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';
import { storeProvisioning } from '../../support/store-provisioning.ts';

const AT = Date.UTC(2026, 10, 3, 10);

const SPAN = { condition: 'equipment', from: AT, to: AT + 1, classes: ['included'] };

/** The ledger of one month by hand: a call a letter; the columns are those of `entry`. Prices in micros. */
const LEDGER = `
  call  rev kind     line dest    coverage before   reason            sec  charge price
  a     0   usage    L1   mobile  included -        included          60   0      80000
  a     1   rerate   L1   mobile  metered  included distinct-numbers  60   80000  80000
  b     0   usage    L1   mobile  included -        included          30   0      40000
  c     0   usage    L1   fixe    metered  -        distinct-numbers  90   45000  45000
  d     0   usage    L1   canada  metered  -        not-in-offer      10   5000   5000
  d     1   reprice  L1   canada  metered  metered  not-in-offer      10   1000   6000
  e     0   usage    L2   fixe    included -        included          600  0      300000
  e     1   rerate   L2   fixe    metered  included usage-class       600  300000 300000
  e     2   rerate   L2   fixe    included metered  included          600  -300000 300000
  f     0   usage    L2   fixe    free     -        toll-free         5    0      0
  g     0   usage    L2   canada  metered  -        not-in-offer      7    700    700
  g     1   reversal L2   canada  -        metered  record-replaced   7    -700   700
  g     2   usage    L2   mobile  metered  -        usage-class       8    800    800
  h     0   usage    L3   fixe    included -        included          1    0      500
  i     0   usage    L3   fixe    included -        included          1    0      500
  i     1   reversal L3   fixe    -        included facts-changed     1    0      500
`;

/** Call `g` is in by then, its reversal is not. */
const HALF_WAY = 11;

describe.each(DATABASE_KINDS)('report on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
    await writeLedger(db);
  });
  afterAll(() => db.close());

  it('counts each call once, as its latest entry has it', async () => {
    const { destinations } = await monthTotals(db, 202611);
    const sums = ['free', 'included', 'metered'].map((coverage) =>
      destinations
        .filter((total) => total.coverage === coverage)
        .reduce(
          (sum, { calls, charge, meteredPrice }) => sum.map((each, at) => each + [calls, charge, meteredPrice][at]!),
          [0, 0, 0],
        ),
    );
    expect(sums).toEqual([
      [1, 0, 0],
      [3, 0, 340_500],
      [4, 131_800, 131_800],
    ]);
  });

  it('adds to a month what was posted since it was looked at, corrections of what it had among it', async () => {
    const own = await openTestDatabase(kind);
    try {
      await writeLedger(own, async () => {
        expect((await monthTotals(own, 202611)).postedCharge).toBe(131_700);
      });
      expect(await monthTotals(own, 202611)).toEqual(await monthTotals(db, 202611));
      expect(await monthTotals(own, 202611)).toEqual(await wholeMonthTotals(own, 202611));
    } finally {
      await own.close();
    }
  });

  it('charges what the entries add up to', async () => {
    expect((await monthTotals(db, 202611)).postedCharge).toBe(131_800);
  });

  it('breaks down by destination, also of calls whose destination was corrected', async () => {
    const { destinations: rows } = await monthTotals(db, 202611);
    expect(rows.map((row) => [row.destination, row.coverage, row.calls, row.meteredPrice])).toEqual([
      ['fixe', 'included', 2, 300_500],
      ['mobile', 'metered', 2, 80_800],
      ['fixe', 'metered', 1, 45_000],
      ['mobile', 'included', 1, 40_000],
      ['canada', 'metered', 1, 6_000],
      ['fixe', 'free', 1, 0],
    ]);
  });

  it('is empty for a period without calls', async () => {
    expect(await monthTotals(db, 202612)).toEqual({ destinations: [], postedCharge: 0 });
    expect(await linesInBreach(db, 202612)).toEqual([]);
  });

  it('shows the lines in breach with evidence, case and money, dearest first', async () => {
    expect(await linesInBreach(db, 202611)).toEqual([
      {
        line: 'L1',
        account: 'A1',
        accountName: 'Un',
        caseState: null,
        lineNo: expect.any(Number),
        includedCalls: 1,
        includedPrice: 40_000,
        atStakeCalls: 0,
        atStake: 0,
        distinctNumbers: 0,
        heldByEarlierMonths: [],
        reratedCalls: 1,
        reratedCharge: 80_000,
        breaches: [
          {
            condition: 'distinct-numbers',
            breachFrom: AT,
            evidence: expect.objectContaining({ condition: 'distinct-numbers' }),
            decision: null,
            isFound: true,
            decisions: [],
            meteredCalls: 2,
            meteredCharge: 125_000,
          },
        ],
      },
      {
        line: 'L2',
        account: 'A2',
        accountName: 'Deux',
        caseState: 'open',
        lineNo: expect.any(Number),
        includedCalls: 1,
        includedPrice: 300_000,
        atStakeCalls: 0,
        atStake: 0,
        distinctNumbers: 0,
        heldByEarlierMonths: [],
        reratedCalls: 0,
        reratedCharge: 0,
        breaches: [
          {
            condition: 'usage-class',
            breachFrom: AT,
            evidence: expect.objectContaining({ condition: 'usage-class' }),
            decision: 'dismiss',
            isFound: true,
            decisions: ['confirm', 'dismiss', 'reinstate'].map((taken) => ({
              condition: 'usage-class',
              kind: taken,
              effectiveAt: AT,
              decidedBy: 'x',
              note: '',
              decidedAt: AT + 1000,
            })),
            meteredCalls: 1,
            meteredCharge: 800,
          },
        ],
      },
    ]);
  });

  it('has at stake the included calls that an undecided breach would reach, by start and class', async () => {
    const { lines } = await loadDirectory(db);
    const stake = async (more: { readonly from?: number; readonly classes?: readonly string[] }) => {
      const undecided = lines.map(({ no, bucket }) => ({ ...SPAN, line: no, bucket, period: 202611, ...more }));
      const found = await linesInBreach(db, 202611, { undecided });
      return found.map(({ line, atStakeCalls, atStake }) => [line, atStakeCalls, atStake]);
    };
    // As the ledger above has it, the class of an included call is 'included'.
    const all = [
      ['L2', 1, 300_000],
      ['L1', 1, 40_000],
    ];
    const none = [
      ['L1', 0, 0],
      ['L2', 0, 0],
    ];
    expect(await stake({})).toEqual(all);
    expect((await stake({ from: AT + 1 })).toSorted()).toEqual(none);
    expect((await stake({ classes: ['international'] })).toSorted()).toEqual(none);
  });

  it('tells calls that an earlier month holds from those of the month itself', async () => {
    const { lines } = await loadDirectory(db);
    const held = lines
      .filter(({ id }) => id === 'L1')
      .map(({ no, bucket }) => ({ ...SPAN, line: no, bucket, period: 202610, condition: 'distinct-numbers' }));
    const found = await linesInBreach(db, 202611, { held });
    expect(found.find(({ line }) => line === 'L1')).toMatchObject({
      breaches: [{ condition: 'distinct-numbers', meteredCalls: 0, meteredCharge: 0 }],
      heldByEarlierMonths: [{ condition: 'distinct-numbers', period: 202610, meteredCalls: 2, meteredCharge: 125_000 }],
    });
  });

  it('finds a call by its id, and tells its story', async () => {
    const [key, ...others] = await findCallId(db, 'call "a"');
    expect(others).toEqual([]);
    expect(key).toBeDefined();
    if (key === undefined) return;
    expect(await findCallId(db, 'call "a"', { period: 202612 })).toEqual([]);
    const account = { bucket: key.bucket, no: key.account };
    expect(await findCallId(db, 'call "a"', { account, period: 202611 })).toEqual([key]);
    expect(await findCallId(db, 'call "a"', { account: { bucket: key.bucket, no: -1 } })).toEqual([]);
    const story = await entriesOfCall(db, key);
    expect(story).toHaveLength(2);
    expect(story[0]).toMatchObject({
      account: 'A1',
      line: 'L1',
      revision: 0,
      kind: 'usage',
      destination: 'mobile',
      coverage: 'included',
      coverageBefore: null,
      charge: 0,
      meteredPrice: 80_000,
      currency: 'EUR',
      rateDeck: 'retail',
      rateDeckVersion: 'v1',
      offer: null,
    });
    expect(story[1]).toMatchObject({
      kind: 'rerate',
      coverage: 'metered',
      coverageBefore: 'included',
      reason: 'distinct-numbers',
      charge: 80_000,
      record: null,
    });
  });

  it('does not take an id that another field quotes for the call', async () => {
    expect(await findCallId(db, 'quoted')).toEqual([]);
    expect(await findCallId(db, 'call_%')).toEqual([]);
  });
});

/** @param halfway called when some rows are in, and the corrections of some of them are not */
async function writeLedger(db: Database, halfway: () => Promise<void> = async () => {}): Promise<void> {
  const accounts = [
    { id: 'A1', name: 'Un' },
    { id: 'A2', name: 'Deux' },
  ];
  const facts = { spans: [], devices: [], networks: [] };
  await storeProvisioning(db, {
    accounts,
    lines: [
      { id: 'L1', account: 'A1', ...facts },
      { id: 'L2', account: 'A2', ...facts },
      { id: 'L3', account: 'A2', ...facts },
    ],
  });
  const destinations = await registerDestinations(db, ['mobile', 'fixe', 'canada']);
  const rateDeck = await registerRateDeck(db, {
    name: 'retail',
    version: 'v1',
    currency: 'EUR',
    timeZone: 'Europe/Paris',
    document: '',
  });
  const { lines } = await loadDirectory(db);
  const rows = LEDGER.trim().split('\n').slice(1);
  const entries = rows.map((row, index) => {
    const [call = '', revision, kind, lineId, destination = '', coverage, before, reason, seconds, charge, price] = row
      .trim()
      .split(/\s+/);
    const line = lines.find(({ id }) => id === lineId);
    const record = Buffer.from(JSON.stringify({ switch: 'sbc', call: `call "${call}"`, leg: 'quoted' }));
    return testEntry({
      bucket: line?.bucket ?? 0,
      position: index + 1,
      account: line?.accountNo ?? 0,
      line: line?.no ?? 0,
      identityHigh: 5,
      identityLow: call.charCodeAt(0),
      revision: Number(revision),
      kind: kindOf(kind),
      startedAt: AT,
      destination: destinations.get(destination) ?? 0,
      coverage: coverageOf(coverage),
      coverageBefore: coverageOf(before),
      reason: reason ?? '',
      billedSeconds: Number(seconds),
      charge: Number(charge),
      meteredPrice: Number(price),
      rateDeck,
      record: kind === 'usage' ? record : null,
    });
  });
  await postEntries(db, entries.slice(0, HALF_WAY));
  await halfway();
  await postEntries(db, entries.slice(HALF_WAY));
  await writeBreaches(db, lines);
}

async function writeBreaches(
  db: Database,
  lines: readonly { readonly id: string; readonly no: number; readonly bucket: number }[],
): Promise<void> {
  const [first, second] = lines;
  if (first === undefined || second === undefined) throw new Error('Cannot write breaches: there are no lines');
  await db.exec(`insert into breach (bucket, line, period, condition, state, breach_from, evidence) values
    (${first.bucket}, ${first.no}, 202611, 'distinct-numbers', 'standing', '2026-11-03 10:00Z', '{"condition":"distinct-numbers"}'),
    (${first.bucket}, ${first.no}, 202611, 'equipment', 'withdrawn', '2026-11-03 10:00Z', '{"condition":"equipment"}'),
    (${second.bucket}, ${second.no}, 202611, 'usage-class', 'standing', '2026-11-03 10:00Z', '{"condition":"usage-class"}')`);
  await db.transaction(async (tx) => {
    await saveCases(tx, [{ bucket: second.bucket, line: second.no, period: 202611, state: 'open', lastVerdict: null }]);
    const decision = {
      period: 202611,
      condition: 'usage-class',
      effectiveAt: AT,
      breachFrom: null,
      decidedBy: 'x',
      note: '',
      decidedAt: AT + 1000,
    };
    for (const kind of ['confirm', 'dismiss', 'reinstate'] as const)
      await addDecision(tx, second, { ...decision, kind });
  });
}

function kindOf(word: string | undefined): 'usage' | 'rerate' | 'reversal' | 'reprice' {
  return word === 'rerate' || word === 'reversal' || word === 'reprice' ? word : 'usage';
}

function coverageOf(word: string | undefined): 'included' | 'metered' | 'free' | null {
  return word === 'included' || word === 'metered' || word === 'free' ? word : null;
}
