import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Line } from '../../rater/index.ts';
import { bucketOf } from '../../rater/index.ts';
import type { Database } from '../../ledger/index.ts';
import { loadDirectory, readHeads, staleLines, storeProvisioning } from '../../ledger/index.ts';
import { DATABASE_KINDS, openTestDatabase } from '../support/test-database.ts';

const NOVEMBER = Date.UTC(2026, 9, 31, 23);
const DECEMBER = Date.UTC(2026, 10, 30, 23);

const ACCOUNTS = [
  { id: 'A1', name: "L'Épicerie" },
  { id: 'A2', name: 'Deux' },
];

const SPAN = { number: null, offer: null, usageClass: 'business', mobility: 'unknown', equipment: 'unknown' } as const;

function line(id: string, account: string, given: Partial<Line> = {}): Line {
  return { id, account, spans: [{ ...SPAN, from: NOVEMBER, to: Infinity }], devices: [], networks: [], ...given };
}

const FULL = line('L1', 'A1', {
  spans: [
    {
      from: NOVEMBER,
      to: DECEMBER,
      number: 33_140_000_000,
      offer: 'full-illimite',
      usageClass: 'call-centre',
      mobility: 'used',
      equipment: 'customer-pbx',
    },
    {
      from: DECEMBER,
      to: Infinity,
      number: null,
      offer: null,
      usageClass: 'residential',
      mobility: 'off',
      equipment: 'managed',
    },
  ],
  devices: [
    { from: NOVEMBER, to: DECEMBER, userAgent: 'Yealink SIP-T46U 108.*' },
    { from: NOVEMBER, to: Infinity, userAgent: 'Gigaset "N510", {x}' },
  ],
  networks: [{ from: NOVEMBER, to: Infinity, cidr: '2001:db8::/48' }],
});

describe.each(DATABASE_KINDS)('storeProvisioning() on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
  });
  afterAll(() => db.close());

  const factsOf = async (account: string): Promise<number> =>
    (await readHeads(db)).find(({ bucket }) => bucket === bucketOf(account))?.facts ?? Number.NaN;
  const storedLines = async (): Promise<Line[]> =>
    (await loadDirectory(db)).lines.map(({ no: _no, accountNo: _accountNo, bucket: _bucket, ...facts }) => facts);

  it('stores accounts and lines with all their facts, and loads them back', async () => {
    const change = await storeProvisioning(db, { accounts: ACCOUNTS, lines: [FULL, line('L2', 'A2')] });
    expect(change).toEqual({ newAccounts: ['A1', 'A2'], renamedAccounts: [], changedLines: ['L1', 'L2'] });
    const { accounts, lines } = await loadDirectory(db);
    expect(accounts.map(({ id, bucket }) => ({ id, bucket }))).toEqual([
      { id: 'A1', bucket: bucketOf('A1') },
      { id: 'A2', bucket: bucketOf('A2') },
    ]);
    expect(lines[0]).toMatchObject({ id: 'L1', bucket: bucketOf('A1'), accountNo: accounts[0]?.no });
    expect(await storedLines()).toEqual([
      { ...FULL, devices: FULL.devices.toSorted((a, b) => (a.userAgent < b.userAgent ? -1 : 1)) },
      line('L2', 'A2'),
    ]);
    expect(await factsOf('A1')).toBe(1);
    expect(await staleLines(db, 10)).toHaveLength(2);
  });

  it('changes nothing when the same is stored again, in whatever order', async () => {
    const again = { ...FULL, spans: FULL.spans.toReversed(), devices: FULL.devices.toReversed() };
    const change = await storeProvisioning(db, { accounts: ACCOUNTS.toReversed(), lines: [line('L2', 'A2'), again] });
    expect(change).toEqual({ newAccounts: [], renamedAccounts: [], changedLines: [] });
    expect(await factsOf('A1')).toBe(1);
  });

  it('replaces the facts of the lines given, and leaves the others', async () => {
    const changed = line('L2', 'A2', { networks: [{ from: NOVEMBER, to: DECEMBER, cidr: '192.0.2.0/24' }] });
    const before = await factsOf('A1');
    const change = await storeProvisioning(db, { accounts: [{ id: 'A2', name: 'Two' }], lines: [changed] });
    expect(change).toEqual({ newAccounts: [], renamedAccounts: ['A2'], changedLines: ['L2'] });
    expect((await storedLines())[1]).toEqual(changed);
    expect((await storedLines())[0]?.spans).toEqual(FULL.spans);
    expect(await factsOf('A1')).toBe(before);
    expect(await factsOf('A2')).toBe(2);
  });

  it('refuses to move a line to another account, and stores nothing of the rest', async () => {
    const lines = [line('L9', 'A1'), line('L1', 'A2'), line('L8', 'A404')];
    const refused = storeProvisioning(db, { accounts: [{ id: 'A3', name: 'Trois' }], lines });
    await expect(refused).rejects.toMatchObject({
      code: 'provisioning-refused',
      faults: [
        { code: 'account-of-line-is-permanent', line: 'L1', account: 'A1', given: 'A2' },
        { code: 'unknown-account', line: 'L8', account: 'A404' },
      ],
    });
    await expect(refused).rejects.toThrow("Cannot move line 'L1' to account 'A2': it belongs to 'A1' for good");
    const { accounts, lines: stored } = await loadDirectory(db);
    expect(accounts.map(({ id }) => id)).toEqual(['A1', 'A2']);
    expect(stored.map(({ id }) => id)).toEqual(['L1', 'L2']);
  });

  it('refuses a span that ends before it begins, by the rule of the table', async () => {
    const backwards = line('L7', 'A1', { spans: [{ ...SPAN, from: DECEMBER, to: NOVEMBER }] });
    await expect(storeProvisioning(db, { accounts: [], lines: [backwards] })).rejects.toMatchObject({
      constraint: 'line_fact_ends_after_it_begins',
    });
  });

  it('loads the lines of some buckets alone', async () => {
    const { accounts, lines } = await loadDirectory(db, [bucketOf('A2')]);
    expect(accounts.map(({ id }) => id)).toEqual(['A2']);
    expect(lines.map(({ id }) => id)).toEqual(['L2']);
    expect(await loadDirectory(db, [])).toEqual({ accounts: [], lines: [] });
  });

  it('takes thousands of lines at once', async () => {
    const ids = Array.from({ length: 3000 }, (_, index) => index);
    const accounts = ids.map((index) => ({ id: `M${index}`, name: `Many ${index}` }));
    const lines = ids.map((index) => line(`LM${index}`, `M${index}`));
    const change = await storeProvisioning(db, { accounts, lines });
    expect(change.changedLines).toHaveLength(3000);
    expect((await loadDirectory(db)).lines).toHaveLength(3002);
  });
});
