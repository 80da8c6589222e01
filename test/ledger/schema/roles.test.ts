import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  canLogIn,
  type Database,
  ensurePeriod,
  lackingRights,
  openDatabase,
  RoleError,
  setUpRoles,
} from '../../../ledger/index.ts';
import { FUNCTIONS, TABLE_NAMES, TRIGGER_FUNCTIONS } from '../../../ledger/schema/rights.ts';
import { runOn } from '../../support/postgres.ts';
import { addressOf, createTestRoles, type TestRoles } from '../../support/test-roles.ts';
import { createTestDatabase } from '../../support/test-database.ts';

/** What each role may do: `s`elect, `i`nsert, `u`pdate, `d`elete; columns to which it is limited in brackets. */
interface Row {
  readonly rater: string;
  readonly operator: string;
  readonly relay: string;
}

const SEES = { rater: 's', operator: 's', relay: '' };
const both = (rights: string, relay = ''): Row => ({ rater: rights, operator: rights, relay });

/** Every table and view, and who may do what. The reader reads each of them, and nothing else. */
const TABLES: Readonly<Record<string, Row>> = {
  account: { rater: 's', operator: 's i u(name)', relay: 's' },
  call_leg: both('s i'),
  call_stretch: both('s i'),
  leg_head: both('s u(version)'),
  webhook_endpoint: {
    ...SEES,
    operator: 's i u(generation,rotated_at,disabled_at,disabled_why,positions,held_until)',
  },
  webhook_delivery: { ...SEES, operator: 's i u(state,attempts,status,fault,tried_at,next_at)' },
  registration: both('s i u(events)'),
  registered_line: both('s i u(last_start)'),
  breach: both('s i u(state,breach_from,evidence)'),
  case_file: both('s i u(state,last_verdict,at_stake,at_stake_calls)'),
  api_key: { ...SEES, operator: 's i u(revoked_at,revoked_by,used_at)' },
  case_event: both('s i(bucket,condition,event,evidence,line,period)'),
  case_act: { ...SEES, operator: 's i' },
  saved_view: { ...SEES, operator: 's i' },
  number_repair: { ...SEES, operator: 's i' },
  feed_consumer: { ...SEES, operator: 's i u(cursor,life,positions,reported_at,reported_by) d' },
  audit_record: { ...SEES, operator: 's i' },
  copy_start: both('s i'),
  account_change: { ...SEES, operator: 's i' },
  line_change: { ...SEES, operator: 's i' },
  idempotency_key: { ...SEES, operator: 's i u(answer,answered_at,begun_at,headers,request,status) d' },
  closed_breach: { ...SEES, operator: 's i' },
  decision: { ...SEES, operator: 's i' },
  destination: both('s i', 's'),
  entry: both('s i', 's'),
  head: both('s u(position,facts,chain)', 's'),
  hole_settlement: { ...SEES, operator: 's i' },
  ledger_entry: SEES,
  ledger_home: {
    rater: 's',
    operator: 's i u(cluster,timeline,database,settled_at,settled_by,note,settlements)',
    relay: 's',
  },
  ledger_life: { rater: 's', operator: 's i', relay: 's' },
  ledger_life_start: { rater: 's', operator: 's i', relay: 's' },
  line: { rater: 's', operator: 's i', relay: 's' },
  line_device: { ...SEES, operator: 's i d' },
  line_fact: { ...SEES, operator: 's i d' },
  line_network: { ...SEES, operator: 's i d' },
  line_suspension: both('s i u(suspended_from,suspended_to,holds) d'),
  migration: { ...SEES, relay: 's' },
  numbering_plan: { ...SEES, operator: 's i' },
  offer: { rater: 's', operator: 's i u(added_at)', relay: 's' },
  outbox: both('s i(bucket,data,line,period,type)', 's'),
  period_close: { ...SEES, operator: 's i' },
  period_move: { ...SEES, operator: 's i' },
  posting: both('s i'),
  proof_start: SEES,
  quarantine: both('s i u(reason,detail,state,waits_for,is_stale,waits_month,arrivals)'),
  deck_schedule: { ...SEES, operator: 's i' },
  rate_deck: { rater: 's', operator: 's i u(added_at)', relay: 's' },
  relay_cursor: { ...SEES, relay: 's i u(position)' },
  relayed_life: { ...SEES, relay: 's i' },
  retroactive_change: { ...SEES, operator: 's i' },
  source_count: both('s i u(records)'),
  source_move: { ...SEES, operator: 's i' },
  source_position: {
    rater: 's i u(position,prefix_hash,topic_id,taken,empty)',
    operator: 's i u(position,prefix_hash,topic_id,taken,empty,moved_by,moves,settled)',
    relay: '',
  },
  stale_line: both('s i d'),
  billed_call: both('s i'),
  shared_hash: both('s i'),
  start_acceptance: { ...SEES, operator: 's i' },
  quarantine_write_off: { ...SEES, operator: 's i' },
  unread_arrival: both('s i u(arrivals,is_reread)'),
  unresolved_party: both('s i'),
  watched_hash: both('s i'),
};

