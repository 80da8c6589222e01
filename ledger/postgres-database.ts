import { Client, Pool } from 'pg';
import type { ClientConfig, PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { copyInto } from './copy-in.ts';
import { DatabaseError, toDatabaseError } from './database-error.ts';
import type { Database, Queryable, Transaction } from './database.ts';
import { COLUMN_PARSERS, toParameterText } from './sql-values.ts';

// Batches run one after the other; the others serve reports beside them.
const MAX_CONNECTIONS = 4;

/**
 * A server that takes the connection and says nothing, or a network that loses what we send, would be waited for without end
 * or for the minutes that the system's TCP takes.
 */
const CONNECT_WITHIN_MS = 10_000;

/** To the pool itself the same setting would also limit the wait for a connection that is in use. */
class PromptClient extends Client {
  constructor(config?: ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  }
}

const TYPES = { getTypeParser: (type: number) => COLUMN_PARSERS[type] ?? String };

/** Connects to the PostgreSQL server (15 or later) at `url`; rejects when it has not answered after 10 s. */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    Client: PromptClient,
    types: TYPES,
    application_name: 'fairtally',
    keepAlive: true,
    onConnect: async (client) => {
      await client.query(`set timezone = 'UTC'; set datestyle = 'ISO, YMD'`);
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
  return postgresDatabase(pool);
}

function postgresDatabase(pool: Pool): Database {
  return {
    kind: 'postgres',
    query: queryOf(pool),
    transaction: (run) => inTransaction(pool, run),
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
    copyOut: (sql) => copyOutOf(client, sql),
  };
}

function ignore(): void {}

async function inTransaction<T>(pool: Pool, run: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await sent('connect', () => pool.connect());
  // Without a listener, a connection that breaks between two statements would end the process.
  client.on('error', ignore);
  let broken: Error | undefined;
  try {
    await sent('begin', () => client.query('begin isolation level read committed'));
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
  const result = await sent('commit', () => client.query('commit'));
  // PostgreSQL answers so, without an error, when a failed statement went unnoticed.
  if (result.command === 'ROLLBACK') {
    throw new DatabaseError('Cannot commit: a statement of the transaction had failed', { code: 'rolled-back' });
  }
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
    yield* copyOutOf(client, sql);
    isDone = true;
    client.off('error', ignore);
  } finally {
    client.release(!isDone);
  }
}

async function* copyOutOf(client: PoolClient, sql: string): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of client.query(copyTo(sql))) yield chunk;
  } catch (cause) {
    throw toDatabaseError(cause, sql);
  }
}

async function sent<T>(sql: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (cause) {
    throw toDatabaseError(cause, sql);
  }
}
