import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  onTestFailed,
  onTestFinished,
} from 'vitest';
import { type Database, ensurePeriod, lockHeads, openDatabase } from '../../ledger/index.ts';
import { type CommandRun, runCommand } from '../bin/run-command.ts';
import { startCommand, type StartedCommand } from '../bin/start-command.ts';
import { type SmallMonth, writeSmallMonth } from '../bin/small-month.ts';
import { type CuttingProxy, type Passing, startCuttingProxy, type Verdict } from '../support/cutting-proxy.ts';
import { produce } from '../support/kafka-client.ts';
import { type PostgresServer, runOn, startPostgres, withDatabase } from '../support/postgres.ts';
import { feedGaps } from '../support/posted-ledger.ts';
import { ownServerWays } from '../support/servers/server-ways.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { createTestRoles } from '../support/test-roles.ts';

const BATCH = ['--batch', '200'];
const DEAR_DECK = 'dear.csv';
const RETROACTIVE = ['--retroactive', '--by', 'anne', '--note', 'agreed'];

let folder: string;
let month: SmallMonth;
/** A database with the month's lines, that each test clones. */
let template: Awaited<ReturnType<typeof createTestDatabase>>;
/** What an undisturbed run says and leaves. */
let undisturbed: { readonly said: string; readonly state: unknown };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let proxy: CuttingProxy;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-cuts-'));
  month = writeSmallMonth(join(folder, 'month'));
  const deck = readFileSync(new URL('../../tariffs/decks/full-illimite-2026.csv', import.meta.url), 'utf8');
  writeFileSync(
    join(folder, DEAR_DECK),
    deck.replace(/^#name.*$/m, '#name,dear').replace(/^Barbade,[^,]*/m, 'Barbade,0.80'),
  );
  template = await createTestDatabase('template1');
  // A line that a record names and that nobody has entered yet.
  const late = join(folder, 'late');
  mkdirSync(late);
  copyFileSync(join(folder, 'month', 'accounts.csv'), join(late, 'accounts.csv'));
  const heading = readFileSync(join(folder, 'month', 'lines.csv'), 'utf8').split('\n', 1)[0] ?? '';
  const row = 'L999,A1,+33140099999,full-illimite,business,off,managed,2026-01-01,';
  writeFileSync(join(late, 'lines.csv'), `${heading}\n${row}\n`);
  const imported = await run(template.url, 'lines', 'import', 'month');
  if (imported.exitCode !== 0) throw new Error(imported.stderr);
  const other = await createTestDatabase(nameOf(template.url));
  const rated = await run(other.url, 'rate', ...BATCH, month.calls);
  undisturbed = { said: withoutAddress(rated), state: await stateOf(other.url) };
  await other.drop();
});
afterAll(async () => {
  await template.drop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  database = await createTestDatabase(nameOf(template.url));
  proxy = await startCuttingProxy(database.url);
});
afterEach(async () => {
  await proxy.close();
  await database.drop();
});

function run(url: string, ...args: string[]): Promise<CommandRun> {
  return runCommand(folder, args, { env: { DATABASE_URL: url } });
}

