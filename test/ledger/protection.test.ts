import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, ensurePeriod } from '../../ledger/index.ts';
import { postEntries, testEntry } from '../support/entries.ts';
import { DATABASE_KINDS, openTestDatabase } from '../support/test-database.ts';

/**
 * What may be done to the rows of a table, even by its owner: which columns may change, and whether rows may be
 * removed.
 */
interface Protection {
  readonly mayChange: 'all' | readonly string[];
  readonly mayRemove: boolean;
}

const NOTHING: Protection = { mayChange: [], mayRemove: false };
const ALL: Protection = { mayChange: 'all', mayRemove: true };

/** Every table: one that is new must be named here, and so must what may be done to it. */
const TABLES: Readonly<Record<string, Protection>> = {
  account: { mayChange: ['name'], mayRemove: false },
  api_key: { mayChange: 'all', mayRemove: false },
  audit_record: NOTHING,
  webhook_delivery: { mayChange: 'all', mayRemove: false },
  webhook_endpoint: { mayChange: 'all', mayRemove: false },
  breach: { mayChange: 'all', mayRemove: false },
  call_leg: NOTHING,
  // A copy of what entries say: it may be thrown away.
  call_stretch: { mayChange: [], mayRemove: true },
  case_act: NOTHING,
  case_event: NOTHING,
  case_file: { mayChange: 'all', mayRemove: false },
  closed_breach: NOTHING,
  copy_start: NOTHING,
  idempotency_key: NOTHING,
  decision: NOTHING,
  deck_schedule: NOTHING,
  destination: NOTHING,
  entry: NOTHING,
  feed_consumer: ALL,
  head: { mayChange: 'all', mayRemove: false },
  hole_settlement: NOTHING,
  ledger_home: ALL,
  leg_head: ALL,
  ledger_life: NOTHING,
  ledger_life_start: NOTHING,
  line: NOTHING,
  account_change: NOTHING,
  line_change: NOTHING,
  line_device: ALL,
  line_fact: ALL,
  line_network: ALL,
  line_suspension: ALL,
  migration: NOTHING,
  numbering_plan: NOTHING,
  number_repair: NOTHING,
  offer: { mayChange: ['added_at'], mayRemove: false },
  outbox: NOTHING,
  period_close: NOTHING,
  period_move: NOTHING,
  posting: NOTHING,
  proof_start: NOTHING,
  quarantine: {
    mayChange: ['reason', 'detail', 'state', 'waits_for', 'is_stale', 'waits_month', 'arrivals'],
    mayRemove: false,
  },
  rate_deck: { mayChange: ['added_at'], mayRemove: false },
  registered_line: ALL,
  registration: { mayChange: ['events'], mayRemove: false },
  relay_cursor: ALL,
  relayed_life: ALL,
  retroactive_change: NOTHING,
  source_count: ALL,
  source_move: NOTHING,
  source_position: ALL,
  stale_line: ALL,
  billed_call: NOTHING,
  saved_view: NOTHING,
  shared_hash: NOTHING,
  start_acceptance: NOTHING,
  quarantine_write_off: NOTHING,
  unread_arrival: { mayChange: ['arrivals', 'is_reread'], mayRemove: false },
  unresolved_party: ALL,
  watched_hash: ALL,
};

