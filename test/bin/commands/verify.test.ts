import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENTRY_COLUMNS } from '../../../ledger/entry-copy.ts';
import { entryRows } from '../../../ledger/entry-rows.ts';
import { type Database, openDatabase, verifyBucket } from '../../../ledger/index.ts';
import { chainAfter, readPostings } from '../../../ledger/posting-store.ts';
import { createTestDatabase, DATABASE_KINDS, type DatabaseKind } from '../../support/test-database.ts';
import { type CommandRun, runCommand } from '../run-command.ts';
import { writeSmallMonth } from '../small-month.ts';

/** A way to tamper with the ledger as who owns it could, and what `verify` must say of it. */
interface Tampering {
  readonly what: string;
  readonly sql: string;
  readonly says: RegExp;
}

/** The bucket with most entries, and one of its postings. */
const BUCKET = '(select bucket from head order by position desc, bucket limit 1)';
const USAGE = `(select min(position) from entry where bucket = ${BUCKET} and kind = 'u' and coverage = 'i')`;

/** A metered entry of the bucket once more, with other columns: what reports and the feed would charge. */
function forged(columns: string): string {
  return `insert into entry select (e).* from (
    select jsonb_populate_record(entry, jsonb_build_object('charge', 5000000, 'coverage', 'm', 'metered_price', 5000000,
      'identity', 1, ${columns})) as e
    from entry where bucket = ${BUCKET} and position = ${USAGE}) as added`;
}
const ADDED = /entries were added that nobody posted/;
/** Where the last position of the bucket is. */
const HEAD = `(select position from head where bucket = ${BUCKET})`;