function withoutAddress({ stdout }: Pick<CommandRun, 'stdout'>): string {
  return stdout.replace(/postgres:\/\/\S+/g, 'ADDRESS');
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

async function asked<T>(url: string, ask: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase({ url });
  try {
    return await ask(db);
  } finally {
    await db.close();
  }
}

/**
 * What must be the same however often connections broke: entries without their positions, counts, quarantine,
 * verdicts.
 */
function stateOf(url: string): Promise<unknown> {
  return asked(url, async (db) => {
    expect(await feedGaps(db)).toEqual([]);
    return {
      entries: await db.query(
        `select account, line, identity, revision, kind, coverage, reason, charge, cdr from entry order by 1, 3, 4`,
      ),
      counts: await db.query('select outcome, reason, records from source_count order by 1, 2'),
      position: await db.query('select position, prefix_hash from source_position'),
      quarantine: await db.query(
        'select reason, state, position, count(*) from quarantine group by 1, 2, 3 order by 1, 2, 3',
      ),
      breaches: await db.query('select line, period, condition, state, evidence::text from breach order by 1, 2, 3'),
      outbox: await db.query('select type, line, period, data::text from outbox order by 1, 2, 3, 4'),
    };
  });
}

/** Cuts where the piece that is looked for comes by for the n-th time, once. */
function cutAt(
  wanted: { readonly from: Passing['from']; readonly text: string; readonly nth: number },
  verdict: Verdict,
) {
  let met = 0;
  return ({ from, text }: Passing): Verdict => {
    if (from !== wanted.from || !text.includes(wanted.text)) return 'pass';
    met += 1;
    return met === wanted.nth ? verdict : 'pass';
  };
}

describe('a connection that is cut while files are rated', () => {
  it.each([
    ['between two batches', { from: 'server', text: 'COMMIT\0' }, 'cut-after'],
    ['as a batch begins', { from: 'client', text: 'begin isolation' }, 'cut-before'],
    ['as the source is moved on', { from: 'client', text: 'update source_position' }, 'cut-before'],
    ['as buckets are locked', { from: 'server', text: 'SELECT 64' }, 'cut-before'],
    ['with the entries on their way', { from: 'client', text: 'copy entry' }, 'cut-before'],
    ['after the entries', { from: 'server', text: 'COPY ' }, 'cut-before'],
    ['as the commit is sent', { from: 'client', text: 'commit\0' }, 'cut-before'],
    ['after the commit, whose answer is lost', { from: 'server', text: 'COMMIT\0' }, 'cut-before'],
  ] as const)('%s costs nothing, and the run goes on', async (_when, wanted, verdict) => {
    for (const nth of [1, 6]) {
      const own = await createTestDatabase(nameOf(template.url));
      const between = await startCuttingProxy(own.url);
      between.judge = cutAt({ ...wanted, nth }, verdict);
      const rated = await run(between.url, 'rate', ...BATCH, month.calls);
      expect({ nth, cuts: between.cuts, ...rated, stdout: withoutAddress(rated) }).toMatchObject({
        nth,
        cuts: 1,
        exitCode: 0,
        stdout: undisturbed.said,
      });
      expect(await stateOf(own.url)).toEqual(undisturbed.state);
      await between.close();
      await own.drop();
    }
  });

  it('is said on stderr, and so is that it goes on', async () => {
    proxy.judge = cutAt({ from: 'client', text: 'begin isolation', nth: 3 }, 'cut-before');
    const rated = await run(proxy.url, 'rate', ...BATCH, month.calls);
    expect(rated.stderr).toMatch(/: waiting for the database, 5 min 0 s at most\n/);
    expect(rated.stderr).toContain('The database answers again: going on\n');
  });
});

/** Statements that a command has sent since it has the database open: what can't be opened is said at once. */
class Statements {
  sent = 0;
  #isOpen = false;
  readonly #fatal: number;

  /** @param fatal the connection is cut as this one is sent, counted from 1 */
  constructor(fatal: number) {
    this.#fatal = fatal;
  }

  readonly judge = ({ from, text }: Passing): Verdict => {
    if (from !== 'client' || !/^[QP]/.test(text)) return 'pass';
    if (!this.#isOpen) {
      this.#isOpen = text.includes('select 1');
      return 'pass';
    }
    this.sent += 1;
    return this.sent === this.#fatal ? 'cut-before' : 'pass';
  };
}

/** Runs a command through a proxy that cuts one of its statements; answers how many it sent. */
async function runCut(url: string, args: readonly string[], at: number, check: (done: CommandRun) => Promise<void>) {
  const between = await startCuttingProxy(url);
  const statements = new Statements(at);
  between.judge = statements.judge;
  try {
    await check(await run(between.url, ...args));
    return statements.sent;
  } finally {
    await between.close();
  }
}

/**
 * Runs a command on a copy of a ledger, again and again, each time cut at another of its statements: the first, the
 * last, and some in between.
 */
async function cutEverywhere(
  args: readonly string[],
  from: string,
  check: (done: CommandRun, url: string) => Promise<void>,
): Promise<void> {
  const onCopy = async (at: number): Promise<number> => {
    const own = await createTestDatabase(nameOf(from));
    try {
      return await runCut(own.url, args, at, (done) => check(done, own.url));
    } finally {
      await own.drop();
    }
  };
  const all = await onCopy(NEVER);
  for (const at of placesIn(all)) await onCopy(at);
}

describe('a connection that is cut at any statement', () => {
  let rated: Awaited<ReturnType<typeof createTestDatabase>>;
  beforeAll(async () => {
    rated = await createTestDatabase(nameOf(template.url));
    await run(rated.url, 'rate', month.calls);
  });
  afterAll(() => rated.drop());

  it.each([
    ['report', ['report', '2026-11', '--json']],
    ['explain', ['explain', 'heavy-1']],
    ['quarantine', ['quarantine', '--reason', 'unknown-line']],
    ['decks list', ['decks', 'list']],
  ])('of %s changes nothing that it says', async (_name, args) => {
    const whole = await run(rated.url, ...args);
    const isWhole = async ({ exitCode, stdout }: CommandRun): Promise<void> =>
      expect({ exitCode, said: withoutAddress({ stdout }) }).toEqual({ exitCode: 0, said: withoutAddress(whole) });
    const all = await runCut(rated.url, args, NEVER, isWhole);
    for (const at of placesIn(all)) await runCut(rated.url, args, at, isWhole);
  });

  it.each([
    ['rate', ['rate', '--batch', '1000', 'month/calls.ndjson']],
    ['lines import', ['lines', 'import', 'month']],
    ['decks import', ['decks', 'import', DEAR_DECK, ...RETROACTIVE]],
    ['quarantine replay', ['quarantine', 'replay']],
    ['quarantine sweep', ['quarantine', 'sweep']],
  ])('of %s is made up for: the ledger is what it would have been', async (name, args) => {
    const from = name === 'rate' ? template.url : rated.url;
    const whole = await createTestDatabase(nameOf(from));
    expect(await run(whole.url, ...args)).toMatchObject({ exitCode: 0 });
    const state = await stateOf(whole.url);
    await whole.drop();
    await cutEverywhere(args, from, async (done, url) => {
      expect(done).toMatchObject({ exitCode: 0 });
      expect(await stateOf(url)).toEqual(state);
    });
  });

  const DECISION = ['decide', 'L900', '2026-11', 'distinct-numbers', 'dismiss', '--by', 'anne', '--note', 'fair'];

  it('of decide keeps the decision once, or says that nobody knows', async () => {
    await cutEverywhere(DECISION, rated.url, async (done, url) => {
      const kept = await asked(url, (db) => db.query<{ n: number }>('select count(*)::int as n from decision'));
      const isInDoubt =
        /Cannot tell whether the transaction was committed: .*\nIt may have been done or not: look first/.test(
          done.stderr,
        );
      expect({ ...done, isKept: kept[0]?.n === 1, isInDoubt }).toMatchObject(
        isInDoubt ? { exitCode: 1 } : { exitCode: 0, isKept: true },
      );
    });
  });

  it('at its commit, which was carried out: nobody decides twice', async () => {
    const own = await createTestDatabase(nameOf(rated.url));
    proxy = await replaced(proxy, own.url);
    let isDeciding = false;
    proxy.judge = ({ from, text }) => {
      isDeciding ||= text.includes('insert into decision');
      return isDeciding && proxy.cuts === 0 && from === 'server' && text.includes('COMMIT\0') ? 'cut-before' : 'pass';
    };
    const done = await run(proxy.url, ...DECISION);
    expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Decided: dismiss') });
    expect(await asked(own.url, (db) => db.query('select kind from decision'))).toEqual([{ kind: 'dismiss' }]);
    await own.drop();
  });
});

/** Holds all buckets until `end` is settled. */
function holdBuckets(
  url: string,
  end: Promise<unknown>,
): { readonly held: Promise<void>; readonly over: Promise<void> } {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const over = asked(url, (db) =>
    db.transaction(async (tx) => {
      await lockHeads(
        tx,
        Array.from({ length: 64 }, (_, bucket) => bucket),
      );
      resolve();
      await end;
    }),
  );
  return { held, over };
}

describe('a lock that another holds', () => {
  it('for too long has a batch tried again, which is said, and costs nothing', async () => {
    const { promise: said, resolve: onSaid } = Promise.withResolvers<void>();
    const { held, over } = holdBuckets(database.url, said);
    await held;
    const started = startCommand(folder, ['rate', ...BATCH, month.calls], {
      DATABASE_URL: database.url,
      FAIRTALLY_LOCK_TIMEOUT: '1',
    });
    await untilSaid(started, /lock timeout.*: it is tried again/);
    onSaid();
    await over;
    expect(await started.ended).toBe(0);
    expect(await stateOf(database.url)).toEqual(undisturbed.state);
  });

  it('for too long ends a decision with what to do, in a line', async () => {
    await run(database.url, 'rate', month.calls);
    const { promise: done, resolve: onDone } = Promise.withResolvers<void>();
    const { held, over } = holdBuckets(database.url, done);
    await held;
    const words = ['L900', '2026-11', 'distinct-numbers', 'dismiss', '--by', 'anne', '--note', ''];
    const env = { DATABASE_URL: database.url, FAIRTALLY_LOCK_TIMEOUT: '1' };
    const decided = await runCommand(folder, ['decide', ...words], { env });
    onDone();
    await over;
    expect(decided).toMatchObject({ exitCode: 1, stdout: '' });
    expect(decided.stderr).toMatch(
      /lock timeout\nAnother process holds what this needs: run the command again in a while\. .*\n$/,
    );
  });
});

describe('a process that is frozen within a batch', () => {
  it('holds others up no longer than the limit, and goes on when it thaws', async () => {
    const { promise: frozen, resolve: onFrozen } = Promise.withResolvers<void>();
    let copies = 0;
    // Frozen when the server has its entries, before it hears so: it holds its buckets, and says nothing.
    proxy.judge = ({ from, text }) => {
      if (from === 'server' && text.includes('COPY ') && ++copies === 3) {
        started.signal('SIGSTOP');
        onFrozen();
      }
      return 'pass';
    };
    const started = startCommand(folder, ['rate', ...BATCH, month.calls], {
      DATABASE_URL: proxy.url,
      FAIRTALLY_IDLE_TIMEOUT: '1',
    });
    await frozen;
    // Another writer of the same buckets: it gets them once the server has ended the frozen one's transaction.
    expect(await run(database.url, 'lines', 'import', 'late')).toMatchObject({ exitCode: 0 });
    started.signal('SIGCONT');
    expect({ exitCode: await started.ended, lines: started.lines }).toMatchObject({ exitCode: 0 });
    const state = await asked(database.url, (db) =>
      db.query(`select (select count(*)::int from entry where kind = 'u') as calls, position from source_position`),
    );
    expect(state).toEqual([{ calls: month.rated + 1, position: BigInt(statSync(month.calls).size) }]);
    expect(await asked(database.url, feedGaps)).toEqual([]);
  });
});

describe('a server that is stopped and started while commands work', () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres(ownServerWays());
    await runOn(server.url, 'create database ledger');
    url = withDatabase(server.url, 'ledger');
    const imported = await run(url, 'lines', 'import', 'month');
    if (imported.exitCode !== 0) throw new Error(imported.stderr);
  });
  afterAll(() => server?.close());

  it.each(['stop', 'kill'] as const)('by %s, is waited for: nothing is lost, nothing twice', async (how) => {
    const between = await startCuttingProxy(url);
    let commits = 0;
    let isDown = false;
    between.judge = async ({ from, text }): Promise<Verdict> => {
      // Within the third batch, and held back until the server is there again: everybody is cut off.
      if (!isDown && from === 'client' && text.includes('copy entry') && ++commits === 3) {
        isDown = true;
        await server[how]();
        await server.start();
      }
      return 'pass';
    };
    const rated = await run(between.url, 'rate', ...BATCH, '--again', month.calls);
    await between.close();
    expect(rated).toMatchObject({ exitCode: 0 });
    const [row] = await asked(url, (db) => db.query(`select count(*)::int as calls from entry where kind = 'u'`));
    expect(row).toEqual({ calls: month.rated });
    expect(await asked(url, feedGaps)).toEqual([]);
  });
});

