import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { runCommandLine } from '../../bin/command-line.ts';
import { LOG_FIELDS, openLog } from '../../bin/open-log.ts';
import { withoutSecrets } from '../../bin/secrets.ts';
import { loggableError, OperatingFault } from '../../operating/index.ts';
import { DatabaseError, openDatabase } from '../../ledger/index.ts';
import { runCommand, spawnCommand } from '../bin/run-command.ts';
import { type StartedCommand, startCommand } from '../bin/start-command.ts';
import { produce } from '../support/kafka-client.ts';
import { runOn } from '../support/postgres.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { HOSTILE, rawIn } from './seen-text.ts';

/** A number, a call's id and a line's id that stand nowhere else: none of them may come into a log. */
const NUMBER = '612349876';
const CALL = 'call-7Qx9Zk';
const LINE = 'line-4Vt8Wm';
const PASSWORD = 's3cr3tpw';

/** What a person or a machine later greps the log for. */
function secretsIn(text: string): string[] {
  return [NUMBER, CALL, LINE, PASSWORD].filter((secret) => text.includes(secret));
}

describe('a worker and a relay into whose ledger faults are put', () => {
  let folder: string;
  let database: { readonly url: string; readonly drop: () => Promise<void> };
  let worker: StartedCommand;
  let relay: StartedCommand;
  const own = randomUUID().slice(0, 8);
  const topic = `cdr-${own}`;

  const record = (given: Readonly<Record<string, unknown>>): string => {
    const call = { v: 1, switch: 's', call: CALL, line: LINE, to: `0${NUMBER}`, durationMs: 61_000 };
    return JSON.stringify({ ...call, answered: '2026-11-19T17:29:00.808Z', ...given });
  };
  const log = (): string => [...worker.lines, ...relay.lines].map((line) => JSON.stringify(line)).join('\n');
  const sql = (text: string): Promise<unknown> => runOn(database.url, text);
  /** Waits until a line of the log says it. */
  const told = (what: RegExp): Promise<unknown> =>
    vi.waitUntil(() => what.test(log()), { timeout: 60_000, interval: 100 });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fairtally-logs-'));
    database = await createTestDatabase(inject('postgres').template);
    const env = {
      DATABASE_URL: database.url,
      KAFKA_BROKERS: inject('kafkaBrokers'),
      FAIRTALLY_TOPICS: topic,
      FAIRTALLY_REKEYED_TOPIC: `rekeyed-${own}`,
      FAIRTALLY_USAGE_TOPIC: `usage-${own}`,
      FAIRTALLY_EVENT_TOPIC: `events-${own}`,
      FAIRTALLY_GROUP: `group-${own}`,
    };
    writeFileSync(join(folder, 'accounts.csv'), `account,name\nA1,Name\n`);
    writeFileSync(
      join(folder, 'lines.csv'),
      `line,account,number,offer,usage_class,mobility,equipment,from,to\n${LINE},A1,+33${NUMBER},full-illimite,business,off,managed,2026-01-01,\n`,
    );
    for (const args of [['setup'], ['lines', 'import', '.'], ['topics', 'create', '--partitions', '1']]) {
      const { exitCode, stderr } = await runCommand(folder, args, { env });
      if (exitCode !== 0) throw new Error(stderr);
    }
    const health = ['--metrics-port', '0', '--unhealthy-after-ms', '1000'];
    worker = startCommand(folder, ['worker', '--linger-ms', '20', ...health], env);
    relay = startCommand(folder, ['relay'], env);
    await told(/worker started/);
  });
  afterAll(async () => {
    await worker.stop();
    await relay.stop();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Has a fault come while a call is taken, until the worker has told of it, and takes it away again. */
  async function withFault(put: string, take: string, call: string, what: RegExp): Promise<void> {
    await sql(put);
    await produce(inject('kafkaBrokers'), topic, [record({ call: `${CALL}-${call}` })]);
    await told(what);
    await sql(take);
    await rated(call);
  }

  async function rated(call: string): Promise<void> {
    const db = await openDatabase({ url: database.url });
    const count = async (): Promise<number> => {
      const [row] = await db.query<{ n: number }>(`select count(*)::int as n from entry where cdr like $1`, [
        `%${CALL}-${call}"%`,
      ]);
      return row?.n ?? 0;
    };
    try {
      await expect.poll(count, { timeout: 60_000 }).toBe(1);
    } finally {
      await db.close();
    }
  }

  const raising = (condition: string, more: string): string => `
    create or replace function fault() returns trigger language plpgsql as $$
    begin ${condition} raise exception 'call ${CALL} to %', '0${NUMBER}' using ${more}; return new; end $$;
    create trigger fault before insert on source_count for each row execute function fault();`;
  const NO_FAULT = 'drop trigger fault on source_count';

  test.each([
    ['message', `detail = 'Failing row ${NUMBER}', hint = '${LINE}', errcode = '40001'`, /serialization-failure/],
    ['disk', `detail = '${CALL} ${NUMBER}', errcode = '53100'`, /out-of-space/],
    [
      'lock',
      `detail = '${CALL} ${NUMBER}', errcode = '55P03', table = '${CALL}', constraint = 'c_${NUMBER}'`,
      /lock-timeout/,
    ],
  ])('a trigger that raises with a number in its %s', async (call, more, what) => {
    await withFault(raising('', more), NO_FAULT, call, what);
    expect(secretsIn(log())).toEqual([]);
  });

  test('a batch that is repeated for longer than it may makes /health say so, and alarms', async () => {
    const port = Number(worker.lines.find(({ msg }) => msg === 'worker started')?.['port']);
    const ask = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    await expect.poll(() => ask('/metrics'), { timeout: 30_000 }).toContain('fairtally_healthy 1');
    await sql(raising('', `errcode = '53100'`));
    await produce(inject('kafkaBrokers'), topic, [record({ call: `${CALL}-health` })]);
    await expect.poll(() => ask('/health'), { timeout: 60_000 }).toMatch(/"status":"failing"/);
    const { reasons } = JSON.parse(await ask('/health'));
    expect(reasons).toEqual([
      expect.stringMatching(
        new RegExp(`^Cannot take ${topic}/0 from \\d+ to \\d+: it has failed for \\d+ s, last by 'out-of-space'$`),
      ),
    ]);
    const metrics = await ask('/metrics');
    expect(metrics).toContain('fairtally_healthy 0');
    for (const name of [
      'fairtally_batch_failing_seconds',
      'fairtally_oldest_unrated_seconds',
      'fairtally_batch_failures_total',
    ]) {
      expect(metrics).toMatch(new RegExp(`^${name}\\{topic="${topic}",partition="0"\\} [1-9]`, 'm'));
    }
    expect(secretsIn(metrics + String(reasons))).toEqual([]);
    await sql(NO_FAULT);
    await rated('health');
    await expect.poll(() => ask('/health'), { timeout: 60_000 }).toMatch(/"status":"ok"/);
    const after = await ask('/metrics');
    expect(after).toContain(`fairtally_batch_failing_seconds{topic="${topic}",partition="0"} 0`);
    expect(after).toContain(`fairtally_oldest_unrated_seconds{topic="${topic}",partition="0"} 0`);
  });

  test('a constraint whose refusal quotes the row', async () => {
    const name = `source_count_refused`;
    await sql(`alter table source_count add constraint ${name} check (records < 0 or outcome <> 'rated') not valid`);
    await produce(inject('kafkaBrokers'), topic, [record({ call: `${CALL}-constraint`, to: `0${NUMBER}` })]);
    await told(new RegExp(name));
    await sql(`alter table source_count drop constraint ${name}`);
    expect(secretsIn(log())).toEqual([]);
  });

  test('records of every broken kind', async () => {
    const broken = [
      `{"call":"${CALL}","to":"${NUMBER}"`,
      record({ to: `${NUMBER}\u0000` }),
      record({ to: `${NUMBER}${'9'.repeat(40)}`, call: `${CALL}-long` }),
      record({ [`${CALL}${NUMBER}`]: PASSWORD }),
      record({ line: `${LINE}-none`, call: `${CALL}-none` }),
      record({ answered: `${NUMBER}` }),
      Buffer.from(`\xff\xfe${CALL}${NUMBER}`, 'latin1').toString('latin1'),
      HOSTILE,
    ];
    await produce(inject('kafkaBrokers'), topic, [...broken, record({ call: `${CALL}-last` })]);
    await rated('last');
    expect(secretsIn(log())).toEqual([]);
  });

  test('a relay that meets a failing cursor', async () => {
    await sql(`
      create function cursor_fault() returns trigger language plpgsql as $$
      begin raise exception 'to ${NUMBER}' using detail = '${CALL}', errcode = '40P01'; end $$;
      create trigger fault before update on relay_cursor for each row execute function cursor_fault();`);
    await produce(inject('kafkaBrokers'), topic, [record({ call: `${CALL}-relay` })]);
    await expect
      .poll(() => relay.lines.map(({ msg }) => msg), { timeout: 60_000 })
      .toContain('Cannot publish: it is tried again');
    await sql('drop trigger fault on relay_cursor');
    expect(secretsIn(log())).toEqual([]);
  });

  test('says what failed all the same: the kind, the code and where', () => {
    const faults = worker.lines.filter(({ err }) => Reflect.get(Object(err), 'type') === 'DatabaseError');
    expect(faults.length).toBeGreaterThan(2);
    for (const { err } of faults) {
      expect(err).toMatchObject({
        type: 'DatabaseError',
        code: expect.any(String),
        message: expect.stringMatching(/^Cannot run '/),
      });
      expect(Object.keys(Object(err)).toSorted()).not.toContain('cause');
    }
  });
});

describe('loggableError()', () => {
  const row = `Failing row contains (${NUMBER}, ${CALL})`;

  test.each<[string, unknown]>([
    ['a bug with a record in its message', new TypeError(`Cannot read '${CALL}' to ${NUMBER}`)],
    ['one that passes for frames of a stack', new Error(`x\n    at ${CALL} (/${NUMBER}:1:1)`)],
    [
      'one with fields of a driver',
      Object.assign(new Error('x'), { detail: row, where: row, parameters: [NUMBER], query: CALL }),
    ],
    ['one with a cause', new Error('x', { cause: new Error(row) })],
    ['several', new AggregateError([new Error(row)], CALL)],
    [
      'one of kafkajs that wraps one of ours',
      Object.assign(new Error(row, { cause: new Error(row) }), { name: 'KafkaJSNonRetriableError' }),
    ],
    [
      'one of kafkajs that wraps one of ours with a cause of the database',
      Object.assign(new Error(row, { cause: new Error(row, { cause: new DatabaseError('x', { code: 'other' }) }) }), {
        name: 'KafkaJSNonRetriableError',
      }),
    ],
    ['a text', `${CALL} ${NUMBER}`],
    ['an object', { call: CALL, message: NUMBER }],
    ['a name that is a number', Object.assign(new Error('x'), { name: `${CALL} to ${NUMBER}`, code: `+33 ${NUMBER}` })],
  ])('keeps %s out', (_, error) => {
    expect(secretsIn(JSON.stringify(loggableError(error)))).toEqual([]);
  });

  test('keeps what says what happened', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    expect(loggableError(refused)).toMatchObject({ message: 'connect ECONNREFUSED 127.0.0.1:1', code: 'ECONNREFUSED' });
    expect(loggableError(new OperatingFault(`Cannot find topic 'x'`))).toMatchObject({
      message: `Cannot find topic 'x'`,
    });
    expect(loggableError(new RangeError('x')).at?.[0]).toMatch(/people-logs\.test\.ts:\d+:\d+/);
  });
});

