import type { BadRecordReason, DecodingNote } from './format.ts';

/**
 * What a row of Asterisk says, with the settings applied: all that `readAsteriskLegs` looks at. Kept as JSON for as
 * long as the ledger lasts: what is added must be one that may be absent.
 */
export interface AsteriskSaid {
  /** As Asterisk wrote them. */
  readonly account: string;
  readonly src: string;
  readonly dst: string;
  readonly channel: string;
  readonly dstchannel: string;
  readonly app: string;
  readonly data: string;
  readonly disposition: string;
  readonly billsec: string;
  /** Whether the channels lead to carriers. */
  readonly fromTrunk: boolean;
  readonly toTrunk: boolean;
  /** Towards a trunk: `dst` as a number without the prefixes that the settings name; `null` where it is none. */
  readonly extension: string | null;
  /** The settings say which prefix `dst` has: what is left is what was sent. */
  readonly isPrefixKnown: boolean;
  /** Towards a trunk: the numbers that `data` sends to it, without technical prefixes. */
  readonly sent: readonly string[];
  /** `data` ends where Asterisk cuts it. */
  readonly isCut: boolean;
  /** When the row began, and was answered, ms since the epoch; `null` where it says no time that can be read. */
  readonly begunAt: number | null;
  readonly answeredAt: number | null;
  readonly durationMs: number;
  readonly notes: readonly DecodingNote[];
  /** Why the times of an answered row can't be used. */
  readonly fault: { readonly reason: BadRecordReason; readonly detail: string } | null;
  /** Who diverted the call, where the dialplan tells; else `''`. */
  readonly diverter: string;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
}

/** A row's evidence as text. */
export function evidenceOf(said: AsteriskSaid): string {
  return JSON.stringify(said);
}

/** What a row says, for people. */
export function saidText(said: AsteriskSaid): string {
  const { channel, dstchannel, dst, app, data, disposition, billsec, account, src, diverter } = said;
  const parts = [
    `${channel} to ${dstchannel === '' ? 'nobody' : dstchannel}`,
    `dst ${dst}`,
    `src ${src}`,
    ...(account === '' ? [] : [`account code ${account}`]),
    ...(diverter === '' ? [] : [`diverted by ${diverter}`]),
    `${app} ${data}`.trim(),
    `${disposition}, ${billsec} s`,
  ];
  return parts.join('; ');
}

/** Reads back what `evidenceOf` wrote. */
export function saidOf(evidence: string): AsteriskSaid {
  const said: AsteriskSaid = JSON.parse(evidence);
  return said;
}
