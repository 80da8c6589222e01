import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Database, ProvisioningError, openDatabase } from '../../ledger/index.ts';
import type { Line } from '../../rater/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { LedgerUnderTest, deliveryOf } from '../support/ledger-under-test.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { runCommand } from '../bin/run-command.ts';
import { storeProvisioning } from '../support/store-provisioning.ts';

const DECK = 'prefix,price_per_minute\n33,0.02\n336,0.09\n';
const FIRST_NUMBER = 33_140_100_000;
const ROUNDS = 25;
const CALLS_A_BATCH = 20;

/** A line of an account of its own, so that it is in a bucket of its own; with this number, or none. */
function line(id: string, number: number | null): Line {
  const span = {
    from: 0,
    to: Infinity,
    number,
    offer: 'full-illimite',
    usageClass: 'business',
    mobility: 'off',
    equipment: 'managed',
  } as const;
  return { id, account: `A-${id}`, spans: [span], devices: [], networks: [] };
}

function accountsOf(lines: readonly Line[]) {
  return lines.map(({ account }) => ({ id: account, name: account }));
}

describe('imports that race, on one PostgreSQL with a worker that rates', () => {
  let url: string;
  let drop: () => Promise<void>;
  let db: Database;
  let importers: Database[];
  beforeAll(async () => {
    ({ url, drop } = await createTestDatabase(inject('postgres').template));
    db = await openDatabase({ url });
    importers = await Promise.all([openDatabase({ url }), openDatabase({ url })]);
  });
  afterAll(async () => {
    await Promise.all([db, ...importers].map((each) => each.close()));
    await drop();
  });

  it('a number comes to one line, and every call that names it to that line, in whatever order', async () => {
    const ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK);
    const worker = ledger.otherEngine(importers[0]);
    let position = 0;
    const race = new AbortController();
    const rating = (async () => {
      for (let batch = 0; !race.signal.aborted; batch++) {
        const texts = Array.from({ length: CALLS_A_BATCH }, (_, index) => callNaming(batch, index));
        const delivery = deliveryOf(texts, position, 'race');
        position = delivery.to;
        await worker.take(delivery);
      }
    })();
    const outcomes: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const number = FIRST_NUMBER + round;
      const rivals = ['X', 'Y'].map((name) => line(`${name}${round}`, number));
      const stored = await Promise.all(rivals.map((rival, which) => store(importers[which]!, rival)));
      outcomes.push(stored.filter(Boolean).length);
    }
    race.abort();
    await rating;
    await worker.catchUp();
    expect(outcomes).toEqual(Array.from({ length: ROUNDS }, () => 1));
    const wrong = await db.query(
      `select e.line from ledger_entry e join line l on l.id = e.line join line_fact f on f.line = l.no
       where (e.cdr::json ->> 'line') <> '+' || f.number`,
    );
    expect(wrong).toEqual([]);
    // Every call was rated in the end: none waits for a line that is there.
    const waiting = await db.query(`select no from quarantine where state = 'waiting'`);
    expect(waiting).toEqual([]);
  });

  it('hand-overs of one number to and fro leave each call with the line that had it at its start', async () => {
    const ledger = await LedgerUnderTest.on(db, [], DECK);
    const days = Array.from({ length: 8 }, (_, day) => Date.UTC(2026, 10, 2 + day));
    const spans = (own: number) => ({
      ...line(`H${own}`, null),
      spans: days.slice(0, -1).map((from, index) => ({
        ...line('', index % 2 === own ? 33_140_199_999 : null).spans[0]!,
        from,
        to: days[index + 1]!,
      })),
    });
    const lines = [spans(1), spans(0)];
    await storeProvisioning(db, { accounts: accountsOf(lines), lines });
    const calls = days.slice(0, -1).flatMap((from, index) => [from, days[index + 1]! - 1]);
    await ledger.deliver(calls.map((start, index) => call(`h${index}`, '0140199999', start)));
    const rows = await db.query<{ line: string }>(
      `select line from ledger_entry where line in ('H0', 'H1') order by started_at`,
    );
    expect(rows.map((each) => each.line)).toEqual(calls.map((_, index) => `H${Math.floor(index / 2) % 2}`));
  });
});

describe('fairtally lines import', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fairtally-facts-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function importRows(...rows: readonly string[]) {
    writeFileSync(join(folder, 'accounts.csv'), 'account,name\nA1,Dupont\nA2,Martin\n');
    const header = 'line,account,number,offer,usage_class,mobility,equipment,from,to';
    writeFileSync(join(folder, 'lines.csv'), `${[header, ...rows].join('\n')}\n`);
    return runCommand(folder, ['lines', 'import', '.']);
  }
  it('names both lines, the number, the span, file and line, in whatever notation the number is', async () => {
    expect((await importRows(row('L1', '+33140000001', '2026-01-01'))).exitCode).toBe(0);
    for (const notation of ['+33140000001', '+330140000001']) {
      const { exitCode, stderr } = await importRows('', row('L2', notation, '2026-03-01'));
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringContaining(
          `lines.csv:3: number: Cannot give number '+33140000001' to line 'L2': line 'L1' has it ` +
            `from 2026-01-01 00:00:00 to no end; both would have it from 2026-03-01 00:00:00 to no end`,
        ),
      ]);
    }
    // A line that is named by the number's text would be another one than the line that has the number.
    const { stderr } = await importRows(row('0140000001', '', '2026-03-01'));
    expect(stderr).toContain(`Cannot use lines '0140000001' and 'L1' together`);
  });

  it('hands a number over in any order of rows', async () => {
    const rows = [row('L2', '+33140000001', '2026-03-01'), row('L1', '+33140000001', '2026-01-01', '2026-03-01')];
    expect((await importRows(...rows)).exitCode).toBe(0);
    expect((await importRows(...rows.toReversed())).stdout).toContain('0 new or changed');
    const back = await importRows(row('L1', '+33140000001', '2026-01-01'));
    expect([back.exitCode, back.stderr]).toEqual([1, expect.stringContaining(`line 'L2' has it from 2026-03-01`)]);
  });
});

function row(id: string, number: string, from: string, to = ''): string {
  return `${id},A${id === 'L1' ? 1 : 2},${number},full-illimite,business,off,managed,${from},${to}`;
}

async function store(on: Database, rival: Line): Promise<boolean> {
  try {
    await storeProvisioning(on, { accounts: accountsOf([rival]), lines: [rival] });
    return true;
  } catch (error) {
    if (error instanceof ProvisioningError) return false;
    throw error;
  }
}

/** A call that names a line by one of the numbers of the race. */
function callNaming(batch: number, index: number): string {
  const number = FIRST_NUMBER + ((batch * 7 + index) % ROUNDS);
  return call(`c-${batch}-${index}`, `+${number}`, Date.UTC(2026, 10, 3, 8) + (batch * CALLS_A_BATCH + index) * 1000);
}

function call(id: string, named: string, start: number): string {
  const answered = new Date(start).toISOString();
  return JSON.stringify({ v: 1, switch: 's', call: id, line: named, to: '+33612345678', answered, durationMs: 61_000 });
}