/** A row in each table that has none after migrating; a trigger for each row says nothing of an empty table. */
const ROWS = `
  insert into account (bucket, id, name) values (1, 'A1', 'Anne');
  insert into line (account, bucket, id) select no, 1, 'L1' from account;
  insert into line_fact (bucket, line, valid_from, usage_class, mobility, equipment)
    select 1, no, now(), 'business', 'off', 'managed' from line;
  insert into line_device (bucket, line, user_agent, valid_from) select 1, no, 'x', now() from line;
  insert into line_network (bucket, line, cidr, valid_from) select 1, no, '192.0.2.0/24', now() from line;
  insert into line_suspension select 1, no, now(), 'infinity', '[]' from line;
  insert into stale_line select 1, no from line;
  insert into unresolved_party select 'line:x', 1, no from line;
  insert into breach select 1, no, 202611, 'reuse', 'standing', now(), '{}' from line;
  insert into case_file (bucket, line, period, state) select 1, no, 202611, 'open' from line;
  insert into case_event (bucket, line, period, condition, event) select 1, no, 202611, 'reuse', 'breach-found' from line;
  insert into decision (bucket, sequence, line, period, condition, kind, effective_at, decided_by, note)
    select 1, 1, no, 202611, 'reuse', 'confirm', now(), 'anne', '' from line;
  insert into api_key (id, secret_hash, name, scopes, created_by)
    values ('abcdefghijkl', sha256('x'), 'k', '{usage:read}', 'anne');
  insert into case_act (bucket, line, period, kind, note, done_by) select 1, no, 202611, 'note', 'x', 'anne' from line;
  insert into saved_view (owner, name, filter, is_shared, kept_by) values ('anne', 'v', 'state:open', false, 'anne');
  insert into feed_consumer (name, cursor, life, positions, reported_by)
    select 'billing', 'x', gen_random_uuid(), array_agg(0::bigint), 'anne' from generate_series(0, 63);
  insert into audit_record values (1, now(), 'k', 'anne', 'read', 'GET /v1/usage', '{}', sha256('x'), sha256('x'));
  insert into outbox (bucket, type, line, period, data) select 1, 'case.opened', no, 202611, '{}' from line;
  insert into numbering_plan (version) values ('v');
  insert into number_repair (kind, begins, replacement, taken_by, note) values ('dialled', '9', '', 'anne', '');
  insert into offer (id, version, document) values ('o', 'v', '{}');
  insert into rate_deck (name, version, currency, time_zone, document) values ('d', 'v', 'EUR', 'Europe/Paris', '');
  insert into deck_schedule (basis, valid_from, rate_deck, taken_by) select 'call-start', now(), no, 'anne' from rate_deck;
  insert into destination (name) values ('France') on conflict do nothing;
  insert into quarantine (source, partition, position, format, reason, detail, record)
    values ('s', 0, 0, 'canonical-ndjson', 'unknown-line', '', 'x');
  insert into unread_arrival (quarantine, source, position, item, arrivals) select no, 's', 0, 0, 1 from quarantine;
  insert into shared_hash values (1, 2, 'x');
  insert into billed_call values ('x', 1, 2);
  insert into watched_hash values (1, 2);
  insert into call_stretch select 1, 0, 1, 202611, 202611, decode(repeat('00', 36), 'hex'), null, decode('00000000', 'hex');
  insert into call_leg values (1, 2, 1, 'asterisk', 's', 'g', 'l', '{}');
  insert into registration values (1, 'line:x', 1, gen_random_uuid(), '', 'x', '', decode('0000000100000e10', 'hex'));
  insert into registered_line select 1, no, null from line;
  insert into start_acceptance (quarantine, accepted_by, note) select no, 'anne', '' from quarantine;
  insert into quarantine_write_off (quarantine, act, taken_by, note) select no, 'written-off', 'anne', 'x' from quarantine;
  insert into source_position (source, position, begins_at) values ('s', 1, 0);
  insert into source_count values ('s', 'rated', '', 1);
  insert into source_move (source, partition, moved_to, moved_by, note) values ('s', 0, 1, 'anne', '');
  insert into hole_settlement (source, partition, position, hole, settled_by, note) values ('s', 0, 1, 1, 'anne', '');
  insert into relay_cursor (feed, bucket) values ('usage', 1);
  insert into posting select 2, 0, 1, now(), 'test', 1, sha256('x'), sha256('x');
  insert into period_move (period, state, moved_by, note, moved_at) values (202611, 'closed', 'anne', '', now());
  insert into period_close values (202611, 1, 0);
  insert into closed_breach select 1, no, 202611, 'reuse' from line;
  insert into ledger_home (cluster, timeline, database, settled_by, note) values ('1', 1, 1, 'anne', '');
  insert into copy_start values ('1', 1, 1, 1, 0, 0, 1);
  insert into account_change (account, changed_by, note, after) values ('A1', 'anne', '', 'Name');
  insert into line_change (line, changed_by, note, after) values ('L1', 'anne', '', '{}');
  insert into idempotency_key (holder, key, request, status, headers, answer, answered_at)
    values ('abcdefghijkl', 'k', sha256('x'), 200, '{}', 'x', now());
  insert into webhook_endpoint (id, url, events, scheme, created_by, positions)
    values ('abcdefghijkl', 'https://x', '{case.opened}', 'hmac', 'anne', array_fill(0, array[64]));
  insert into webhook_delivery (endpoint, bucket, event) select id, 1, 1 from webhook_endpoint;
  insert into retroactive_change (kind, version, reaches_back, calls, taken_by, note)
    values ('offer', 'o@v', now(), 1, 'anne', '');
`;

