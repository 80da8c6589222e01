import {
  type AuditAction,
  type AuditRecord,
  type Queryable,
  auditHash,
  auditRecordsAfter,
  NO_RECORD,
  readAuditRecords,
  repeatWhileCut,
} from '../../ledger/index.ts';
import { type Refused, refusal, refused } from '../refusals.ts';

export const AUDIT_ACTIONS: readonly AuditAction[] = ['read', 'export', 'decide', 'change'];

/** Which records of the audit are asked for. */
export interface AuditRequest {
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** Part of the subject: the id of a line, a month, a filter. */
  readonly subject?: string | undefined;
  readonly limit: number;
  /** Where the page before ended: its `next`. */
  readonly before?: string | undefined;
}

export interface AuditPage {
  readonly kind: 'audit';
  /** Latest first. */
  readonly records: readonly AuditRecord[];
  /** `null`: this is the last page. */
  readonly next: string | null;
}

/** Who read personal data, exported, decided or changed anything, latest first. */
export async function readAudit(q: Queryable, request: AuditRequest): Promise<AuditPage | Refused> {
  const { before, limit, ...filter } = request;
  if (before !== undefined && !/^\d{1,15}$/.test(before)) {
    return refused(refusal('cursor-unreadable', { cursor: before }));
  }
  const beforeNo = before === undefined ? null : Number(before);
  const found = await repeatWhileCut(() => readAuditRecords(q, filter, beforeNo, limit + 1));
  const records = found.slice(0, limit);
  return { kind: 'audit', records, next: found.length > limit ? String(records.at(-1)?.no) : null };
}

/** Where the chain of the audit breaks. */
export interface AuditFault {
  /** The record that does not follow, or that should be there. */
  readonly no: number;
  readonly fault: 'missing' | 'changed' | 'not-after';
}

export interface VerifiedAudit {
  readonly kind: 'verified';
  readonly records: number;
  /** The hash of the last record, hex: kept elsewhere, it proves that none was taken off the end. */
  readonly head: string;
  readonly faults: readonly AuditFault[];
}

/** A record whose hash was kept elsewhere: `12:6a0f…`, its number and its hash. */
export interface KeptHead {
  readonly no: number;
  readonly hash: string;
}

const AT_ONCE = 5_000;
const MOST_FAULTS = 100;

/**
 * Follows the chain of the audit from its first record: every record is there, says what it said, and follows the one
 * before. Who may write to the database can make all of it anew: what was kept elsewhere (`kept`) shows that, too.
 */
export async function verifyAudit(q: Queryable, kept: KeptHead | null = null): Promise<VerifiedAudit> {
  const faults: AuditFault[] = [];
  let previous: Buffer = NO_RECORD;
  let no = 0;
  let keptHash: string | null = null;
  for (;;) {
    const records = await repeatWhileCut(() => auditRecordsAfter(q, no, AT_ONCE));
    for (const record of records) {
      for (let missing = no + 1; missing < record.no && faults.length < MOST_FAULTS; missing++) {
        faults.push({ no: missing, fault: 'missing' });
      }
      const isNext = record.no === no + 1;
      if (isNext && !record.previous.equals(previous)) faults.push({ no: record.no, fault: 'not-after' });
      if (!auditHash(record.previous, record).equals(record.hash)) faults.push({ no: record.no, fault: 'changed' });
      no = record.no;
      previous = record.hash;
      if (kept?.no === no) keptHash = record.hash.toString('hex');
    }
    if (records.length < AT_ONCE) break;
  }
  if (kept !== null && keptHash !== kept.hash) {
    faults.push({ no: kept.no, fault: keptHash === null ? 'missing' : 'changed' });
  }
  return { kind: 'verified', records: no, head: previous.toString('hex'), faults: faults.slice(0, MOST_FAULTS) };
}
