/**
 * What went wrong in the database, as a stable code; match on it, never on the message. In the order in which
 * `codeOf` looks for them.
 *
 * - `unique-violation`, `check-violation`, `not-null-violation`, `foreign-key-violation`: a constraint refused a row;
 *   `constraint` names the rule.
 * - `append-only`: something tried to change or remove what is never changed or removed.
 * - `serialization-failure`, `deadlock`, `lock-timeout`, `cancelled`: the same transaction may pass when run again.
 * - `unreachable`: no connection could be made, or the server lets nobody in yet. `connection-lost`: it broke; whether
 *   a commit under way was carried out is unknown: read the source's position before running the batch again.
 * - `refused`: what listens there and we could not agree on a connection (TLS, a certificate, a login, a protocol):
 *   someone must change the address or the server.
 * - `out-of-space`: disk, memory or connections are used up.
 * - `in-use`: another process has the embedded database open.
 * - `lock-lost`: another process has taken the embedded database over, or its folder is gone: this process must end.
 * - `unusable`: the embedded database can't be opened: damaged, not allowed, or not on this file system.
 * - `rolled-back`: a statement of the transaction had failed before, so that nothing of it stays.
 * - `other`: see `sqlState` and `cause`.
 */
export type DatabaseErrorCode =
  | 'unique-violation'
  | 'check-violation'
  | 'not-null-violation'
  | 'foreign-key-violation'
  | 'append-only'
  | 'serialization-failure'
  | 'deadlock'
  | 'lock-timeout'
  | 'cancelled'
  | 'unreachable'
  | 'connection-lost'
  | 'refused'
  | 'out-of-space'
  | 'in-use'
  | 'lock-lost'
  | 'unusable'
  | 'rolled-back'
  | 'other';

const RETRYABLE: ReadonlySet<DatabaseErrorCode> = new Set<DatabaseErrorCode>([
  'serialization-failure',
  'deadlock',
  'lock-timeout',
  'cancelled',
  'unreachable',
  'connection-lost',
  'out-of-space',
]);

/**
 * A failure of the database, the same for PostgreSQL and PGlite. Its message may be printed and logged: it names the
 * statement, the kind of failure, and what of the schema it concerns, and never a value of a row. What the server
 * says beyond (DETAIL, HINT, CONTEXT, parameters) is not kept at all, so that nobody who walks through the error
 * finds it.
 */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
  readonly code: DatabaseErrorCode;
  /** PostgreSQL's five characters, e.g. `23505`; `null` when the failure is none of the server's. */
  readonly sqlState: string | null;
  /** Name of the constraint that refused, e.g. `entry_call`; `null` when none did. */
  readonly constraint: string | null;
  /** Name of the table that it concerns; `null` when the server named none. */
  readonly table: string | null;
  /** Whether the same transaction, run again, may pass. */
  readonly retryable: boolean;
  /** Whether the server ended the session with it, or did not let it begin: nothing else can be asked either. */
  readonly isFatal: boolean;

  constructor(
    message: string,
    what: {
      code: DatabaseErrorCode;
      sqlState?: string | null;
      constraint?: string | null;
      table?: string | null;
      isFatal?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, what.cause === undefined ? {} : { cause: what.cause });
    this.code = what.code;
    this.sqlState = what.sqlState ?? null;
    this.constraint = what.constraint ?? null;
    this.table = what.table ?? null;
    this.retryable = RETRYABLE.has(what.code);
    this.isFatal = what.isFatal ?? what.code === 'refused';
  }
}

/**
 * Wraps whatever a driver threw at `statement`; errors that are ours already, or none of the database, pass through.
 */
