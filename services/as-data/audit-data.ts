import type { AuditRecord } from '../../ledger/index.ts';
import { isoInstant } from './values.ts';

/** A record of the audit as data. */
export function auditJson({ no, at, actor, name, action, route, subject, hash }: AuditRecord) {
  const about = JSON.parse(subject) as Record<string, unknown>;
  return { no, at: isoInstant(at), actor, name, action, route, subject: about, hash: hash.toString('hex') };
}