describe('errors of the database', () => {
  test.each(['server', 'embedded'])('of the %s keep names, and no value, wherever one looks', async (kind) => {
    const { url, drop } =
      kind === 'server' ? await createTestDatabase('template1') : { url: '', drop: async () => undefined };
    const db = await openDatabase(kind === 'server' ? { url } : { memory: true });
    try {
      await db.exec(`create table t (id bigint primary key, a text, n smallint, constraint t_a check (length(a) < 12));
        create function f() returns trigger language plpgsql as $$ begin raise exception 'of %', new.a using errcode = '42501'; end $$;
        create table u (a text); create trigger f before insert on u for each row execute function f();
        insert into t values (${NUMBER}, 'x')`);
      const statements: [string, (string | number | null)[]][] = [
        ['insert into t values ($1, $2)', [NUMBER, 'y']],
        ['insert into t values ($1, $2)', [1, `${CALL}${LINE}`]],
        ['insert into t values ($1, $2)', [null, CALL]],
        ['insert into t (id, n) values ($1, $2::text::smallint)', [2, NUMBER]],
        ['select $1::text::bigint', [CALL]],
        ['select $1::text::timestamptz', [`${NUMBER}-${CALL}`]],
        ['select $1::text::json', [`{"${CALL}": ${NUMBER}`]],
        ['insert into u values ($1)', [`${CALL} ${NUMBER}`]],
      ];
      for (const [statement, parameters] of statements) {
        const error: unknown = await db.query(statement, parameters).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(DatabaseError);
        expect([statement, secretsIn(everythingIn(error))]).toEqual([statement, []]);
      }
      const copied: unknown = await db
        .transaction((tx) => tx.copyIn('copy t (id) from stdin (format text)', Buffer.from(`${CALL}${NUMBER}\n`)))
        .then(
          () => null,
          (thrown: unknown) => thrown,
        );
      expect(copied).toBeInstanceOf(DatabaseError);
      expect(secretsIn(everythingIn(copied))).toEqual([]);
      const missing: unknown = await db.query('select * from missing').then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(String(missing)).toContain(`relation "missing" does not exist`);
    } finally {
      await db.close();
      await drop();
    }
  });
});

