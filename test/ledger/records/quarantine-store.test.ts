import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Database,
  type NewQuarantinedRecord,
  addQuarantine,
  changeQuarantine,
  countQuarantine,
  countWaiting,
  findQuarantined,
  waitingQuarantine,
} from '../../../ledger/index.ts';
import { DATABASE_KINDS, openTestDatabase } from '../../support/test-database.ts';

const BROKEN: NewQuarantinedRecord = {
  source: 'file:calls.ndjson',
  partition: 0,
  position: 5_000_000_000,
  item: 41,
  format: 'canonical-ndjson',
  reason: 'malformed-record',
  detail: "Cannot read field 'to': '\0'",
  record: Buffer.from([0, 255, 92, 34, 13, 10]),
  identity: null,
  content: null,
  cdr: null,
  callKey: null,
  recordKey: keyOf('broken'),
  state: 'waiting',
  receipt: null,
};
const UNKNOWN: NewQuarantinedRecord = {
  ...BROKEN,
  reason: 'unknown-line',
  detail: 'é',
  identity: -(2n ** 63n),
  content: '00ff',
  cdr: Buffer.from('{"call":"é"}'),
  receipt: { receivedAt: Date.UTC(2026, 10, 3), startsFrom: 0, startsTo: Infinity },
  callKey: keyOf('call'),
  recordKey: keyOf('record'),
};

function keyOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** As it is read again: what it is found by stays in the ledger. */
function withoutKeys({ callKey: _call, recordKey: _record, ...record }: NewQuarantinedRecord): object {
  return record;
}

describe.each(DATABASE_KINDS)('quarantine on %s', (kind) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase(kind);
    const many = Array.from({ length: 25 }, (_, index) => ({
      ...UNKNOWN,
      position: index,
      identity: BigInt(index),
      callKey: keyOf(`call ${index}`),
      recordKey: keyOf(`record ${index}`),
    }));
    const superseded: NewQuarantinedRecord = {
      ...UNKNOWN,
      recordKey: keyOf('superseded'),
      state: 'superseded',
      reason: 'superseded',
    };
    await db.transaction(async (tx) => {
      await addQuarantine(tx, []);
      await addQuarantine(tx, [BROKEN, UNKNOWN, ...many, superseded]);
    });
  });
  afterAll(() => db.close());

  it('keeps every record with its bytes', async () => {
    const [broken, unknown] = await waitingQuarantine(db, { reason: null, afterNo: 0, limit: 2 });
    const detail = String.raw`Cannot read field 'to': '\0'`;
    expect(broken).toEqual({ ...withoutKeys(BROKEN), no: broken?.no, detail });
    expect(unknown).toEqual({ ...withoutKeys(UNKNOWN), no: unknown?.no });
  });

  it('counts by reason and state', async () => {
    expect(await countQuarantine(db)).toEqual([
      { reason: 'unknown-line', state: 'waiting', records: 26 },
      { reason: 'malformed-record', state: 'waiting', records: 1 },
      { reason: 'superseded', state: 'superseded', records: 1 },
    ]);
  });

  it('pages through what waits for one reason', async () => {
    const positions: number[] = [];
    let afterNo = 0;
    for (;;) {
      const page = await waitingQuarantine(db, { reason: 'unknown-line', afterNo, limit: 10 });
      if (page.length === 0) break;
      positions.push(...page.map(({ position }) => position));
      afterNo = page.at(-1)?.no ?? 0;
    }
    expect(positions).toEqual([UNKNOWN.position, ...Array.from({ length: 25 }, (_, index) => index)]);
  });

  it('finds the records of calls in every state, and says what became of them', async () => {
    const keys = [keyOf('call'), keyOf('call 3')];
    const found = await findQuarantined(db, keys);
    expect(found.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'superseded']);
    const changes = found.map(({ no }) => ({ no, reason: 'conflict', state: 'rated' as const, detail: 'x' }));
    await db.transaction((tx) => changeQuarantine(tx, changes));
    const changed = await findQuarantined(db, keys);
    expect(changed.map(({ reason, state, detail }) => ({ reason, state, detail }))).toEqual(
      changes.map(() => ({ reason: 'conflict', state: 'rated', detail: 'x' })),
    );
    expect(await findQuarantined(db, [])).toEqual([]);
  });

  it('refuses a state that there is not', async () => {
    const statement = `update quarantine set state = 'gone'`;
    await expect(db.query(statement)).rejects.toMatchObject({ constraint: 'quarantine_state' });
  });

  it('keeps a record once that another worker set aside, too, unless the first was rated since', async () => {
    const again = { ...UNKNOWN, callKey: keyOf('again'), recordKey: keyOf('again'), position: 7 };
    const own = [again.callKey];
    const states = async (): Promise<string[]> => (await findQuarantined(db, own)).map(({ state }) => state);
    const add = () => db.transaction((tx) => addQuarantine(tx, [again]));
    await add();
    await add();
    expect(await states()).toEqual(['waiting']);
    const [first] = await findQuarantined(db, own);
    const rated = { no: first?.no ?? 0, reason: 'unknown-line', state: 'rated' } as const;
    await db.transaction((tx) => changeQuarantine(tx, [rated]));
    await add();
    expect(await states()).toEqual(['rated', 'waiting']);
  });

  it('says how many wait, by reason, and since when, from an index alone', async () => {
    const before = Date.now();
    const own = { ...BROKEN, reason: 'own-reason', position: 1 };
    const add = (recordKey: Buffer) => db.transaction((tx) => addQuarantine(tx, [{ ...own, recordKey }]));
    const waiting = async () => (await countWaiting(db)).find(({ reason }) => reason === 'own-reason');
    expect(await waiting()).toBeUndefined();
    await add(keyOf('own 1'));
    await add(keyOf('own 2'));
    const first = await waiting();
    expect(first).toEqual({ reason: 'own-reason', records: 2, oldestAt: expect.any(Number) });
    expect(Math.abs((first?.oldestAt ?? 0) - before)).toBeLessThan(60_000);
    // One that comes again has waited since it came first.
    await add(keyOf('own 1'));
    expect(await waiting()).toEqual(first);

    const plan = await db.transaction(async (tx) => {
      await tx.query('set local enable_seqscan = off');
      const lines = await tx.query<Record<string, string>>(
        `explain select reason, count(*), min(set_aside_at) from quarantine where state = 'waiting' group by reason`,
      );
      return lines.flatMap((line) => Object.values(line)).join('\n');
    });
    expect(plan).toContain('quarantine_waiting');

    const nos = (await db.query<{ no: bigint }>(`select no from quarantine where reason = 'own-reason'`)).map(
      ({ no }) => no,
    );
    await db.transaction((tx) =>
      changeQuarantine(
        tx,
        nos.map((no) => ({ no: Number(no), reason: 'own-reason', state: 'superseded' as const })),
      ),
    );
    expect(await waiting()).toBeUndefined();
  });
});
