import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Client, Pool } from 'pg';
import type { ClientBase, ClientConfig, Connection, PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { CommitInDoubtError } from './commit-in-doubt.ts';
import { toConnectError } from './connect-error.ts';
import { copyInto } from './copy-in.ts';
import { DatabaseError, toDatabaseError } from './database-error.ts';
import type { Database, Queryable, Transaction } from './database.ts';
import { findSchema } from './find-schema.ts';
import { DEFAULT_SESSION, type SessionSettings } from './session-settings.ts';
import { COLUMN_PARSERS, toParameterText } from './sql-values.ts';

// Batches run one after the other; the others serve reports beside them.
const MAX_CONNECTIONS = 4;

/**
 * A server that takes the connection and says nothing, or a network that loses what we send, would be waited for
 * without end or for the minutes that the system's TCP takes.
 */
const CONNECT_WITHIN_MS = 10_000;
/** After so long without a word the system asks whether the other end is still there. */
const KEEP_ALIVE_AFTER_MS = 10_000;

/** To the pool itself the same setting would also limit the wait for a connection that is in use. */
class PromptClient extends Client {
  constructor(config?: ClientConfig) {
    try {
      super({ ...config, connectionTimeoutMillis: CONNECT_WITHIN_MS });
    } catch (cause) {
      // It reads the files that the address names.
      throw toConnectError(cause);
    }
    catchMisunderstood(this.connection);
  }

  // The pool alone connects, and by a callback: every connection, the first or a later one, fails in our words.
  override connect(): Promise<this>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<this> | undefined {
    if (callback === undefined) throw new Error('Cannot connect but for a pool');
    super.connect((...[error]: unknown[]) => callback(error instanceof Error ? toConnectError(error) : null, this));
    return undefined;
  }
}

/**
 * Ends a connection over which comes what the driver does not know: it throws out of the socket's own event (pg 8.23),
 * where nobody could catch it, and the process would end.
 */
function catchMisunderstood(connection: Connection): void {
  const attach: unknown = Reflect.get(connection, 'attachListeners');
  if (typeof attach !== 'function') return;
  Reflect.set(connection, 'attachListeners', (stream: Duplex) => {
    attach.call(connection, stream);
    for (const listener of stream.rawListeners('data')) {
      stream.off('data', listener as (chunk: Buffer) => void);
      stream.on('data', (chunk: Buffer) => {
        try {
          listener.call(stream, chunk);
        } catch (cause) {
          stream.destroy(new Error('Connection terminated: what came was not understood', { cause }));
        }
      });
    }
  });
}

type Connected = (error: Error | null, client: ClientBase) => void;

const TYPES = { getTypeParser: (type: number) => COLUMN_PARSERS[type] ?? String };

/**
 * Connects to the PostgreSQL server (15 or later) at `url`; rejects when it has not answered after 10 s. Every
 * connection is given `settings`, whatever the server, the database and the role set: names lead to the ledger's
 * schema and nowhere else.
 */
export async function openPostgres(url: string, settings: SessionSettings = DEFAULT_SESSION): Promise<Database> {
  let schema: string | null = null;
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    Client: PromptClient,
    types: TYPES,
    application_name: 'fairtally',
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    onConnect: async (client) => {
      schema ??= await findSchema(askOf(client), settings.schema);
      await client.query(SESSION, sessionValues(schema, settings));
    },
  });
  // An idle connection that breaks is replaced by the pool; whoever needs it next is told.
  pool.on('error', ignore);
  try {
    await pool.query('select 1');
  } catch (cause) {
    await pool.end();
    throw toDatabaseError(cause, 'connect');
  }
  return postgresDatabase(pool, settings);
}

// How values are written and read, too: times and numbers come as text, and must come whole.
// Temporary tables last: unnamed, they would come before all others. Nobody's come before PostgreSQL's own,
// `pg_catalog`.
const SESSION = `select
  pg_catalog.set_config('search_path', pg_catalog.format('%I, pg_temp', $1::pg_catalog.text), false),
  pg_catalog.set_config('timezone', 'UTC', false), pg_catalog.set_config('datestyle', 'ISO, YMD', false),
  pg_catalog.set_config('intervalstyle', 'postgres', false), pg_catalog.set_config('bytea_output', 'hex', false),
  pg_catalog.set_config('extra_float_digits', '1', false), pg_catalog.set_config('client_encoding', 'UTF8', false),
  pg_catalog.set_config('transform_null_equals', 'off', false), pg_catalog.set_config('array_nulls', 'on', false),
  pg_catalog.set_config('lock_timeout', $2, false), pg_catalog.set_config('statement_timeout', $3, false),
  pg_catalog.set_config('idle_in_transaction_session_timeout', $4, false)`;