/** Every property of an error, hidden ones and those of its causes too. */
function everythingIn(value: unknown, met = new Set<unknown>()): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (met.has(value)) return '';
  met.add(value);
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)}: ${everythingIn(Reflect.get(value, key), met)}`)
    .join('\n');
}

describe('the log', () => {
  test('leaves out fields that are not named, and names all that the code logs', () => {
    const stderr = new PassThrough();
    const terminal = {
      stdin: Readable.from([]),
      stdout: stderr,
      stderr,
      isInteractive: false,
      columns: 80,
      env: {},
      folder: '',
      signal: new AbortController().signal,
    };
    const log = openLog(terminal, { brokers: [], tls: null, sasl: null });
    log.error(
      { topic: HOSTILE, call: CALL, record: { to: NUMBER }, err: new Error(NUMBER) },
      `postgres://u:${PASSWORD}@h/d ${HOSTILE}`,
    );
    const line = String(stderr.read());
    expect(secretsIn(line)).toEqual([]);
    expect(rawIn(line)).toBeNull();
    expect(JSON.parse(line)).toMatchObject({ topic: HOSTILE });
    expect(line.trimEnd()).not.toContain('\n');
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const used = globSync('{bin,ingest,relay}/**/*.ts', { cwd: root }).flatMap((file) =>
      fieldsLoggedIn(readFileSync(join(root, file), 'utf8')),
    );
    expect(used.length).toBeGreaterThan(10);
    // What is spread can't be seen here: but for the start and the end of a log, it must be written out.
    const written = used.filter((field) => !['err', '...bounds'].includes(field));
    expect(written.filter((field) => !LOG_FIELDS.has(field))).toEqual([]);
  });
});

