import type { NotACallReason } from '../format.ts';

/** Whom a record of a proxy names, with the settings applied; `''` where it names nobody. */
export interface ProxyParties {
  readonly line: string;
  /** Without prefixes. */
  readonly dialled: string;
  readonly calling: string;
  readonly userAgent: string;
  readonly sourceIp: string;
  /** Oldest first. */
  readonly diversions: readonly string[];
  readonly transferredBy: string;
  /** Why a call between these is none that a carrier bills; `null` where it may be one. */
  readonly notACall: NotACallReason | null;
}

/**
 * What a record of Kamailio or OpenSIPS says of a dialog, with the settings applied: all that `readProxyLegs` looks at.
 * Kept as JSON for as long as the ledger lasts: what is added must be one that may be absent.
 */
export interface ProxySaid extends ProxyParties {
  /** A row of the transaction that answered the call, or of the one that ended it; or a record of the whole call. */
  readonly kind: 'answer' | 'hangup' | 'cdr';
  readonly method: string;
  readonly code: string;
  readonly fromTag: string;
  readonly toTag: string;
  /**
   * When it was, ms since the epoch: one instant, or two in the hour that the local clock has twice; of a CDR, when it
   * begins.
   */
  readonly at: readonly number[];
  /** Why the times can't be read, or how long the CDR is. */
  readonly fault: string;
  /** Of a CDR: how long it is, ms. */
  readonly durationMs: number;
  /** It begins at the INVITE: how long it rang is in it. */
  readonly hasRinging: boolean;
  /** A longer call is stuck, ms; `null`: as long as calls are by default. */
  readonly longestMs: number | null;
}

export const NOBODY: ProxyParties = {
  line: '',
  dialled: '',
  calling: '',
  userAgent: '',
  sourceIp: '',
  diversions: [],
  transferredBy: '',
  notACall: null,
};

const NOTHING_SAID: ProxySaid = {
  ...NOBODY,
  kind: 'hangup',
  method: '',
  code: '',
  fromTag: '',
  toTag: '',
  at: [],
  fault: '',
  durationMs: 0,
  hasRinging: false,
  longestMs: null,
};

/** A record's evidence as text: what says nothing is left out. */
export function evidenceOf(said: ProxySaid): string {
  return JSON.stringify({
    kind: said.kind,
    method: said.method || undefined,
    code: said.code || undefined,
    fromTag: said.fromTag || undefined,
    toTag: said.toTag || undefined,
    at: said.at,
    fault: said.fault || undefined,
    durationMs: said.durationMs || undefined,
    hasRinging: said.hasRinging || undefined,
    longestMs: said.longestMs ?? undefined,
    line: said.line || undefined,
    dialled: said.dialled || undefined,
    calling: said.calling || undefined,
    userAgent: said.userAgent || undefined,
    sourceIp: said.sourceIp || undefined,
    diversions: said.diversions.length === 0 ? undefined : said.diversions,
    transferredBy: said.transferredBy || undefined,
    notACall: said.notACall ?? undefined,
  });
}

/** Reads back what `evidenceOf` wrote. */
export function saidOf(evidence: string): ProxySaid {
  const said: Partial<ProxySaid> = JSON.parse(evidence);
  return { ...NOTHING_SAID, ...said };
}

/** What a record says, for people. */
export function saidText(said: ProxySaid): string {
  const { kind, method, code, fromTag, toTag, at, durationMs, line, dialled, diversions, transferredBy } = said;
  const what = kind === 'cdr' ? `a CDR of ${durationMs} ms` : `${method} ${code}`;
  const when = at[0] === undefined ? '' : ` at ${new Date(at[0]).toISOString()}`;
  const parts = [
    `${what}${when}`,
    `tags ${fromTag} and ${toTag}`,
    ...(line === '' ? [] : [`line ${line}`]),
    ...(dialled === '' ? [] : [`to ${dialled}`]),
    ...(diversions.length === 0 ? [] : [`diverted by ${diversions.join(', ')}`]),
    ...(transferredBy === '' ? [] : [`transferred by ${transferredBy}`]),
    ...(said.hasRinging ? ['begins at the INVITE'] : []),
  ];
  return parts.join('; ');
}
