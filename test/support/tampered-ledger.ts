import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyRows } from '../../ledger/database/copy-rows.ts';
import { ENTRY_COLUMNS, layoutOf } from '../../ledger/entries/entry-columns.ts';
import { type Database, openDatabase, verifyBucket } from '../../ledger/index.ts';
import { chainAfter, readPostings } from '../../ledger/proof/posting-store.ts';
import { type CommandRun, runCommand } from '../bin/run-command.ts';
import { writeSmallMonth } from '../bin/small-month.ts';
import { createTestDatabase, type DatabaseKind } from './test-database.ts';

/** A way to tamper with the ledger as who owns it could, and what `verify` must say of it. */
export interface Tampering {
  readonly what: string;
  readonly sql: string;
  readonly says: RegExp;
}

/** The bucket with most entries, and one of its postings. */
export const BUCKET = '(select bucket from head order by position desc, bucket limit 1)';
export const USAGE = `(select min(position) from entry where bucket = ${BUCKET} and kind = 'u' and coverage = 'i')`;

/** A metered entry of the bucket once more, with other columns: what reports and the feed would charge. */
export function forged(columns: string): string {
  return `insert into entry select (e).* from (
    select jsonb_populate_record(entry, jsonb_build_object('charge', 5000000, 'coverage', 'm', 'metered_price', 5000000,
      'identity', 1, ${columns})) as e
    from entry where bucket = ${BUCKET} and position = ${USAGE}) as added`;
}
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
export class Tampered {
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
        alter table entry add constraint entry_is_in_the_feed
          check (position > 0 and bucket between 0 and 63) not valid;
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
        const { position } = layoutOf(['bucket', 'position']).at;
        for await (const row of copyRows(copy)) rows.set(Number(row.readBigInt64BE(position)), Buffer.from(row));
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