const PRIVILEGES = { SELECT: 's', INSERT: 'i', UPDATE: 'u', DELETE: 'd', TRUNCATE: 't', REFERENCES: 'r', TRIGGER: 'g' };

describe('setUpRoles()', () => {
  let roles: TestRoles;
  let owner: Database;

  beforeAll(async () => {
    roles = await createTestRoles();
    owner = await openDatabase({ url: roles.database.url });
    await ensurePeriod(owner, 202611);
  });
  afterAll(async () => {
    await owner.close();
    await roles.drop();
  });

  /** What a role may do to a table, as the server says: whoever gave it, by whatever way. */
  async function rightsOf(role: string, table: string): Promise<string> {
    const parts: string[] = [];
    for (const [privilege, letter] of Object.entries(PRIVILEGES)) {
      const [onTable] = await owner.query<{ has: boolean }>('select has_table_privilege($1, $2, $3) as has', [
        role,
        table,
        privilege,
      ]);
      if (onTable?.has === true) {
        parts.push(letter);
        continue;
      }
      if (!['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'].includes(privilege)) continue;
      const columns = await owner.query<{ name: string }>(
        `select attname as name from pg_attribute
         where attrelid = $2::regclass and attnum > 0 and not attisdropped and has_column_privilege($1, attrelid, attnum, $3)`,
        [role, table, privilege],
      );
      if (columns.length > 0) parts.push(`${letter}(${columns.map(({ name }) => name).join(',')})`);
    }
    return parts.map((part) => sortedColumns(part)).join(' ');
  }

  it('has a line for every table, view and function of the ledger', async () => {
    const tables = await owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace
       and relkind in ('r', 'p', 'v', 'm', 'f') and not relispartition order by 1`,
    );
    const names = tables.map(({ name }) => name);
    expect(names).toEqual(Object.keys(TABLES).toSorted());
    expect(TABLE_NAMES.toSorted()).toEqual(names);
    const functions = await owner.query<{ signature: string }>(
      `select oid::regprocedure::text as signature from pg_proc where pronamespace = 'public'::regnamespace`,
    );
    expect([...TRIGGER_FUNCTIONS, ...Object.keys(FUNCTIONS)]).toEqual(
      expect.arrayContaining(functions.map(({ signature }) => signature)),
    );
  });

  it('gives each role just what it needs of every table', async () => {
    for (const [table, row] of Object.entries(TABLES)) {
      for (const kind of ['rater', 'operator', 'relay'] as const) {
        const wanted = row[kind].split(' ').map(sortedColumns).join(' ');
        expect({ table, kind, rights: await rightsOf(roles.name(kind), table) }).toEqual({
          table,
          kind,
          rights: wanted,
        });
      }
      expect({ table, rights: await rightsOf(roles.name('reader'), table) }).toEqual({ table, rights: 's' });
    }
  });

  it('gives nobody a right on a month, past its table, also on one that is made later', async () => {
    await ensurePeriod(owner, 202703);
    for (const kind of ['rater', 'operator', 'relay', 'reader'] as const) {
      for (const month of ['entry_202611', 'entry_202703']) {
        expect({ month, kind, rights: await rightsOf(roles.name(kind), month) }).toEqual({ month, kind, rights: '' });
      }
    }
  });

  it('lets no role make anything in the schema, and makes none a superuser', async () => {
    const rows = await owner.query(
      `select rolname from pg_roles where starts_with(rolname, $1) and (rolsuper or rolcreaterole or rolcreatedb
         or rolbypassrls or rolreplication
         or (rolname <> $1 || '_owner' and has_schema_privilege(rolname, 'public', 'create')))`,
      [roles.prefix],
    );
    expect(rows).toEqual([]);
    const owners = await owner.query<{ owner: string }>(
      `select distinct relowner::regrole::text as owner from pg_class where relname = any($1::text[])`,
      [TABLE_NAMES],
    );
    expect(owners).toEqual([{ owner: roles.name('owner') }]);
  });

  it('changes nothing when run again', async () => {
    // The month of the test before was made by another than the owner.
    await roles.setUp(owner);
    expect(await roles.setUp(owner)).toEqual({ did: [], warnings: [] });
  });

  it('takes back what a role was given beyond, gives what it lacks, and says that it lacks it until then', async () => {
    const rater = roles.name('rater');
    await owner.exec(`grant update on account to ${rater}; grant delete on entry to ${rater};
      grant truncate on quarantine to public; grant insert on entry_202611 to ${rater};
      grant create on schema public to public;
      revoke insert on destination from ${rater}; revoke update (is_stale) on quarantine from ${rater}`);
    expect(await lackingRights(owner, roles.prefix)).toEqual([
      `Role '${rater}' lacks 2 of its rights: 'fairtally setup --roles' gives them`,
    ]);
    expect((await roles.setUp(owner)).did).toEqual([
      `Role '${rater}': rights given 2, taken 3`,
      'Everybody: rights taken 2',
    ]);
    expect(await rightsOf(rater, 'account')).toBe('s');
    expect(await rightsOf(rater, 'quarantine')).toBe(
      's i u(arrivals,detail,is_stale,reason,state,waits_for,waits_month)',
    );
    expect(await lackingRights(owner, roles.prefix)).toEqual([]);
    expect((await roles.setUp(owner)).did).toEqual([]);
  });

  it('sees that a migration made a table', async () => {
    await owner.exec('alter table outbox rename to outbox_before; create table outbox (like outbox_before)');
    const lacking = await lackingRights(owner, roles.prefix);
    expect(lacking.map((line) => line.replace(/^Role '\w+_(\w+)'.*/, '$1'))).toEqual([
      'rater',
      'operator',
      'relay',
      'reader',
    ]);
    await owner.exec('drop table outbox; alter table outbox_before rename to outbox');
  });

  it('says nothing of roles that work with another ledger of the server', async () => {
    const other = await createTestDatabase(inject('postgres').template);
    const db = await openDatabase({ url: other.url });
    expect(await lackingRights(db, roles.prefix)).toEqual([]);
    await db.close();
    await other.drop();
  });

  it('warns of a role that may do everything whatever it is given', async () => {
    const reader = roles.name('reader');
    await owner.exec(`alter role ${reader} superuser`);
    expect((await roles.setUp(owner)).warnings).toEqual([
      `Role '${reader}' is a superuser: it may do everything, whatever it is given`,
    ]);
    await owner.exec(`alter role ${reader} nosuperuser; grant ${roles.name('owner')} to ${reader}`);
    expect((await roles.setUp(owner)).warnings).toEqual([
      `Role '${reader}' is a member of the role that owns the tables: it may do everything, whatever it is given`,
    ]);
    await owner.exec(`revoke ${roles.name('owner')} from ${reader}`);
  });

  it('keeps passwords as they are, changes one that does not log in, and shows none', async () => {
    const { url } = roles.database;
    const login = (kind: 'rater' | 'relay', password: string) => canLogIn(url, roles.name(kind), password);
    expect(await login('rater', roles.password)).toBe(true);
    const before = await verifiers(owner, roles.prefix);
    await roles.setUp(owner);
    expect(await verifiers(owner, roles.prefix)).toEqual(before);
    const changed = await roles.setUp(owner, { rater: `it's "new" $$ \\ ` });
    expect(changed.did).toEqual([`Role '${roles.name('rater')}' has the password that was given`]);
    expect(await login('rater', `it's "new" $$ \\ `)).toBe(true);
    expect(await login('rater', roles.password)).toBe(false);
    await roles.setUp(owner, { rater: roles.password });
    expect(await login('rater', roles.password)).toBe(true);
  });

  it('refuses the rater whatever changes what was written, names, facts, documents or migrations', async () => {
    const rater = await openDatabase({ url: addressOf(roles.database.url, roles.name('rater'), roles.password) });
    const denied = { sqlState: '42501' };
    for (const statement of [
      'update entry set charge = 0',
      'update entry_202611 set charge = 0',
      'insert into entry_202611 select * from entry_202611',
      'delete from entry',
      'truncate entry',
      `update account set name = 'Mallory'`,
      `insert into account (bucket, id, name) values (1, 'X', 'X')`,
      `insert into line_fact select * from line_fact`,
      `delete from line_fact`,
      `update line_fact set number = 1`,
      `insert into decision select * from decision`,
      `update decision set decided_by = 'somebody else'`,
      `insert into migration (no, name, hash, breaking) values (99, 'x', 'x', false)`,
      `update offer set document = '{}'`,
      `insert into rate_deck (name, version, currency, time_zone, document) values ('x', 'x', 'EUR', 'UTC', '')`,
      `insert into numbering_plan (version) values ('x')`,
      `update destination set name = 'x'`,
      `update quarantine set record = ''`,
      `delete from quarantine`,
      `truncate outbox`,
      `insert into outbox (bucket, no, type, line, data) overriding system value
         values (1, 99, 'line.unlimited-suspended', 1, '{}')`,
      `delete from head`,
      `delete from source_position`,
      `insert into source_move (source, partition, moved_to, moved_by, note) values ('s', 0, 0, 'x', '')`,
      `update relay_cursor set position = 0`,
      `alter table entry disable trigger all`,
      `alter table entry detach partition entry_202611`,
      `drop trigger entry_is_append_only on entry`,
      `drop table entry_202611`,
      `create table mine (no int)`,
      `create function refuse() returns trigger language plpgsql as 'begin return new; end'`,
      `set session_replication_role = replica`,
      `set role ${roles.name('owner')}`,
      `copy (select 1) to program 'true'`,
    ]) {
      const answer: unknown = await rater.exec(statement).catch((error: unknown) => error);
      expect({ statement, answer }).toMatchObject({ statement, answer: denied });
    }
    await rater.close();
  });
});

