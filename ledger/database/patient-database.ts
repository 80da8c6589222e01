import { setTimeout as delay } from 'node:timers/promises';
import type { Database, Transaction } from './database.ts';
import { DatabaseError } from './database-error.ts';

/** How a database that went away is waited for. */
export interface Patience {
  /** For how long, in ms, since it was first missed. */
  readonly limitMs: number;
  /** Told when the database is missed, about every 15 s after that, and when it answers again. */
  readonly tell: (news: PatienceNews) => void;
  /** Cuts waiting short. */
  readonly signal: AbortSignal;
}

export type PatienceNews =
  | { readonly kind: 'missed'; readonly error: DatabaseError; readonly waitedMs: number; readonly limitMs: number }
  | { readonly kind: 'back' };

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 3_000;
const TELL_EVERY_MS = 15_000;
/** Too many connections: as when a server has just come back and everybody wants one. */
const TOO_MANY_CONNECTIONS = '53300';

/**
 * The same database for a command that was begun while it answered: where its connection breaks it waits, within
 * limits, for the server to come back. A statement outside of a transaction is then sent again: it must be one that
 * changes nothing the second time. A transaction waits to be begun, and is never repeated by itself:
 * `repeatWhileCut`, or who knows better.
 */
export function patientDatabase(db: Database, patience: Patience): Database {
  const told = { at: -Infinity };
  const patient = <T>(attempt: () => Promise<T>, isOver: () => boolean = never): Promise<T> =>
    untilAnswered(attempt, isOver, patience, told);
  return {
    kind: db.kind,
    query: (sql, params) => patient(() => db.query(sql, params)),
    exec: (sqlScript) => patient(() => db.exec(sqlScript)),
    copyOut: (sql) => copyOut(db, sql, patient),
    close: () => db.close(),
    transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T> {
      let hasBegun = false;
      const begun = (tx: Transaction): Promise<T> => {
        hasBegun = true;
        return run(tx);
      };
      return patient(
        () => db.transaction(begun),
        () => hasBegun,
      );
    },
  };
}

function never(): boolean {
  return false;
}

/** Waits for the first bytes: those who have them can't be given them twice. */
async function* copyOut(
  db: Database,
  sql: string,
  patient: <T>(attempt: () => Promise<T>) => Promise<T>,
): AsyncIterable<Uint8Array> {
  const begun = await patient(async () => {
    const chunks = db.copyOut(sql)[Symbol.asyncIterator]();
    return { chunks, first: await chunks.next() };
  });
  try {
    for (let next = begun.first; next.done !== true; next = await begun.chunks.next()) yield next.value;
  } finally {
    await begun.chunks.return?.();
  }
}

async function untilAnswered<T>(
  attempt: () => Promise<T>,
  isOver: () => boolean,
  { limitMs, tell, signal }: Patience,
  /** When the news was last told, of any statement; `-Infinity`: all is well. */
  told: { at: number },
): Promise<T> {
  let missedAt: number | null = null;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    try {
      const answer = await attempt();
      if (told.at > -Infinity) {
        told.at = -Infinity;
        tell({ kind: 'back' });
      }
      return answer;
    } catch (error) {
      if (!isAway(error) || isOver() || signal.aborted) throw error;
      const now = performance.now();
      missedAt ??= now;
      if (now - missedAt >= limitMs) throw error;
      if (now - told.at >= TELL_EVERY_MS) {
        told.at = now;
        tell({ kind: 'missed', error, waitedMs: now - missedAt, limitMs });
      }
    }
    await delay(waitMs, undefined, { signal });
  }
}

function isAway(error: unknown): error is DatabaseError {
  if (!(error instanceof DatabaseError)) return false;
  return error.code === 'connection-lost' || error.code === 'unreachable' || error.sqlState === TOO_MANY_CONNECTIONS;
}
