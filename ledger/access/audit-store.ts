import { createHash } from 'node:crypto';
import type { Database, Queryable } from '../database/database.ts';
import { sqlInstant } from '../database/sql-values.ts';

/** What was done: personal data were read, or left in a file; a case was decided; anything else was changed. */
export type AuditAction = 'read' | 'export' | 'decide' | 'change';

/** Something that goes on record. */
export interface AuditedAct {
  /** The id of the key or the person, and what people call it. */
  readonly actor: string;
  readonly name: string;
  readonly action: AuditAction;
  /** Method and path of the route: `GET /v1/cases/:line/:period`. */
  readonly route: string;
  /** Which line, month, call or filter: JSON. */
  readonly subject: string;
}

export interface AuditRecord extends AuditedAct {
  /** From 1, without a gap. */
  readonly no: number;
  /** ms since the epoch. */
  readonly at: number;
  /** SHA-256 of the record before, and of this one with it. */
  readonly previous: Buffer;
  readonly hash: Buffer;
}

/** The hash before the first record. */
export const NO_RECORD = Buffer.alloc(32);

/** Held by who appends: records follow one another. */
const AUDIT_LOCK = 7_260_122;

/** The hash of a record: of the one before it, and of all that it says. */
export function auditHash(previous: Uint8Array, record: Omit<AuditRecord, 'previous' | 'hash'>): Buffer {
  const { no, at, actor, name, action, route, subject } = record;
  const said = JSON.stringify([no, at, actor, name, action, route, subject]);
  return createHash('sha256').update(previous).update(said).digest();
}

/** Appends what was done, in order, all in one transaction. */
export function addAuditRecords(db: Database, acts: readonly AuditedAct[]): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [AUDIT_LOCK]);
    const [clock] = await tx.query<{ at: number }>(`select date_trunc('milliseconds', clock_timestamp()) as at`);
    const [last] = await tx.query<{ no: bigint; hash: Buffer }>(
      'select no, hash from audit_record order by no desc limit 1',
    );
    let no = Number(last?.no ?? 0n);
    let previous: Buffer = last?.hash ?? NO_RECORD;
    const at = clock!.at;
    const rows = acts.map((act) => {
      const hash = auditHash(previous, { ...act, no: ++no, at });
      const row = { ...act, no, previous: previous.toString('hex'), hash: hash.toString('hex') };
      previous = hash;
      return row;
    });
    await tx.query(
      `insert into audit_record (no, at, actor, name, action, route, subject, previous, hash)
       select no, $2, actor, name, action, route, subject, decode(previous, 'hex'), decode(hash, 'hex')
       from json_to_recordset($1::json) as r (no bigint, actor text, name text, action text, route text, subject text,
                                              previous text, hash text)`,
      [JSON.stringify(rows), sqlInstant(at)],
    );
  });
}

/** Which records. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** Part of what is said of the subject: the id of a line, say. */
  readonly subject?: string | undefined;
}

/** Records before one (`null`: the latest), latest first. */
export async function readAuditRecords(
  q: Queryable,
  { actor, action, subject }: AuditFilter,
  beforeNo: number | null,
  limit: number,
): Promise<AuditRecord[]> {
  const rows = await q.query<Omit<AuditRecord, 'no'> & { no: bigint }>(
    `select no, at, actor, name, action, route, subject, previous, hash from audit_record
     where ($1::bigint is null or no < $1) and ($2::text is null or actor = $2) and ($3::text is null or action = $3)
       and ($4::text is null or position($4 in subject) > 0)
     order by no desc limit $5`,
    [beforeNo, actor ?? null, action ?? null, subject ?? null, limit],
  );
  return rows.map((row) => ({ ...row, no: Number(row.no) }));
}

/** Records after one, in order: to follow the chain. */
export async function auditRecordsAfter(q: Queryable, afterNo: number, limit: number): Promise<AuditRecord[]> {
  const rows = await q.query<Omit<AuditRecord, 'no'> & { no: bigint }>(
    `select no, at, actor, name, action, route, subject, previous, hash from audit_record
     where no > $1 order by no limit $2`,
    [afterNo, limit],
  );
  return rows.map((row) => ({ ...row, no: Number(row.no) }));
}