export function toDatabaseError(thrown: unknown, statement: string): unknown {
  if (thrown instanceof DatabaseError || !(thrown instanceof Error)) return thrown;
  const driverCode = textOf(thrown, 'code');
  const isState = driverCode !== null && /^[0-9A-Z]{5}$/.test(driverCode) && !driverCode.startsWith('E');
  const code = codeOf(driverCode, thrown.message);
  if (code === 'other' && !isState) return thrown;
  const [constraint, table] = [nameIn(thrown, 'constraint'), nameIn(thrown, 'table')];
  const sqlState = isState ? driverCode : null;
  const why = sqlState === null ? thrown.message || code : serverMessage(thrown, sqlState, code);
  const where = [
    ...(constraint === null ? [] : [`constraint '${constraint}'`]),
    ...(table === null ? [] : [`table '${table}'`]),
  ];
  const message = `Cannot run '${firstLine(statement)}': ${[why, ...where].join(', ')}`;
  const isFatal = ['FATAL', 'PANIC'].includes(textOf(thrown, 'severity') ?? '');
  return new DatabaseError(message, { code, sqlState, constraint, table, isFatal, cause: withoutValues(thrown, code) });
}

/**
 * Classes of SQLSTATE whose messages, as the server itself words them, name roles, tables, functions and files, and
 * no value of a row: connections, logins, missing objects and rights, conflicts of transactions, limits,
 * interventions, the system.
 */
const NAMES_ONLY: ReadonlySet<string> = new Set([
  '08',
  '0A',
  '25',
  '28',
  '3D',
  '3F',
  '40',
  '42',
  '53',
  '55',
  '57',
  '58',
]);

/** The server's message where it holds no value; else what kind of failure it is. */
function serverMessage(thrown: Error, sqlState: string, code: DatabaseErrorCode): string {
  // A function in PL/pgSQL raises what it likes, under any state: its words may be a row's.
  const isRaised = textOf(thrown, 'routine') === 'exec_stmt_raise' || textOf(thrown, 'file') === 'pl_exec.c';
  if (NAMES_ONLY.has(sqlState.slice(0, 2)) && !isRaised) return thrown.message;
  return code === 'other' ? `SQLSTATE ${sqlState}` : `${code.replaceAll('-', ' ')} (SQLSTATE ${sqlState})`;
}

/**
 * Names of our schema, of which the longest number is a month's; another one, of somebody's own trigger, may be
 * anything.
 */
function nameIn(thrown: Error, field: 'constraint' | 'table'): string | null {
  const name = textOf(thrown, field);
  return name !== null && /^(?!.*\d{7})[a-z_][a-z_0-9]{0,62}$/.test(name) ? name : null;
}

/**
 * Where the driver threw it, for developers: a driver's error has the server's DETAIL, the row among it, as a field.
 */
function withoutValues({ name, stack = '', message }: Error, code: DatabaseErrorCode): Error {
  const end = stack.indexOf(message);
  const bare = new Error(code);
  bare.stack = `${name}: ${code}${end < 0 ? '' : stack.slice(end + message.length)}`;
  return bare;
}

const CODES: Readonly<Record<string, DatabaseErrorCode>> = {
  '23505': 'unique-violation',
  '23514': 'check-violation',
  '23502': 'not-null-violation',
  '23503': 'foreign-key-violation',
  '23001': 'append-only',
  // A statement after one that failed; from PGlite, also the commit.
  '25P02': 'rolled-back',
  '40001': 'serialization-failure',
  '40P01': 'deadlock',
  '55P03': 'lock-timeout',
  '57014': 'cancelled',
  '57P03': 'unreachable',
  '57P04': 'connection-lost',
  '57P01': 'connection-lost',
  '57P02': 'connection-lost',
  // Ended by the server: idle in a transaction, or idle, for too long; a transaction that took too long.
  '25P03': 'connection-lost',
  '57P05': 'connection-lost',
  '25P04': 'connection-lost',
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
};

function codeOf(driverCode: string | null, message: string): DatabaseErrorCode {
  if (driverCode !== null) {
    const code = CODES[driverCode];
    if (code !== undefined) return code;
    if (driverCode.startsWith('08')) return 'connection-lost';
    if (driverCode.startsWith('53')) return 'out-of-space';
    return 'other';
  }
  // The cases in which pg has nothing but a message: no answer in time, "Connection terminated unexpectedly" and its
  // kin.
  if (message === 'timeout expired') return 'unreachable';
  return /^connection terminated|not queryable|client was closed/i.test(message) ? 'connection-lost' : 'other';
}

function textOf(error: Error, field: string): string | null {
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' && value !== '' ? value : null;
}

function firstLine(statement: string): string {
  const line = statement.trim().split('\n', 1)[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
