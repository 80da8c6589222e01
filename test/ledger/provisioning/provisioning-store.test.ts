import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Line, bucketOf } from '../../../rater/index.ts';
import {
  type Database,
  loadDirectory,
  numbersOfTwoLines,
  ProvisioningError,
  readHeads,
  staleLines,
} from '../../../ledger/index.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';
import { storeProvisioning } from '../../support/store-provisioning.ts';

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

/** The faults for which something was refused; `null` when it was not. */
async function faultsOf(stored: Promise<unknown>): Promise<unknown> {
  try {
    await stored;
    return null;
  } catch (error) {
    if (error instanceof ProvisioningError) return error.faults;
    throw error;
  }
}

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
    expect(change).toMatchObject({
      newAccounts: ['A1', 'A2'],
      renamedAccounts: [],
      changedLines: ['L1', 'L2'],
      reach: null,
    });
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
    expect(change).toMatchObject({ newAccounts: [], renamedAccounts: [], changedLines: [], reach: null });
    expect(await factsOf('A1')).toBe(1);
  });

  it('replaces the facts of the lines given, and leaves the others', async () => {
    const changed = line('L2', 'A2', { networks: [{ from: NOVEMBER, to: DECEMBER, cidr: '192.0.2.0/24' }] });
    const before = await factsOf('A1');
    const change = await storeProvisioning(db, { accounts: [{ id: 'A2', name: 'Two' }], lines: [changed] });
    expect(change).toMatchObject({ newAccounts: [], renamedAccounts: ['A2'], changedLines: ['L2'], reach: null });
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

  const store = (...lines: readonly Line[]) => storeProvisioning(db, { accounts: ACCOUNTS, lines });

  describe('a number belongs to one line at most, at any instant', () => {
    const NUMBER = 33_140_000_777;
    const JANUARY = Date.UTC(2026, 11, 31, 23);
    const holder = (id: string, from: number, to = Infinity, number: number | null = NUMBER): Line =>
      line(id, 'A1', { spans: [{ ...SPAN, number, from, to }] });
    beforeAll(async () => {
      await store(holder('N1', NOVEMBER), holder('N2', NOVEMBER, Infinity, null));
    });

    it('over two imports as within one: named with both lines, the number and the span', async () => {
      expect(await faultsOf(store(holder('N2', DECEMBER, JANUARY)))).toEqual([
        {
          code: 'number-of-two-lines',
          line: 'N2',
          spanFrom: DECEMBER,
          other: 'N1',
          otherFrom: NOVEMBER,
          otherTo: Infinity,
          number: NUMBER,
          from: DECEMBER,
          to: JANUARY,
        },
      ]);
      expect(
        await faultsOf(store(holder('N3', NOVEMBER, Infinity, 1), holder('N4', DECEMBER, Infinity, 1))),
      ).toMatchObject([{ line: 'N4', other: 'N3' }]);
      expect((await storedLines()).map(({ id }) => id)).not.toContain('N3');
    });

    it('a hand-over works in any order of lines within one import', async () => {
      await store(holder('N2', DECEMBER), holder('N1', NOVEMBER, DECEMBER));
      await store(holder('N1', NOVEMBER), holder('N2', NOVEMBER, Infinity, null));
      const { changedLines } = await store(holder('N1', NOVEMBER, DECEMBER), holder('N2', DECEMBER));
      expect(changedLines).toEqual(['N1', 'N2']);
    });

    it('and over two imports when the first ends it; not when the second would', async () => {
      await store(holder('N2', NOVEMBER, Infinity, null));
      await store(holder('N1', NOVEMBER));
      expect(await faultsOf(store(holder('N2', DECEMBER)))).toHaveLength(1);
      await store(holder('N1', NOVEMBER, DECEMBER));
      await store(holder('N2', DECEMBER));
      // The span of the past that is shortened may be taken by the other; to have it back is refused.
      expect(await faultsOf(store(holder('N1', NOVEMBER)))).toMatchObject([{ line: 'N1', other: 'N2' }]);
    });

    it('two imports at once: one of them is refused, whichever buckets they write to', async () => {
      const both = await Promise.all(
        [line('R1', 'A1'), line('R2', 'A2')].map((one) =>
          faultsOf(store({ ...one, spans: [{ ...SPAN, from: NOVEMBER, to: Infinity, number: 33_140_000_888 }] })),
        ),
      );
      expect(both.filter((faults) => faults === null)).toHaveLength(1);
      expect(both.filter((faults) => faults !== null)).toMatchObject([[{ code: 'number-of-two-lines' }]]);
    });

    it('whoever writes to the table otherwise: the database refuses it', async () => {
      const forced = db.query(
        `insert into line_fact (bucket, line, valid_from, number, usage_class, mobility, equipment)
         select l.bucket, l.no, '2026-12-15Z', ${NUMBER}, 'business', 'off', 'managed' from line l where l.id = 'N1'`,
      );
      await expect(forced).rejects.toMatchObject({ constraint: 'line_fact_number_is_of_one_line' });
      const moved = db.query(`update line_fact set valid_to = null from line l where l.no = line and l.id = 'N1'`);
      await expect(moved).rejects.toMatchObject({ constraint: 'line_fact_number_is_of_one_line' });
    });

    it('one number is not the id of another line in force, in no notation', async () => {
      const options = { numberOfId: (id: string) => (/^0\d{9}$/.test(id) ? Number(`33${id.slice(1)}`) : null) };
      const own = {
        ...holder('0140000555', NOVEMBER),
        spans: [{ ...SPAN, number: 33_140_000_555, from: NOVEMBER, to: DECEMBER }],
      };
      await storeProvisioning(db, { accounts: ACCOUNTS, lines: [own] }, options);
      const other = (from: number) =>
        storeProvisioning(db, { accounts: [], lines: [holder('N9', from, Infinity, 33_140_000_555)] }, options);
      await other(DECEMBER);
      const longer = { ...own, spans: [{ ...own.spans[0]!, number: null, to: JANUARY }] };
      expect(await faultsOf(storeProvisioning(db, { accounts: [], lines: [longer] }, options))).toMatchObject([
        { code: 'number-is-an-id', line: '0140000555', other: 'N9', from: DECEMBER, to: JANUARY },
      ]);
    });

    it('those of before are told by name, and left as they are', async () => {
      await db.exec('alter table line_fact disable trigger user');
      await db.exec(`update line_fact set valid_to = null from line l where l.no = line and l.id = 'N1'`);
      await db.exec('alter table line_fact enable trigger user');
      expect(await numbersOfTwoLines(db)).toMatchObject([
        { number: NUMBER, holder: { line: 'N1' }, other: { line: 'N2' }, from: DECEMBER, to: Infinity },
      ]);
      // The same facts again are no change; what mends it is taken.
      await store(holder('N2', DECEMBER));
      await store(holder('N1', NOVEMBER, DECEMBER));
      expect(await numbersOfTwoLines(db)).toEqual([]);
    });
  });
});
