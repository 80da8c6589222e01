import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, ensurePeriod, makePeriods, waitingMonths, waitingQuarantine } from '../../../ledger/index.ts';
import type { Line } from '../../../rater/index.ts';
import type { Offer } from '../../../rules/index.ts';
import { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import { billedCalls } from '../../support/posted-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';
import { ENGINE_KINDS } from '../../support/runs.ts';
import type { DatabaseKind } from '../../support/test-database.ts';

const OFFER: Offer = JSON.parse(
  readFileSync(new URL('../../../rules/offers/full-illimite.json', import.meta.url), 'utf8'),
);
const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n';
const DAY = 86_400_000;
const RECEIVED = Date.parse('2026-11-20T12:00:00Z');

const LINE: Line = {
  id: 'L1',
  account: 'A1',
  spans: [
    {
      from: 0,
      to: Infinity,
      number: 33_140_000_001,
      offer: OFFER.id,
      usageClass: 'business',
      mobility: 'off',
      equipment: 'managed',
    },
  ],
  devices: [],
  networks: [],
};

function record(call: string, answered: number | string, given: object = {}): string {
  const at = typeof answered === 'number' ? new Date(answered).toISOString() : answered;
  const fields = { v: 1, switch: 'sbc', call, line: 'L1', to: '+33612345678', answered: at, durationMs: 61_000 };
  return JSON.stringify({ ...fields, ...given });
}

const servers = new Map<DatabaseKind, LedgerServer>();
let db: Database;
beforeAll(async () => {
  for (const kind of ENGINE_KINDS) servers.set(kind, await openLedgerServer(kind));
});
afterAll(async () => {
  for (const server of servers.values()) await server.close();
});

async function open(kind: DatabaseKind): Promise<LedgerUnderTest> {
  const ledger = await LedgerUnderTest.open(servers.get(kind)!, [OFFER], DECK);
  ({ db } = ledger);
  await ledger.provision([LINE]);
  return ledger;
}

/** The calls that are billed, and what waits, each as `call reason`. */
async function state(): Promise<{ readonly billed: string[]; readonly waiting: string[] }> {
  const billed = [...(await billedCalls(db)).keys()].map((identity) => String(JSON.parse(identity)[1])).toSorted();
  const rows = await db.query<{ call: string; reason: string }>(
    `select convert_from(cdr, 'UTF8')::json ->> 'call' as call, reason from quarantine where state = 'waiting'
     order by 1, 2`,
  );
  return { billed, waiting: rows.map(({ call, reason }) => `${call} ${reason}`) };
}

async function partitions(): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'entry'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe.each(ENGINE_KINDS)('a start on %s', (kind) => {
  it('is plausible from 400 days before to a day after the record reached its source, to the millisecond', async () => {
    const ledger = await open(kind);
    const [from, to] = [RECEIVED - 400 * DAY, RECEIVED + DAY];
    const texts = [record('first', from), record('early', from - 1), record('last', to), record('late', to + 1)];
    const counts = await ledger.deliver(
      texts,
      Array.from(texts, () => RECEIVED),
    );
    expect(Object.fromEntries(counts)).toMatchObject({ 'rated\t': 2, 'quarantined\tstart-implausible': 2 });
    expect(await state()).toEqual({
      billed: ['first', 'last'],
      waiting: ['early start-implausible', 'late start-implausible'],
    });
    const [kept] = await waitingQuarantine(db, { reason: 'start-implausible', afterNo: 0, limit: 1 });
    expect(kept?.receipt).toEqual({ receivedAt: RECEIVED, startsFrom: from, startsTo: to });
    expect(kept?.detail).toBe(
      "Cannot rate call 'early': its start '2025-10-16T11:59:59.999Z' is not from '2025-10-16T12:00:00.000Z' to " +
        "'2026-11-21T12:00:00.000Z', as its source had the record at '2026-11-20T12:00:00.000Z'",
    );
  });

  it('makes no month where it is implausible, and does not hinder the calls around it', async () => {
    const ledger = await open(kind);
    const wrong = Array.from({ length: 48 }, (_, month) => record(`w${month}`, Date.UTC(2040, month, 2, 8)));
    const texts = wrong.flatMap((text, index) => [text, record(`g${index}`, RECEIVED - index * 1000)]);
    await ledger.deliver(
      texts,
      Array.from(texts, () => RECEIVED),
    );
    expect(await partitions()).toEqual(['entry_202611']);
    const { billed, waiting } = await state();
    expect([billed.length, waiting.length]).toEqual([48, 48]);
    // Neither facts that change nor a replay release it.
    await ledger.provision([{ ...LINE, spans: LINE.spans.map((span) => ({ ...span, mobility: 'unknown' as const })) }]);
    await ledger.engine.replay(null);
    await ledger.sweep();
    expect((await state()).waiting).toHaveLength(48);
    expect(await partitions()).toEqual(['entry_202611']);
  });

  it.each([
    ['plausible first', [RECEIVED + 20 * DAY, RECEIVED], false],
    ['implausible first', [RECEIVED, RECEIVED + 20 * DAY], false],
    ['no receipt first', [null, RECEIVED], false],
    ['no receipt last', [RECEIVED, null], true],
    ['implausible first, then a restart', [RECEIVED, RECEIVED + 20 * DAY], true],
  ])('of one record that comes twice is plausible if one receipt says so: %s', async (_, receipts, restarts) => {
    const ledger = await open(kind);
    const text = record('twice', RECEIVED + 20 * DAY);
    for (const receipt of receipts) {
      await ledger.deliver([text], [receipt]);
      if (restarts) await ledger.restart();
    }
    expect(await state()).toEqual({ billed: ['twice'], waiting: [] });
    const both = await ledger.deliver([text, text], [...receipts].toReversed());
    expect(both.get('duplicate\t')).toBe(2);
    expect(await state()).toEqual({ billed: ['twice'], waiting: [] });
  });

  it.each([['in one batch'], ['in two']])('of one record that comes twice %s', async (how) => {
    const ledger = await open(kind);
    const text = record('twice', RECEIVED + 20 * DAY);
    if (how === 'in one batch') await ledger.deliver([text, text], [RECEIVED, RECEIVED + 20 * DAY]);
    else for (const receipt of [RECEIVED, RECEIVED + 20 * DAY]) await ledger.deliver([text], [receipt]);
    expect(await state()).toEqual({ billed: ['twice'], waiting: [] });
  });

  it('that is implausible does not compete: the other record of the identity is billed, in any order', async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const ledger = await open(kind);
      const texts = [record('same', RECEIVED), record('same', RECEIVED + 9 * DAY, { revision: 3, durationMs: 1 })];
      for (const which of order) await ledger.deliver([texts[which] ?? ''], [RECEIVED]);
      expect(await state()).toEqual({ billed: ['same'], waiting: ['same start-implausible'] });
    }
  });

  it('is released by a wider window, or by a person, on record; and then waits for what else it lacks', async () => {
    const ledger = await open(kind);
    const texts = [
      record('a', RECEIVED + 9 * DAY),
      record('b', RECEIVED + 9 * DAY, { line: 'L9' }),
      record('c', '2044-03-01T00:00:00Z'),
    ];
    await ledger.deliver(
      texts,
      Array.from(texts, () => RECEIVED),
    );
    await ledger.engine.replay('start-implausible', ({ cdr }) => !String(cdr).includes('2044'));
    expect(await state()).toEqual({ billed: ['a'], waiting: ['b unknown-line', 'c start-implausible'] });
    const [kept] = await waitingQuarantine(db, { reason: 'start-implausible', afterNo: 0, limit: 1 });
    await ledger.engine.accept([kept!], { acceptedBy: 'A. Martin', note: 'a test call' });
    expect(await state()).toEqual({ billed: ['a', 'c'], waiting: ['b unknown-line'] });
    expect(await db.query('select quarantine, accepted_by, note from start_acceptance')).toEqual([
      { quarantine: BigInt(kept?.no ?? 0), accepted_by: 'A. Martin', note: 'a test call' },
    ]);
    await expect(db.query('delete from start_acceptance')).rejects.toMatchObject({ code: 'append-only' });
  });
});