describe('worker and relay, each as its role', () => {
  it('do all that they need: facts entered meanwhile, quarantine, what is told', async () => {
    const roles = await createTestRoles({ template: nameOf(template.url) });
    const brokers = inject('kafkaBrokers');
    const topic = `cdr-${roles.prefix}`;
    const env = {
      KAFKA_BROKERS: brokers,
      FAIRTALLY_TOPICS: topic,
      FAIRTALLY_GROUP: roles.prefix,
      FAIRTALLY_USAGE_TOPIC: `usage-${roles.prefix}`,
      FAIRTALLY_EVENT_TOPIC: `events-${roles.prefix}`,
    };
    const admin = await openDatabase({ url: roles.database.url });
    onTestFinished(async () => {
      await admin.close();
      await roles.drop();
    });
    await ensurePeriod(admin, 202611);
    // The template is a ledger in use: its copy is told of once somebody says that it is the ledger from now on.
    const settled = await runCommand(folder, ['restored', '--nothing-lost', '--by', 'anne', '--note', 'a test'], {
      env: { DATABASE_URL: roles.url('operator') },
    });
    expect(settled).toMatchObject({ exitCode: 0 });
    const made = await runCommand(folder, ['topics', 'create', '--partitions', '4'], {
      env: { ...env, DATABASE_URL: roles.url('reader') },
    });
    expect(made).toMatchObject({ exitCode: 0 });
    onTestFailed(() => console.error(worker.lines.slice(-20), relay.lines.slice(-20)));
    const worker = startCommand(folder, ['worker'], { ...env, DATABASE_URL: roles.url('rater') });
    const relay = startCommand(folder, ['relay'], { ...env, DATABASE_URL: roles.url('relay') });
    await produce(brokers, topic, readFileSync(month.calls, 'utf8').trimEnd().split('\n'));
    await until(async () => {
      const [row] = await admin.query<{ n: number }>(
        `select coalesce(sum(records), 0)::int as n from source_count where outcome = 'received'`,
      );
      return (row?.n ?? 0) >= month.records;
    });
    const late = await runCommand(folder, ['lines', 'import', 'late'], {
      env: { DATABASE_URL: roles.url('operator') },
    });
    expect(late).toMatchObject({ exitCode: 0 });
    await until(async () => {
      const [row] = await admin.query<{ lag: number }>(
        `select sum(h.position - c.position)::int as lag from relay_cursor c join head h using (bucket) where c.feed = 'usage'`,
      );
      return row?.lag === 0;
    });
    const counts = await admin.query(
      `select (select count(*)::int from entry where kind = 'u') as calls,
              (select count(*)::int from quarantine where state = 'rated') as repaired`,
    );
    expect(counts).toEqual([{ calls: month.rated + 1, repaired: 1 }]);
    const complaints = [...worker.lines, ...relay.lines].filter(({ level }) => level === 'error' || level === 'none');
    expect(complaints).toEqual([]);
    expect(await Promise.all([worker.stop(), relay.stop()])).toEqual([0, 0]);
  });
});

/** Asks every tenth of a second until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 60_000; !(await isSo());) {
    if (Date.now() > giveUpAt) throw new Error('It is not so after 60 s');
    await delay(100);
  }
}

function untilSaid(command: StartedCommand, what: RegExp): Promise<void> {
  return until(async () => command.lines.some((line) => what.test(JSON.stringify(line))));
}

const NEVER = -1;
const PLACES = 5;

/** Some of the numbers 1 to `all`: the first, the last, and others in between. */
function placesIn(all: number): ReadonlySet<number> {
  return new Set(Array.from({ length: PLACES }, (_, index) => 1 + Math.round((index * (all - 1)) / (PLACES - 1))));
}

async function replaced(before: CuttingProxy, url: string): Promise<CuttingProxy> {
  await before.close();
  return startCuttingProxy(url);
}