interface Column {
  readonly tab: string;
  readonly name: string;
  readonly is_computed: boolean;
}

const COLUMNS = `select c.relname as tab, a.attname as name, a.attidentity <> '' or a.attgenerated <> '' as is_computed
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and a.attnum > 0 and not a.attisdropped order by 1, a.attnum`;

describe.each(DATABASE_KINDS)('what is written for good, on %s', (kind) => {
  let db: Database;
  let columns: Column[];

  beforeAll(async () => {
    db = await openTestDatabase(kind);
    await db.exec(ROWS);
    await postEntries(db, [testEntry()]);
    columns = await db.query<Column>(COLUMNS);
  });
  afterAll(() => db.close());

  /** How the database answers; nothing of it stays. */
  async function answerTo(statement: string, before = ''): Promise<string> {
    const undo = new Error('undone');
    const done = db.transaction(async (tx) => {
      if (before !== '') await tx.exec(before);
      await tx.exec(statement);
      throw undo;
    });
    return done.then(
      () => 'committed',
      (error: unknown) => (error === undo ? 'done' : String(error instanceof Error && Reflect.get(error, 'code'))),
    );
  }

  it('is said of every table', () => {
    expect([...new Set(columns.map(({ tab }) => tab))].toSorted()).toEqual(Object.keys(TABLES).toSorted());
  });

  it('is a row in every table, so that each is tried', async () => {
    for (const table of Object.keys(TABLES)) {
      const rows = await db.query(`select from ${table} limit 1`);
      expect({ table, rows: rows.length }).toEqual({ table, rows: 1 });
    }
  });

  it('changes in no other column than those that may change', async () => {
    for (const { tab, name, is_computed: isComputed } of columns) {
      const { mayChange } = TABLES[tab]!;
      const isAllowed = mayChange === 'all' || mayChange.includes(name);
      // Another value is given by the database itself, which no check of ours has a say in.
      if (isAllowed && isComputed) continue;
      const value = isComputed ? 'default' : `"${name}"`;
      const answer = await answerTo(`update ${tab} set "${name}" = ${value}`);
      expect({ tab, name, answer }).toEqual({ tab, name, answer: isAllowed ? 'done' : 'append-only' });
    }
  });

  it('is neither deleted nor truncated', async () => {
    for (const [table, { mayRemove }] of Object.entries(TABLES)) {
      for (const statement of [`delete from ${table}`, `truncate ${table} cascade`]) {
        const answer = mayRemove ? 'done' : 'append-only';
        expect({ statement, answer: await answerTo(statement) }).toEqual({ statement, answer });
      }
    }
  });

  it.each([
    'update entry_202611 set charge = 0',
    'delete from entry_202611',
    'truncate entry_202611',
    'truncate entry_202611, stale_line',
    `insert into decision select * from decision on conflict (bucket, sequence) do update set note = 'other'`,
    `insert into account (bucket, id, name) values (2, 'A1', '') on conflict (id) do update set bucket = 2`,
    `merge into outbox o using head h on h.bucket = o.bucket when matched then delete`,
    `merge into entry e using head h on h.bucket = e.bucket when matched then update set charge = 0`,
    `with gone as (delete from case_event returning *) select from gone`,
    `update quarantine set state = 'rated', record = ''`,
    `update registration set events = decode('0000000200000e10', 'hex')`,
  ])('is not reached by %s either', async (statement) => {
    expect(await answerTo(statement)).toBe('append-only');
  });

  it('stays also where ordinary triggers are silent, in months that are made later too', async () => {
    await ensurePeriod(db, 202701);
    const replica = 'set local session_replication_role = replica';
    const kept = Object.keys(TABLES).filter((table) => TABLES[table]?.mayRemove === false);
    for (const table of [...kept, 'entry_202611', 'entry_202701']) {
      expect({ table, answer: await answerTo(`truncate ${table} cascade`, replica) }).toEqual({
        table,
        answer: 'append-only',
      });
    }
    for (const table of [...kept, 'entry_202611']) {
      expect({ table, answer: await answerTo(`delete from ${table}`, replica) }).toEqual({
        table,
        answer: 'append-only',
      });
    }
  });

  it('is guarded in every partition by the same triggers', async () => {
    await ensurePeriod(db, 202701);
    const rows = await db.query<{ tab: string; name: string; enabled: string }>(
      `select c.relname as tab, t.tgname as name, t.tgenabled::text as enabled from pg_inherits i
       join pg_class c on c.oid = i.inhrelid join pg_trigger t on t.tgrelid = c.oid
       where i.inhparent = 'entry'::regclass and not t.tgisinternal order by 1, 2`,
    );
    expect(rows).toEqual(
      ['entry_202611', 'entry_202701'].flatMap((tab) =>
        ['entry_is_append_only', 'entry_is_never_truncated'].map((name) => ({ tab, name, enabled: 'A' })),
      ),
    );
  });

  it.each([
    ['delete from outbox', 'outbox', 'outbox_is_append_only', 'it is append-only'],
    [`update line set id = 'L2'`, 'line', 'line_keeps_what_it_says', 'its id and account are permanent'],
    [
      'truncate quarantine cascade',
      'quarantine',
      'quarantine_is_never_truncated',
      'a record stays as it came, and is never removed',
    ],
    ['truncate entry_202611', 'entry_202611', 'entry_is_never_truncated', 'it is append-only'],
  ])('is said in words: %s', async (statement, table, constraint, why) => {
    const refused = { code: 'append-only', table, constraint, retryable: false };
    await expect(db.exec(statement)).rejects.toMatchObject(refused);
    // As whoever works with psql reads it.
    const said = `Cannot ${statement.split(' ')[0]} rows of ${table}: ${why}`;
    await db.exec(
      `do $$ begin ${statement}; exception when restrict_violation then assert sqlerrm = '${said}', sqlerrm; end $$`,
    );
  });

  it.each([
    [
      'entry',
      `insert into entry select (e).* from (
      select jsonb_populate_record(entry, '{"position": 0, "identity": 9}') as e from entry) as forged`,
    ],
    [
      'entry',
      `insert into entry select (e).* from (
      select jsonb_populate_record(entry, '{"bucket": 64, "identity": 9}') as e from entry) as forged`,
    ],
    [
      'entry',
      `insert into entry select (e).* from (
      select jsonb_populate_record(entry, '{"bucket": -1, "identity": 9}') as e from entry) as forged`,
    ],
    ['posting', `insert into posting select 64, 0, 1, now(), 'x', 1, sha256('x'), sha256('x')`],
    ['posting', `insert into posting select 3, -1, 1, now(), 'x', 1, sha256('x'), sha256('x')`],
    ['head', 'insert into head (bucket) values (64)'],
    ['head', 'insert into head (bucket, position) values (-1, 1)'],
    ['relay_cursor', `insert into relay_cursor values ('usage', 64, 0)`],
    ['relay_cursor', `insert into relay_cursor values ('usage', 2, -1)`],
    ['relay_cursor', `insert into relay_cursor select 'usage', bucket, position + 1 from head where bucket = 2`],
    ['relay_cursor', `insert into relay_cursor select 'event', 1, max(no) + 1 from outbox where bucket = 1`],
    ['relay_cursor', `update relay_cursor set position = 99`],
    [
      'outbox',
      `insert into outbox (bucket, type, line, period, data) select 64, 'case.opened', no, 202611, '{}' from line`,
    ],
    [
      'case_event',
      `insert into case_event (bucket, line, period, condition, event) select 64, no, 1, 'x', 'x' from line`,
    ],
    [
      'decision',
      `insert into decision (bucket, sequence, line, period, condition, kind, effective_at, decided_by, note)
      select 1, 0, no, 202611, 'reuse', 'confirm', now(), 'anne', '' from line`,
    ],
    ['ledger_life_start', 'insert into ledger_life_start values (1, 64, 0, 0)'],
    ['source_position', `insert into source_position (source, position, begins_at) values ('t', -1, 0)`],
    [
      'source_move',
      `insert into source_move (source, partition, moved_to, moved_by, note) values ('s', 0, -1, 'anne', '')`,
    ],
    [
      'quarantine',
      `insert into quarantine (source, partition, position, format, reason, detail, record)
      values ('s', 0, -1, 'canonical-ndjson', 'unknown-line', '', 'x')`,
    ],
    ['account', `insert into account (bucket, id, name) values (64, 'A2', '')`],
    ['line', `insert into line (account, bucket, id) select no, 64, 'L2' from account`],
    ['breach', `insert into breach select 64, no, 202611, 'x', 'standing', now(), '{}' from line`],
    ['case_file', `insert into case_file (bucket, line, period, state) select 64, no, 202611, 'open' from line`],
    ['stale_line', 'insert into stale_line select 64, no from line'],
    ['watched_hash', 'insert into watched_hash values (64, 2)'],
    ['proof_start', 'insert into proof_start values (64, 0)'],
  ])('is in a bucket that there is, where it can be: %s', async (table, statement) => {
    const error = await db.exec(statement).then(
      () => null,
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ sqlState: '23514' });
    expect(Reflect.get(error as object, 'table')).toMatch(new RegExp(`^${table}`));
  });

  it('moves forward only: heads, and sources but where a person moves them', async () => {
    const before = 'update head set position = 5, facts = 5 where bucket = 4; update source_position set position = 9';
    for (const [statement, answer] of [
      ['update head set position = 4 where bucket = 4', 'append-only'],
      ['update head set position = -1 where bucket = 4', 'append-only'],
      ['update head set facts = 4 where bucket = 4', 'append-only'],
      ['update head set position = 6, facts = 6 where bucket = 4', 'done'],
      ['update source_position set position = 8', 'append-only'],
      ['update source_position set taken = -1', 'append-only'],
      ['update source_position set position = 2, moved_by = -7, moves = moves + 1', 'done'],
      ['update source_position set position = 10, taken = 1', 'done'],
    ] as const) {
      expect([statement, await answerTo(statement, before)]).toEqual([statement, answer]);
    }
  });

  it('is guarded by functions of which none looks up names where a session says', async () => {
    const rows = await db.query(
      `select proname from pg_proc where pronamespace = 'public'::regnamespace
       and not coalesce(proconfig, '{}')::text ~ 'search_path=.*pg_temp'`,
    );
    expect(rows).toEqual([]);
  });
});