describe.each(ENGINE_KINDS)('a month that can not be made, on %s', (kind) => {
  it('has its calls wait, and no others; once it is there they are rated by themselves', async () => {
    const ledger = await open(kind);
    // No more months are made for records than this; a person makes as many as he likes.
    await makePeriods(db, monthsFrom(202_001, 60));
    const texts = [record('now', RECEIVED), record('stray', '2044-03-01T00:00:00Z'), record('unread', 'x')];
    const counts = await ledger.deliver([record('old', '2024-05-01T00:00:00Z'), ...texts]);
    expect(Object.fromEntries(counts)).toMatchObject({ 'rated\t': 1, 'quarantined\tmonth-not-prepared': 2 });
    expect(await waitingMonths(db)).toEqual([202_611, 204_403]);
    await ledger.engine.catchUp();
    expect(ledger.engine.waitedMonths).toEqual([202_611, 204_403]);
    expect((await state()).billed).toEqual(['old']);
    await ledger.deliver([record('again', RECEIVED), record('now', RECEIVED)]);
    await makePeriods(db, [202_611]);
    await ledger.restart();
    await ledger.engine.catchUp();
    expect((await state()).billed).toEqual(['again', 'now', 'old']);
    await ledger.deliver([record('third', RECEIVED)]);
    expect((await state()).billed).toEqual(['again', 'now', 'old', 'third']);
    expect(await waitingMonths(db)).toEqual([204_403]);
  });

  it('is the one with fewest calls, where there is room for some only', async () => {
    const ledger = await open(kind);
    await makePeriods(db, monthsFrom(202_001, 58));
    const wrong = Array.from({ length: 70 }, (_, month) => record(`w${month}`, Date.UTC(2030, month, 2, 8)));
    const good = Array.from({ length: 3 }, (_, index) => record(`g${index}`, RECEIVED + index));
    await ledger.deliver([...wrong, ...good]);
    expect((await state()).billed).toEqual(expect.arrayContaining(['g0', 'g1', 'g2']));
    expect(await partitions()).toHaveLength(60);
    expect(await ensurePeriod(db, 205_001)).toBe(false);
  });
});

function monthsFrom(first: number, count: number): number[] {
  const months: number[] = [];
  for (let month = first; months.length < count; month = month % 100 === 12 ? month + 89 : month + 1)
    months.push(month);
  return months;
}