function sessionValues(schema: string, settings: SessionSettings): string[] {
  const { lockTimeoutMs, readTimeoutMs, idleTimeoutMs } = settings;
  return [schema, ...[lockTimeoutMs, readTimeoutMs, idleTimeoutMs].map(String)];
}

function askOf(client: ClientBase) {
  return async <Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query(sql, params.map(toParameterText))).rows as Row[];
}

function postgresDatabase(pool: Pool, { statementTimeoutMs }: SessionSettings): Database {
  // In one message: a transaction is as many round trips as before.
  const begin = `begin isolation level read committed; set local statement_timeout = ${Number(statementTimeoutMs)}`;
  return {
    kind: 'postgres',
    query: queryOf(pool),
    transaction: (run) => inTransaction(pool, begin, run),
    copyOut: (sql) => copyOut(pool, sql),
    exec: execOf(pool),
    close: () => pool.end(),
  };
}

function queryOf(client: Pool | PoolClient): Queryable['query'] {
  return (sql, params) =>
    sent(sql, async () => {
      const result = await client.query(sql, params?.map(toParameterText) ?? []);
      return result.rows;
    });
}

function execOf(client: Pool | PoolClient): Database['exec'] {
  return (sqlScript) => sent(sqlScript, async () => void (await client.query(sqlScript)));
}

function transactionOf(client: PoolClient): Transaction {
  return {
    query: queryOf(client),
    exec: execOf(client),
    copyIn: (sql, bytes) => sent(sql, () => copyInto(client, sql, bytes)),
    copyOut: (sql) => copyOutOf(client, sql, true),
  };
}

function ignore(): void {}

async function inTransaction<T>(pool: Pool, begin: string, run: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await sent('connect', () => pool.connect());
  // Without a listener, a connection that breaks between two statements would end the process.
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await sent('begin', () => client.query(begin));
    const result = await run(transactionOf(client));
    await commit(client);
    return result;
  } catch (cause) {
    broken = await rollback(client);
    throw cause;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

async function commit(client: PoolClient): Promise<void> {
  const result = await sent('commit', () => client.query('commit')).catch((error: unknown) => {
    throw isInDoubt(error) ? new CommitInDoubtError(error) : error;
  });
  // PostgreSQL answers so, without an error, when a failed statement went unnoticed.
  if (result.command === 'ROLLBACK') {
    throw new DatabaseError('Cannot commit: a statement of the transaction had failed', { code: 'rolled-back' });
  }
}

/** A connection that the server ended for being idle was ended before it read the commit. */
function isInDoubt(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.code === 'connection-lost' && error.sqlState !== '25P03';
}

/** Returns the error when the connection can't be used any more. */
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

/** A reader that stops early costs the connection: there is no other way to stop the server. */
async function* copyOut(pool: Pool, sql: string): AsyncIterable<Uint8Array> {
  const client = await sent('connect', () => pool.connect());
  // As in a transaction: the server's last words come beside the stream.
  client.on('error', ignore);
  let isDone = false;
  try {
    yield* copyOutOf(client, sql, false);
    isDone = true;
    client.off('error', ignore);
  } finally {
    client.release(!isDone);
  }
}

/**
 * @param readsOn where its reader stops early, what the server still sends is read all the same: the next statement of
 * the connection waits for it
 */
async function* copyOutOf(client: PoolClient, sql: string, readsOn: boolean): AsyncIterable<Uint8Array> {
  const stream = client.query(copyTo(sql));
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: !readsOn })) yield chunk;
  } catch (cause) {
    throw toDatabaseError(cause, sql);
  } finally {
    // An error of the server is the reader's no more.
    if (readsOn && !stream.destroyed && !stream.readableEnded) await finished(stream.resume()).catch(ignore);
  }
}

async function sent<T>(sql: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (cause) {
    throw toDatabaseError(cause, sql);
  }
}
