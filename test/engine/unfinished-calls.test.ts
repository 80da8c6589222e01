import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, inject, it } from 'vitest';
import { UndecodedRecord, lazyDelivery } from '../../engine/delivery.ts';
import { type Format, openFormat } from '../../formats/index.ts';
import { countQuarantine, openDatabase } from '../../ledger/index.ts';
import { fullIllimite } from '../rules/full-illimite-for-test.ts';
import { LedgerUnderTest } from '../support/ledger-under-test.ts';
import { billedCalls } from '../support/posted-ledger.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { lineOf } from './ledger-of-lines.ts';

const ANSWERED_AT = Date.UTC(2026, 10, 3, 10) / 1000;
const CALLS_A_BATCH = 2_500;
/** What memory may keep of an unfinished call: its leg alone, its id and what it says, takes hundreds of bytes. */
const MOST_BYTES_A_CALL = 24;

function invite(call: number): string {
  return `INVITE|a|b|call-${call}@host|200|OK|${ANSWERED_AT}|L1|0612345678`;
}

function bye(call: number): string {
  return `BYE|a|b|call-${call}@host|200|OK|${ANSWERED_AT + 60}||`;
}

function kamailio(): Format {
  const told = { switchId: 'proxy', extraColumns: ['auth_user', 'ruri_user'] };
  const opened = openFormat(Buffer.from(invite(0)), { format: 'kamailio-acc', told });
  if (opened.kind !== 'format') throw new Error(JSON.stringify(opened));
  return opened.format;
}

/** Bytes of the heap that are reachable. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

it('memory holds nothing of calls that are not finished, however many there are; the ledger does', async () => {
  const { url, drop } = await createTestDatabase(inject('postgres').template);
  const db = await openDatabase({ url });
  try {
    const ledger = await LedgerUnderTest.on(db, [fullIllimite()], 'prefix,price_per_minute\n336,0.09\n');
    await ledger.provision([lineOf('L1', 'A1')]);
    const format = kamailio();
    let position = 0;
    const take = async (rows: readonly string[]): Promise<void> => {
      const from = position;
      position += rows.length;
      const stretch = { source: 'acc', partition: 0, format: format.id, from, to: position, prefixHash: null };
      const records = rows.map((row, index) => {
        const bytes = Buffer.from(row);
        return new UndecodedRecord(format, bytes, 0, bytes.length, from + index, 0);
      });
      await ledger.engine.take(lazyDelivery({ ...stretch, hasLegs: true }, () => records));
    };
    const takeCalls = async (from: number, to: number): Promise<void> => {
      for (let first = from; first < to; first += CALLS_A_BATCH) {
        await take(Array.from({ length: CALLS_A_BATCH }, (_, index) => invite(first + index)));
      }
    };
    await takeCalls(0, 10_000);
    const before = heapInUse();
    await takeCalls(10_000, 50_000);
    const grown = heapInUse() - before;
    expect(grown / 40_000).toBeLessThan(MOST_BYTES_A_CALL);
    expect(await countQuarantine(db)).toEqual([{ reason: 'half-a-call', state: 'waiting', records: 50_000 }]);
    await take([bye(3), bye(33_333), bye(49_999)]);
    expect((await billedCalls(db)).size).toBe(3);
    expect(await countQuarantine(db)).toContainEqual({ reason: 'half-a-call', state: 'rated', records: 3 });
  } finally {
    await db.close();
    await drop();
  }
}, 300_000);
