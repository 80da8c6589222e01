import type { Cdr, NoCall } from './cdr.ts';

/** What a call record says, without the bytes it came from. */
export type CdrContent = Omit<Cdr, 'recordBuffer' | 'recordStart' | 'recordEnd' | 'inBytes'>;

/** The same of a correction that says that there was no call. */
export type NoCallContent = Omit<NoCall, 'recordBuffer' | 'recordStart' | 'recordEnd' | 'inBytes' | 'noCallReason'>;

/**
 * The one canonical encoding of a call (canonical CDR, version 1): fixed key order, absent and default values left out,
 * `answered` in UTC with milliseconds. Two records say the same exactly when their canonical texts are equal.
 */
export function canonicalText(cdr: CdrContent | NoCallContent): string {
  return JSON.stringify({
    v: 1,
    switch: cdr.switchId,
    call: cdr.callId,
    leg: cdr.legId === '' ? undefined : cdr.legId,
    line: cdr.line,
    to: cdr.dialled,
    from: cdr.calling ?? undefined,
    answered: cdr.startedAt === null ? null : new Date(cdr.startedAt).toISOString(),
    durationMs: cdr.durationMs,
    ua: cdr.userAgent ?? undefined,
    ip: cdr.sourceIp ?? undefined,
    diversions: cdr.diversions.length === 0 ? undefined : cdr.diversions,
    transferredBy: cdr.transferredBy ?? undefined,
    mobility: cdr.mobilityUsed ?? undefined,
    revision: cdr.revision === 0 ? undefined : cdr.revision,
    kind: 'kind' in cdr && typeof cdr.kind === 'string' && cdr.kind !== 'call' ? cdr.kind : undefined,
  });
}