/** Names of the fields of `log.error({ … }, …)` and its kin, as far as they stand there. */
function fieldsLoggedIn(code: string): string[] {
  return [...code.matchAll(/\blog(?:\.\w+|\[level\])\(\s*\{([^}]*)\}/g)].flatMap(([, fields = '']) =>
    fields
      .replaceAll(/\[[^\]]*\]|\([^)]*\)/g, '')
      .split(',')
      .flatMap((field) => /^\s*((?:\.\.\.)?\w+)/.exec(field)?.[1] ?? []),
  );
}

describe('a password', () => {
  const addresses = [
    `postgres://usr:${PASSWORD} x@[::1/db`,
    `postgres://usr:${PASSWORD}@h:99999/db`,
    `postgres://usr:${PASSWORD}`,
    `postgres://usr:p/${PASSWORD}@h/db`,
    `postgres://usr:12/${PASSWORD}@h/db`,
    `postgres://usr:1#${PASSWORD}@h/db`,
    `postgres://usr:1?${PASSWORD}@h/db`,
    `postgres://usr:%zz${PASSWORD}@h/db`,
    `mysql://usr:${PASSWORD}@h/db`,
    `Postgres://usr:${PASSWORD}@h/db`,
    `host=127.0.0.1 user=x password=${PASSWORD}`,
    `{"user":"x","password":"${PASSWORD}"}`,
    `postgres://h/db?port=x&password=${PASSWORD}`,
    `"postgres://usr:${PASSWORD}@h/db"`,
    `export DATABASE_URL=postgres://usr:${PASSWORD}@h/db`,
    PASSWORD,
  ];

  test.each(addresses)('is in no message about the address %s', async (address) => {
    const folder = tmpdir();
    const runs = await Promise.all([
      runCommand(folder, ['report'], { env: { DATABASE_URL: address } }),
      runCommand(folder, ['report', '--database', address]),
      runCommand(folder, ['report', `--databse=${address}`]),
      runCommand(folder, ['worker'], { env: { DATABASE_URL: address, KAFKA_BROKERS: 'h:1' } }),
      runCommand(folder, ['topics', 'positions'], { env: { DATABASE_URL: address, KAFKA_BROKERS: address } }),
    ]);
    // A bare word that somebody typed where an option should be can't be told from any other.
    const shown = runs.filter((_, at) => address !== PASSWORD || at !== 2);
    for (const { exitCode, stdout, stderr } of shown) {
      expect(secretsIn(stdout + stderr)).toEqual([]);
      expect(exitCode).toBe(2);
      expect(stderr).not.toBe('');
    }
  });

  test('is in no message about the settings of Kafka, whichever of them it was put into', async () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${PASSWORD}\n-----END PRIVATE KEY-----`;
    const settings: Readonly<Record<string, string>>[] = [
      { KAFKA_SASL_PASSWORD: PASSWORD },
      { KAFKA_SASL_MECHANISM: PASSWORD },
      { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: PASSWORD },
      { KAFKA_BROKERS: `user:${PASSWORD}@h:9092` },
      { KAFKA_BROKERS: `{"password":"${PASSWORD}"}` },
      { KAFKA_TLS_KEY_PASSPHRASE: PASSWORD, KAFKA_TLS: 'true' },
      { KAFKA_TLS: 'true', KAFKA_TLS_KEY_FILE: key, KAFKA_TLS_CERT_FILE: key },
      { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: key },
      { KAFKA_TLS: `password=${PASSWORD}` },
      { FAIRTALLY_SECRET_SETTING: PASSWORD },
      { FAIRTALLY_TOPICS: `a/b,password=${PASSWORD}` },
    ];
    for (const given of settings) {
      const env = { KAFKA_BROKERS: 'h:x', DATABASE_URL: 'postgres://h/d', ...given };
      for (const args of [['worker'], ['relay'], ['topics', 'create']]) {
        const { exitCode, stdout, stderr } = await runCommand(tmpdir(), args, { env });
        expect([given, exitCode, secretsIn(stdout + stderr)]).toEqual([given, 2, []]);
      }
    }
  });

  test('is in nothing that is said when the server refuses it, or is none', async () => {
    const url = new URL(inject('postgres').url);
    url.password = PASSWORD;
    const env = { DATABASE_URL: url.href, PGPASSWORD: PASSWORD };
    const silent = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = Object(silent.address());
    for (const address of [
      url.href,
      `postgres://u:${PASSWORD}@127.0.0.1:1/d`,
      `postgres://u:${PASSWORD}@127.0.0.1:${port}/d`,
      `postgres://u:${PASSWORD}@h.invalid/d`,
    ]) {
      const { exitCode, stdout, stderr } = await spawnCommand(tmpdir(), ['report', '--database', address]);
      expect([address === url.href ? 'refused or trusted' : exitCode, secretsIn(stdout + stderr)]).toEqual([
        address === url.href ? 'refused or trusted' : 1,
        [],
      ]);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
    silent.close();
    const set = await runCommand(tmpdir(), ['setup'], { env });
    expect(secretsIn(set.stdout + set.stderr)).toEqual([]);
  });

  test.each([
    [`postgres://u:${PASSWORD}@h/d`, 'postgres://u:…@h/d'],
    [`at 'kafka://u:a@b ${PASSWORD}@h:1' it`, `at 'kafka://u:…@h:1' it`],
    [`password=${PASSWORD} user=x`, 'password=… user=x'],
    [`{"sasl.password": "${PASSWORD}", "a": 1}`, '{"sasl.password": "…", "a": 1}'],
    ['http://127.0.0.1:9464/metrics', 'http://127.0.0.1:9464/metrics'],
    [
      'see KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, and KAFKA_SASL_MECHANISM',
      'see KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, and KAFKA_SASL_MECHANISM',
    ],
  ])('is masked in %s', (text, masked) => {
    expect(withoutSecrets(text)).toBe(masked);
  });
});

test('a bug is told by its kind, and shown whole only to who asks', async () => {
  expect(await seen({})).toMatch(
    /^Cannot go on: TypeError(?: \(\w+\))?, which is a bug of Fairtally: FAIRTALLY_DEBUG=1 shows more[^\n]*\n$/,
  );
  expect(await seen({ FAIRTALLY_DEBUG: '1' })).toMatch(/\n {4}at .*command-line\.ts:\d+/);
});

/** What is said of a bug: the environment breaks whoever looks through it. */
async function seen(env: Readonly<Record<string, string>>): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const signal = new AbortController().signal;
  const broken = new Proxy(env, {
    ownKeys: () => {
      throw new TypeError(`of ${CALL} ${NUMBER}`);
    },
  });
  const terminal = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    isInteractive: false,
    columns: 80,
    env: broken,
    folder: '/',
    signal,
  };
  await runCommandLine(['report'], terminal);
  return String(stderr.read());
}
