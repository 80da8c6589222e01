import { describe, expect, inject, it } from 'vitest';
import { createAsteriskCsv } from '../../../formats/asterisk/asterisk-csv.ts';
import { createFreeSwitchJson } from '../../../formats/freeswitch/freeswitch-json.ts';
import type { SwitchSettings } from '../../../formats/call/told-call.ts';
import { type Format, openFormat } from '../../../formats/index.ts';
import { type Database, openDatabase } from '../../../ledger/index.ts';
import { compileCivilTime } from '../../../tariffs/index.ts';
import { fullIllimite } from '../../rules/full-illimite-for-test.ts';
import { asteriskRow } from '../../support/asterisk-rows.ts';
import { freeSwitchLeg } from '../../support/freeswitch-legs.ts';
import { LedgerUnderTest } from '../../support/ledger-under-test.ts';
import { DECK_OF_CALLS, LINES_OF_CALLS, legDelivery } from '../../support/legs-under-test.ts';
import { billedCalls } from '../../support/posted-ledger.ts';
import { createTestDatabase } from '../../support/test-database.ts';

interface Records {
  readonly name: string;
  readonly rows: readonly string[];
  readonly formatWith: (settings: SwitchSettings) => Format;
}

const ANSWERED_AT = Date.UTC(2026, 10, 3, 10) / 1000;

/** Calls of a minute: with `TOO_SHORT` as the longest call they can't be decided. */
const CALLS: readonly Records[] = [
  {
    name: 'Asterisk, a forward',
    rows: [
      asteriskRow({ account: '200', from: 'Local/FMPR-300@in-00000001;2', to: 'PJSIP/op-00000002' }),
      asteriskRow({
        account: '200',
        dst: '300',
        to: 'Local/FMPR-300@in-00000001;1',
        data: 'Local/FMPR-300@in,20',
      }),
    ],
    formatWith: (settings) =>
      createAsteriskCsv({ switchId: 'pbx', clock: compileCivilTime('UTC'), trunks: ['PJSIP/op'], ...settings }),
  },
  {
    name: 'Kamailio, INVITE and BYE',
    rows: [
      `INVITE|a|b|call-1@host|200|OK|${ANSWERED_AT}|300|0612345678`,
      `BYE|a|b|call-1@host|200|OK|${ANSWERED_AT + 60}||`,
    ],
    formatWith: (settings) => {
      const told = { switchId: 'proxy', extraColumns: ['auth_user', 'ruri_user'], ...settings };
      const opened = openFormat(Buffer.from('INVITE|a|b|c|200|OK|1||'), { format: 'kamailio-acc', told });
      if (opened.kind !== 'format') throw new Error(JSON.stringify(opened));
      return opened.format;
    },
  },
  {
    name: 'FreeSWITCH, two legs',
    rows: [
      freeSwitchLeg({ uuid: 'a', role: 'caller', variables: { sip_auth_username: '300' } }),
      freeSwitchLeg({ uuid: 'b', call: 'a', role: 'carrier', madeFor: 'a' }),
    ],
    formatWith: (settings) => createFreeSwitchJson(settings),
  },
];

const TOO_SHORT = { longestCallMs: 1_000 };

async function onLedger(run: (ledger: LedgerUnderTest, db: Database) => Promise<void>): Promise<void> {
  const { url, drop } = await createTestDatabase(inject('postgres').template);
  const db = await openDatabase({ url });
  try {
    const ledger = await LedgerUnderTest.on(db, [fullIllimite()], DECK_OF_CALLS);
    await ledger.provision(LINES_OF_CALLS);
    await run(ledger, db);
  } finally {
    await db.close();
    await drop();
  }
}

async function waiting(db: Database): Promise<readonly string[]> {
  const rows = await db.query<{ reason: string }>(`select reason from quarantine where state = 'waiting'`);
  return rows.map(({ reason }) => reason);
}

describe.each(CALLS)('records that are read again with other settings: $name', ({ rows, formatWith }) => {
  const [good, bad] = [formatWith({}), formatWith(TOO_SHORT)];

  it('are duplicates where they were calls, and could not be decided now', () =>
    onLedger(async (ledger, db) => {
      const first = await ledger.engine.take(legDelivery(rows, 0, 'one', () => good));
      expect(first.get('rated\t')).toBe(1);
      const billed = await billedCalls(db);
      expect([...billed.values()]).toMatchObject([{ line: '300' }]);
      const again = await ledger.engine.take(legDelivery(rows, 0, 'two', () => bad));
      // Read with what was known, or as another copy of its leg: nothing is rated anew, and nothing waits.
      expect([...again.keys()].filter((key) => /^(?:rated|quarantined)/.test(key))).toEqual([]);
      expect(await waiting(db)).toEqual([]);
      expect(await billedCalls(db)).toEqual(billed);
      // Another process knows no more than the ledger.
      await ledger.otherEngine().take(legDelivery([...rows].toReversed(), 0, 'three', () => bad));
      expect(await waiting(db)).toEqual([]);
      expect(await billedCalls(db)).toEqual(billed);
    }));

  it('are rated where they could not be decided before', () =>
    onLedger(async (ledger, db) => {
      await ledger.engine.take(legDelivery(rows, 0, 'one', () => bad));
      expect(await waiting(db)).toContain('call-too-long');
      await ledger.engine.take(legDelivery(rows, 0, 'two', () => good));
      expect(await waiting(db)).toEqual([]);
      expect([...(await billedCalls(db)).values()]).toMatchObject([{ line: '300' }]);
    }));
});

it('a record with the id of a call and other bytes waits where it can not be decided', () =>
  onLedger(async (ledger, db) => {
    const [{ formatWith }] = CALLS as [Records, ...Records[]];
    const row = { from: 'PJSIP/300-00000001', account: '300', sequence: 7 };
    const format = formatWith({ longestCallMs: 100_000 });
    await ledger.engine.take(legDelivery([asteriskRow(row)], 0, 'one', () => format));
    const other = asteriskRow({ ...row, seconds: 200 });
    await ledger.engine.take(legDelivery([other], 0, 'two', () => format));
    expect(await waiting(db)).toEqual(['call-too-long']);
    expect((await billedCalls(db)).size).toBe(1);
  }));
