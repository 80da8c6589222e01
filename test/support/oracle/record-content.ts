import type { CallIdentity, Cdr } from '../../../rater/call/cdr.ts';
import type { OracleRecord } from './oracle-types.ts';

/** A call's identity as one text that no other identity can have. */
export function identityText(identity: CallIdentity): string {
  return JSON.stringify([identity.switchId, identity.callId, identity.legId]);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The order of calls: by start, then by identity, compared part by part as UTF-16 code units. */
export function compareCalls(a: Cdr, b: Cdr): number {
  return (
    a.startedAt - b.startedAt ||
    compareText(a.switchId, b.switchId) ||
    compareText(a.callId, b.callId) ||
    compareText(a.legId, b.legId)
  );
}

/**
 * The canonical encoding of a record: compact JSON, keys in the order of the format, what is absent or the default left
 * out. Two records with the same text have the same content, however the switch spelled them.
 */
export function canonicalContent(cdr: OracleRecord): string {
  return JSON.stringify({
    v: 1,
    switch: cdr.switchId,
    call: cdr.callId,
    leg: cdr.legId === '' ? undefined : cdr.legId,
    line: cdr.line,
    to: cdr.dialled,
    from: cdr.calling ?? undefined,
    answered: cdr.noCall === 'unanswered' ? null : new Date(cdr.startedAt).toISOString(),
    durationMs: cdr.durationMs,
    ua: cdr.userAgent ?? undefined,
    ip: cdr.sourceIp ?? undefined,
    diversions: cdr.diversions.length === 0 ? undefined : cdr.diversions,
    transferredBy: cdr.transferredBy ?? undefined,
    mobility: cdr.mobilityUsed ?? undefined,
    revision: cdr.revision === 0 ? undefined : cdr.revision,
    kind: cdr.noCall === 'unanswered' ? undefined : cdr.noCall,
  });
}

/** FNV-1a, 64 bits, over the UTF-8 bytes of a text: 16 lower-case hexadecimal digits. */
export function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text, 'utf8')) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
  }
  return hash.toString(16).padStart(16, '0');
}

/** The hash of a record's content, by which equal durations in conflict are told apart. */
export function contentHash(cdr: OracleRecord): string {
  return fnv1a64(canonicalContent(cdr));
}