/** What reports charge, or relays tell, without a posting. */
const FORGERIES: readonly Tampering[] = [
  { what: 'an entry is forged at position 0', sql: forged(`'position', 0`), says: ADDED },
  { what: 'an entry is forged below 0', sql: forged(`'position', -7`), says: /position -7: entries were added/ },
  {
    what: 'an entry is forged in a bucket beyond',
    sql: forged(`'bucket', 77`),
    says: /Bucket 77, .*entries were added/,
  },
  {
    what: 'an entry is forged in a bucket below',
    sql: forged(`'bucket', -1`),
    says: /Bucket -1, .*entries were added/,
  },
  {
    what: 'an entry is forged at a position that another month has',
    sql: `select make_entry_month(202612); ${forged(`'position', 1, 'period', 202612`)}`,
    says: ADDED,
  },
  {
    what: 'an entry is put into another month',
    sql: `select make_entry_month(202612);
      update entry set period = 202612, billed_period = 202612 where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /entries were changed/,
  },
  {
    what: 'a correction takes a charge back',
    sql: forged(`'position', ${HEAD} + 1, 'kind', 'r', 'revision', 9, 'coverage_before', 'i', 'cdr', null`),
    says: ADDED,
  },
  {
    what: 'an entry is forged with a posting beyond the head',
    sql: `${forged(`'position', ${HEAD} + 1`)};
      insert into posting select bucket, position, position + 1, now(), 'x', 1, sha256('x'), sha256('x')
      from head where bucket = ${BUCKET}`,
    says: /a posting was added that nobody made/,
  },
  {
    what: 'an entry is forged with a posting, and the head moved on',
    sql: `${forged(`'position', ${HEAD} + 1`)};
      insert into posting select bucket, position, position + 1, now(), 'x', 1, sha256('x'), sha256('x')
      from head where bucket = ${BUCKET};
      update head set position = position + 1, chain = sha256('x') where bucket = ${BUCKET}`,
    says: /the posting itself was changed/,
  },
  {
    what: 'the head is moved on without a posting',
    sql: `update head set position = position + 5 where bucket = ${BUCKET}`,
    says: /the posting was removed/,
  },
  {
    what: 'a posting is added within another',
    sql: `insert into posting select bucket, after, up_to - 1, posted_at, cause, form, digest, chain
      from posting where bucket = ${BUCKET} and after = 0`,
    says: /the posting itself was changed/,
  },
  {
    what: 'the first entries are said to be older than proofs',
    sql: `delete from posting where bucket = ${BUCKET} and after = 0;
      update proof_start set position = (select min(after) from posting where bucket = ${BUCKET}) where bucket = ${BUCKET}`,
    says: /the posting itself was changed/,
  },
  {
    what: 'where proofs begin is moved, and the entries go with it',
    sql: `update proof_start set position = 2 where bucket = ${BUCKET}`,
    says: /the posting itself was changed/,
  },
  {
    what: "a bucket's head is removed, with all that was posted",
    sql: `delete from head where bucket = ${BUCKET}`,
    says: /the head of the bucket, or where its proof begins, was removed[^]*entries were added[^]*a posting was added/,
  },
  {
    what: 'a bucket is made anew with its entries removed',
    sql: `delete from entry where bucket = ${BUCKET}; delete from posting where bucket = ${BUCKET};
      insert into relay_cursor select 'usage', bucket, position from head where bucket = ${BUCKET};
      update head set position = 0, chain = '' where bucket = ${BUCKET}`,
    says: /relays, or a restore, went further than the ledger does/,
  },
  {
    what: 'a cursor is put ahead, so that relays pass over what comes',
    sql: `insert into relay_cursor values ('event', 3, 900)`,
    says: /Bucket 3, positions 1 to 900: relays, or a restore, went further/,
  },
  {
    what: 'an account has the id of another',
    sql: `update account set id = id || '-x' where no = (select account from entry where bucket = ${BUCKET} limit 1)`,
    says: /Table account, no \d+: its id is of another bucket/,
  },
  {
    what: "a line is another account's",
    sql: `update line set account = (select max(no) from account), bucket = (select bucket from account order by no desc limit 1)
      where no = (select min(line) from entry where account <> (select max(no) from account))`,
    says: /Table line, no \d+: entries name it under an account or in a bucket that is not the line's/,
  },
  {
    what: 'a deck has other prices',
    sql: `update rate_deck set document = replace(document, '0.02', '0.03')`,
    says: /Table rate_deck, no 1: its document is not of its version/,
  },
  {
    what: 'an offer includes something else',
    sql: `update offer set document = jsonb_set(document, '{name}', '"x"')`,
    says: /Table offer, no 1: its document is not of its version/,
  },
];

const TAMPERINGS: readonly Tampering[] = [
  {
    what: 'a charge is changed',
    sql: `update entry set coverage = 'm', charge = 7 where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /entries were changed\n {2}position \d+, call [0-9a-f]{16}: contradicts itself in charge/,
  },
  {
    what: 'a duration is changed',
    sql: `update entry set duration_ms = duration_ms + 1 where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /contradicts itself in duration_ms/,
  },
  {
    what: 'a record is changed',
    sql: `update entry set cdr = replace(cdr, '+336', '+337') where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /entries were changed/,
  },
  {
    what: 'a call is given to another line',
    sql: `update entry set line = line + 1 where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /entries were changed/,
  },
  {
    what: 'an entry is removed',
    sql: `delete from entry where bucket = ${BUCKET} and position = ${USAGE}`,
    says: /position \d+, posted .* for 'delivery file:.*': entries were removed/,
  },
  {
    what: 'the last entries are removed',
    sql: `delete from entry where bucket = ${BUCKET} and position > (select position - 3 from head where bucket = ${BUCKET})`,
    says: /entries were removed/,
  },
  {
    what: 'the last entries are removed with their posting, and the head set back',
    sql: `create temp table gone as select * from posting where bucket = ${BUCKET} order by up_to desc limit 1;
      delete from entry e using gone g where e.bucket = g.bucket and e.position > g.after;
      delete from posting p using gone g where p.bucket = g.bucket and p.up_to = g.up_to;
      update head set position = g.after from gone g where head.bucket = g.bucket`,
    says: /the posting itself was changed/,
  },
  {
    what: 'an entry is added beyond the head',
    sql: `insert into entry select (e).* from (
        select jsonb_populate_record(entry, jsonb_build_object('position', 1000000, 'identity', 1)) as e
        from entry where bucket = ${BUCKET} and position = ${USAGE}) as added`,
    says: /entries were added that nobody posted/,
  },
  {
    what: 'two entries change places',
    sql: `update entry set position = position + 900000 where bucket = ${BUCKET} and position = 1;
      update entry set position = 1 where bucket = ${BUCKET} and position = 2;
      update entry set position = 2 where bucket = ${BUCKET} and position = 900001`,
    says: /entries were changed/,
  },
  {
    what: "a posting's digest is made anew, and its chain is not",
    sql: `update posting set digest = sha256('x') where bucket = ${BUCKET} and after = 0`,
    says: /the posting itself was changed/,
  },
  {
    what: 'a posting says another time',
    sql: `update posting set posted_at = posted_at - interval '1 day' where bucket = ${BUCKET} and after = 0`,
    says: /the posting itself was changed/,
  },
  {
    what: 'a posting in the middle is removed',
    sql: `delete from posting where bucket = ${BUCKET} and after > 0 and up_to = (
        select min(up_to) from posting where bucket = ${BUCKET} and after > 0)`,
    says: /the posting was removed/,
  },
  ...FORGERIES,
];

describe.each(DATABASE_KINDS)('fairtally verify on %s', (kind) => {
  let ledger: Tampered;
  beforeAll(async () => (ledger = await Tampered.rated(kind)));
  afterAll(() => ledger.drop());

  it('holds every entry against what was posted', async () => {
    const { exitCode, stdout } = await ledger.run('verify');
    expect(stdout).toMatch(
      /Ledger [0-9a-f-]{36}: 2,\d+ entries held against what was posted\nNothing was tampered with\n/,
    );
    expect(exitCode).toBe(0);
  });

  it.each(TAMPERINGS)('tells when $what', async ({ sql, says }) => {
    const undo = await ledger.tamper(sql);
    const { exitCode, stderr } = await ledger.run('verify');
    await undo();
    expect(stderr).toMatch(says);
    expect(exitCode).toBe(1);
  });

  it('tells by a kept proof when all digests were made anew', async () => {
    const { stdout } = await ledger.run('verify', '--json');
    writeFileSync(join(ledger.folder, 'proof.json'), stdout);
    expect(await ledger.run('verify', '--against', 'proof.json')).toMatchObject({ exitCode: 0 });
    const undo = await ledger.tamper(
      `update entry set called = called + 1 where bucket = ${BUCKET} and position = ${USAGE}`,
    );
    await ledger.makeDigestsAnew();
    expect(await ledger.run('verify')).toMatchObject({ exitCode: 0 });
    const against = await ledger.run('verify', '--against', 'proof.json');
    await undo();
    expect(against.stderr).toContain('it is not what the kept proof says');
    expect(against.exitCode).toBe(1);
  });

  it('tells by a kept proof when names were exchanged, and when a bucket that had nothing begins elsewhere', async () => {
    const { stdout } = await ledger.run('verify', '--json');
    writeFileSync(join(ledger.folder, 'kept.json'), stdout);
    const undo = await ledger.tamper(`update destination set name = name || 'x' where no in (1, 2)`);
    const named = await ledger.run('verify', '--against', 'kept.json');
    await undo();
    expect(named.stderr).toMatch(/^Table destination, no \d+: the names up to here are not as kept\n$/);
    const proof = JSON.parse(stdout) as { proofs: { bucket: number; position: number; chain: string }[] };
    const proofs = proof.proofs.map((one) => (one.bucket === 5 ? { ...one, position: 9, chain: '' } : one));
    writeFileSync(join(ledger.folder, 'kept.json'), JSON.stringify({ ...proof, proofs }));
    const begun = await ledger.run('verify', '--against', 'kept.json');
    expect([begun.exitCode, begun.stderr]).toEqual([1, expect.stringContaining('the posting was removed')]);
    writeFileSync(join(ledger.folder, 'kept.json'), JSON.stringify({ ...proof, proofs: proofs.slice(1) }));
    const part = await ledger.run('verify', '--against', 'kept.json');
    expect([part.exitCode, part.stderr]).toEqual([1, expect.stringContaining(`it lacks bucket '0'`)]);
  });

  it('refuses what is no proof, and the proof of another ledger', async () => {
    writeFileSync(join(ledger.folder, 'no-proof.json'), '{"proofs":1}');
    const no = await ledger.run('verify', '--against', 'no-proof.json');
    expect(no).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("it is not what 'fairtally verify --json'"),
    });
    writeFileSync(join(ledger.folder, 'other.json'), '{"ledger":"other","proofs":[]}');
    const other = await ledger.run('verify', '--against', 'other.json');
    expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("it is of ledger 'other'") });
    expect(await ledger.run('verify', '--against', 'none.json')).toMatchObject({ exitCode: 1 });
  });
});

/** Tables that are put back whole, and those of which others name the rows. */
const REPLACED = ['entry', 'posting', 'head', 'proof_start', 'relay_cursor'];
const NAMED = ['account', 'line', 'destination', 'rate_deck', 'offer'];

/** Switches the triggers off or on that keep the ledger as it is. */
function triggers(how: 'disable' | 'enable always'): string {
  return `do $$
    declare guard record;
    begin
      for guard in select tgrelid::regclass as tab, tgname as name from pg_trigger
        where not tgisinternal and tgparentid = 0 and tgrelid::regclass::text ~ '^(entry|posting|head|proof_start|relay_cursor|account|line|destination|rate_deck|offer)' loop
        execute format('alter table %s ${how} trigger %I', guard.tab, guard.name);
      end loop;
    end $$`;
}

/** A small month that was rated in many transactions, and a way to do to it what its owner could. */
class Tampered {
  readonly folder: string;
  readonly #place: readonly string[];
  readonly #open: () => Promise<Database>;
  readonly #drop: () => Promise<void>;

  private constructor(
    folder: string,
    place: readonly string[],
    open: () => Promise<Database>,
    drop: () => Promise<void>,
  ) {
    this.folder = folder;
    this.#place = place;
    this.#open = open;
    this.#drop = drop;
  }

  static async rated(kind: DatabaseKind): Promise<Tampered> {
    const folder = mkdtempSync(join(tmpdir(), 'fairtally-verify-'));
    writeSmallMonth(folder);
    const server = kind === 'postgres' ? await createTestDatabase('template1') : null;
    const data = join(folder, 'data');
    const tampered = new Tampered(
      folder,
      server === null ? ['--data', data] : ['--database', server.url],
      () => openDatabase(server === null ? { directory: join(data, 'ledger') } : { url: server.url }),
      async () => server?.drop(),
    );
    await tampered.run('lines', 'import', '.');
    const { exitCode, stderr } = await tampered.run('rate', 'calls.ndjson', '--batch', '300');
    if (exitCode !== 0) throw new Error(stderr);
    return tampered;
  }

  run(...args: string[]): Promise<CommandRun> {
    return runCommand(this.folder, [...args, ...this.#place]);
  }

  /** Returns what undoes it. */
  async tamper(sql: string): Promise<() => Promise<void>> {
    await this.#asOwner(`create schema before;
      ${REPLACED.map((table) => `create table before.${table} as select * from public.${table}`).join(';')};
      ${NAMED.map((table) => `create table before.${table} as select * from public.${table}`).join(';')};
      alter table entry drop constraint entry_is_in_the_feed;
      ${sql}`);
    return () =>
      this.#asOwner(`${REPLACED.map(
        (table) => `delete from public.${table}; insert into public.${table} select * from before.${table}`,
      ).join(';')};
        update account a set id = b.id, bucket = b.bucket from before.account b where b.no = a.no;
        update line l set account = b.account, bucket = b.bucket from before.line b where b.no = l.no;
        update destination d set name = b.name from before.destination b where b.no = d.no;
        update rate_deck k set document = b.document from before.rate_deck b where b.no = k.no;
        update offer o set document = b.document from before.offer b where b.no = o.no;
        alter table entry add constraint entry_is_in_the_feed check (position > 0 and bucket between 0 and 63) not valid;
        drop schema before cascade`);
  }

  /** As who knows how the chain is made would, after changing an entry in the first posting of a bucket. */
  async makeDigestsAnew(): Promise<void> {
    const db = await this.#open();
    try {
      for (let bucket = 0; bucket < 64; bucket++) {
        if ((await verifyBucket(db, bucket, null)).findings.length === 0) continue;
        const rows = new Map<number, Buffer>();
        const copy = db.copyOut(
          `copy (select ${ENTRY_COLUMNS} from entry where bucket = ${bucket}) to stdout (format binary)`,
        );
        for await (const { position, bytes } of entryRows(copy)) rows.set(position, Buffer.from(bytes));
        let chain: Buffer = Buffer.alloc(0);
        const updates: string[] = [];
        for (const posting of await readPostings(db, bucket, 0, 10_000)) {
          const hash = createHash('sha256');
          for (let at = posting.after + 1; at <= posting.upTo; at++) hash.update(rows.get(at)!);
          const digest = hash.digest();
          chain = chainAfter(chain, { ...posting, digest });
          updates.push(
            `update posting set digest = '\\x${digest.toString('hex')}', chain = '\\x${chain.toString('hex')}'
             where bucket = ${bucket} and up_to = ${posting.upTo}`,
          );
        }
        updates.push(`update head set chain = '\\x${chain.toString('hex')}' where bucket = ${bucket}`);
        await db.exec(`${triggers('disable')}; ${updates.join('; ')}; ${triggers('enable always')}`);
      }
    } finally {
      await db.close();
    }
  }

  async drop(): Promise<void> {
    await this.#drop();
    rmSync(this.folder, { recursive: true });
  }

  /** With triggers off, as an owner can. */
  async #asOwner(sql: string): Promise<void> {
    const db = await this.#open();
    try {
      await db.exec(`${triggers('disable')}; ${sql}; ${triggers('enable always')}`);
    } finally {
      await db.close();
    }
  }
}