describe('setUpRoles() by an owner who is no superuser', () => {
  let roles: TestRoles;
  let app: string;

  beforeAll(async () => {
    roles = await createTestRoles({ isSetUp: false });
    app = `${roles.prefix}_app`;
    const { url } = roles.database;
    await runOn(url, `create role ${app} login createrole password 'app'`);
    await runOn(url, `alter database ${new URL(url).pathname.slice(1)} owner to ${app}`);
  });
  afterAll(() => roles.drop([app]));

  it('stays the owner, and makes the others', async () => {
    const { url } = roles.database;
    // As a managed server has it: the application's role owns what it has made.
    const admin = await openDatabase({ url });
    for (const table of TABLE_NAMES) await admin.exec(`alter table ${table} owner to ${app}`);
    for (const signature of [...Object.keys(FUNCTIONS), ...TRIGGER_FUNCTIONS]) {
      await admin.exec(`alter function ${signature} owner to ${app}`);
    }
    await admin.close();
    const owner = await openDatabase({ url: addressOf(url, app, 'app') });
    const { did, warnings } = await roles.setUp(owner);
    expect(warnings).toEqual([]);
    expect(did).toContain(`Made role '${roles.name('rater')}'`);
    expect(did.join()).not.toContain('_owner');
    expect(await roles.setUp(owner)).toEqual({ did: [], warnings: [] });
    await owner.exec(`update account set name = name`);
    await owner.close();
    const rater = await openDatabase({ url: addressOf(url, roles.name('rater'), roles.password) });
    expect(await rater.query('select count(*)::int as heads from head')).toEqual([{ heads: 64 }]);
    await rater.close();
  });

  it('is told what an administrator must do where it may make no roles', async () => {
    const { url } = roles.database;
    await runOn(url, `alter role ${app} nocreaterole`);
    const owner = await openDatabase({ url: addressOf(url, app, 'app') });
    const prefix = `${roles.prefix}_b`;
    const failed = setUpRoles(owner, { prefix, passwords: { rater: 'secret' }, logsIn: async () => true });
    const error: unknown = await failed.catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(RoleError);
    expect(String(error)).toMatch(/administrator run 'create role \w+_b_rater login'/);
    expect(String(error)).not.toContain('secret');
    await owner.close();
  });

  it('is refused to who does not own the tables', async () => {
    const { url } = roles.database;
    const rater = await openDatabase({ url: addressOf(url, roles.name('rater'), roles.password) });
    await expect(roles.setUp(rater)).rejects.toThrow(`they belong to '${app}'`);
    await rater.close();
  });
});

function sortedColumns(part: string): string {
  const [, letter, columns] = /^(\w)\((.*)\)$/.exec(part) ?? [];
  return columns === undefined ? part : `${letter}(${columns.split(',').toSorted().join(',')})`;
}

async function verifiers(db: Database, prefix: string): Promise<unknown[]> {
  return db.query('select rolname, rolpassword from pg_authid where starts_with(rolname, $1) order by 1', [prefix]);
}
