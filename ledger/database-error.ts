/**
 * What went wrong in the database, as a stable code; match on it, never on the message. In the order in which
 * `codeOf` looks for them.
 *
 * - `unique-violation`, `check-violation`, `not-null-violation`, `foreign-key-violation`: a constraint refused a row;
 *   `constraint` names the rule.
 * - `append-only`: something tried to change or remove what is never changed or removed.
 * - `serialization-failure`, `deadlock`, `lock-timeout`, `cancelled`: the same transaction may pass when run again.
 * - `unreachable`: no connection could be made. `connection-lost`: it broke; whether a commit under way was carried
 *   out is unknown: read the source's position before running the batch again.
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

/** A failure of the database, the same for PostgreSQL and PGlite. */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
  readonly code: DatabaseErrorCode;
  /** PostgreSQL's five characters, e.g. `23505`; `null` when the failure is none of the server's. */
  readonly sqlState: string | null;
  /** Name of the constraint that refused, e.g. `entry_call`; `null` when none did. */
  readonly constraint: string | null;
  /** Whether the same transaction, run again, may pass. */
  readonly retryable: boolean;

  constructor(
    message: string,
    what: { code: DatabaseErrorCode; sqlState?: string | null; constraint?: string | null; cause?: unknown },
  ) {
    super(message, { cause: what.cause });
    this.code = what.code;
    this.sqlState = what.sqlState ?? null;
    this.constraint = what.constraint ?? null;
    this.retryable = RETRYABLE.has(what.code);
  }
}

/** Wraps whatever a driver threw at `statement`; errors that are ours already pass through. */
export function toDatabaseError(cause: unknown, statement: string): unknown {
  if (cause instanceof DatabaseError || !(cause instanceof Error)) return cause;
  const sqlState = textOf(cause, 'code');
  const constraint = textOf(cause, 'constraint');
  const detail = textOf(cause, 'detail');
  const isState = sqlState !== null && /^[0-9A-Z]{5}$/.test(sqlState);
  const code = codeOf(sqlState, cause.message);
  if (code === 'other' && !isState) return cause;
  const message = `Cannot run '${firstLine(statement)}': ${cause.message}${detail === null ? '' : ` (${detail})`}`;
  return new DatabaseError(message, { code, sqlState: isState ? sqlState : null, constraint, cause });
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
  '57P01': 'connection-lost',
  '57P02': 'connection-lost',
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
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
  // The cases in which pg has nothing but a message: no answer in time, "Connection terminated unexpectedly" and its kin.
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
