import type { CdrContent } from '../../rater/index.ts';
import type { BadRecordReason, Decoded, DecodingNote, NotACallReason } from '../format.ts';

/** What a record comes to by itself, as evidence keeps it: JSON, for as long as the ledger lasts. */
export type AloneReading =
  | { readonly kind: 'call'; readonly content: CdrContent; readonly notes: readonly DecodingNote[] }
  | { readonly kind: 'not-a-call'; readonly reason: NotACallReason }
  | { readonly kind: 'bad'; readonly reason: BadRecordReason; readonly detail: string };

/** The same of a record that was decoded. */
export function aloneOf(decoded: Decoded): AloneReading {
  if (decoded.kind === 'bad') return { kind: 'bad', reason: decoded.reason, detail: decoded.detail };
  if (decoded.kind === 'not-a-call') return { kind: 'not-a-call', reason: decoded.reason };
  const { switchId, callId, legId, line, dialled, calling, startedAt, durationMs, userAgent, sourceIp } = decoded.cdr;
  const { revision, diversions, transferredBy, mobilityUsed } = decoded.cdr;
  const told = {
    switchId,
    callId,
    legId,
    revision,
    line,
    dialled,
    calling,
    startedAt,
    durationMs,
    userAgent,
    sourceIp,
  };
  return { kind: 'call', content: { ...told, diversions, transferredBy, mobilityUsed }, notes: decoded.notes };
}
