import { type CelSaid, celText } from './asterisk-cel-said.ts';
import type { BadRecordReason, DecodingNote } from '../format.ts';

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
  /** Those of its numbers that are extensions of the switch itself. */
  readonly inside?: readonly string[];
  /** Of a row that names no call, and that a `Local/` channel joins to another: the identity of its call. */
  readonly identity?: { readonly callId: string; readonly legId: string };
  /** When such a row ended, ms since the epoch. */
  readonly until?: number;
  /** An event of CEL in place of a row: it is evidence, and no call. */
  readonly cel?: CelSaid;
}

/** A row's evidence as text: what says nothing is left out. */
export function evidenceOf(said: AsteriskSaid): string {
  return JSON.stringify({
    account: said.account || undefined,
    src: said.src || undefined,
    dst: said.dst || undefined,
    channel: said.channel,
    dstchannel: said.dstchannel || undefined,
    app: said.app || undefined,
    data: said.data || undefined,
    disposition: said.disposition,
    billsec: said.billsec || undefined,
    fromTrunk: said.fromTrunk || undefined,
    toTrunk: said.toTrunk || undefined,
    extension: said.extension ?? undefined,
    isPrefixKnown: said.isPrefixKnown || undefined,
    sent: said.sent.length === 0 ? undefined : said.sent,
    isCut: said.isCut || undefined,
    begunAt: said.begunAt ?? undefined,
    answeredAt: said.answeredAt ?? undefined,
    durationMs: said.durationMs || undefined,
    notes: said.notes.length === 0 ? undefined : said.notes,
    fault: said.fault ?? undefined,
    diverter: said.diverter || undefined,
    userAgent: said.userAgent ?? undefined,
    sourceIp: said.sourceIp ?? undefined,
    inside: said.inside,
    identity: said.identity,
    until: said.until,
    cel: said.cel,
  });
}

/** What a row says, for people. */
export function saidText(said: AsteriskSaid): string {
  if (said.cel !== undefined) return celText(said.cel);
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
  const said: Partial<AsteriskSaid> = JSON.parse(evidence);
  return { ...NOTHING_SAID, ...said };
}

/** A row that says nothing. */
export const NOTHING_SAID: AsteriskSaid = {
  account: '',
  src: '',
  dst: '',
  channel: '',
  dstchannel: '',
  app: '',
  data: '',
  disposition: '',
  billsec: '',
  fromTrunk: false,
  toTrunk: false,
  extension: null,
  isPrefixKnown: false,
  sent: [],
  isCut: false,
  begunAt: null,
  answeredAt: null,
  durationMs: 0,
  notes: [],
  fault: null,
  diverter: '',
  userAgent: null,
  sourceIp: null,
};
