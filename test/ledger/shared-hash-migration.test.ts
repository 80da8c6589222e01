import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { callKey, unreadableKey } from '../../engine/settling/record-keys.ts';
import { type Database, findQuarantined, migrate, readMigrations } from '../../ledger/index.ts';
import { DATABASE_KINDS, openEmptyTestDatabase } from '../support/test-database.ts';

const BROKEN = '{"v":1,';
const CALLS = [
  { switch: 'sbc', call: 'é-\u{1F600}', leg: 'a' },
  { switch: 'sbc', call: 'c"1\\', leg: undefined },
] as const;

describe.each(DATABASE_KINDS)('migration 0003 on %s, of a ledger with records in quarantine', (kind) => {
  let db: Database;
  afterEach(() => db.close());

  it('has calls found by who they are, and what could not be read wait once', async () => {
    db = await openEmptyTestDatabase(kind);
    const all = await readMigrations();
    await migrate(db, all.slice(0, 2));
    const cdrs = CALLS.map((call) => JSON.stringify({ v: 1, ...call, line: 'L1', to: '15' }));
    const digests = cdrs.map((cdr) => createHash('md5').update(cdr).digest('hex').slice(0, 16));
    for (const [index, cdr] of cdrs.entries()) {
      await db.query(
        `insert into quarantine (source, partition, position, format, reason, detail, record, cdr, identity, content)
         values ('s', 0, 0, 'canonical-ndjson', 'unknown-line', '', $1, $1, $2, $3)`,
        [Buffer.from(cdr), index, digests[index]!],
      );
    }
    const states = ['rated', 'waiting', 'waiting', 'superseded', 'waiting'];
    for (const [position, state] of states.entries()) {
      await db.query(
        `insert into quarantine (source, partition, position, format, reason, detail, record, state)
         values ('s', 0, $1, $2, 'not-json', '', $3, $4)`,
        [position, position === 4 ? 'asterisk-json' : 'canonical-ndjson', Buffer.from(BROKEN), state],
      );
    }
    await migrate(db, all);
    for (const [index, { leg, ...call }] of CALLS.entries()) {
      const key = callKey({ switchId: call.switch, callId: call.call, legId: leg ?? '' });
      expect((await findQuarantined(db, [key])).map(({ identity }) => identity)).toEqual([BigInt(index)]);
    }
    const unread = await db.query<{ state: string; arrivals: bigint; record_key: Buffer | null }>(
      'select state, arrivals, record_key from quarantine where cdr is null order by no',
    );
    expect(unread.map(({ state, arrivals }) => `${state} ${arrivals}`)).toEqual([
      'rated 1',
      'waiting 2',
      'superseded 1',
      'superseded 1',
      'waiting 1',
    ]);
    expect(unread.map(({ record_key: key }) => key?.toString('hex') ?? null)).toEqual([
      null,
      unreadableKey('canonical-ndjson', Buffer.from(BROKEN), null).toString('hex'),
      null,
      null,
      unreadableKey('asterisk-json', Buffer.from(BROKEN), null).toString('hex'),
    ]);
  });
});
