import { type CelSaid, celText } from './asterisk-cel-said.ts';
import { jsonString } from '../../rater/index.ts';
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
  /** Such a row joins no other. */
  readonly isUnlinked?: true;
  /** Of such a row from a trunk: when its channel was made, ms since the epoch, as its `uniqueid` says. */
  readonly madeAt?: number;
  /** The channel of a row from a trunk was moved to where the row has it (`AsyncGoto/…`): it had been up before. */
  readonly isMoved?: true;
  /** An event of CEL in place of a row: it is evidence, and no call. */
  readonly cel?: CelSaid;
}

/** A row's evidence as JSON: what says nothing is left out. By hand, since JSON of an object took twice as long. */
export function evidenceOf(said: AsteriskSaid): string {
  const { extension, sent, begunAt, answeredAt, durationMs, notes, fault, userAgent, sourceIp } = said;
  let text = '{';
  if (said.account !== '') text += `"account":${jsonString(said.account)},`;
  if (said.src !== '') text += `"src":${jsonString(said.src)},`;
  if (said.dst !== '') text += `"dst":${jsonString(said.dst)},`;
  text += `"channel":${jsonString(said.channel)}`;
  if (said.dstchannel !== '') text += `,"dstchannel":${jsonString(said.dstchannel)}`;
  if (said.app !== '') text += `,"app":${jsonString(said.app)}`;
  if (said.data !== '') text += `,"data":${jsonString(said.data)}`;
  text += `,"disposition":${jsonString(said.disposition)}`;
  if (said.billsec !== '') text += `,"billsec":${jsonString(said.billsec)}`;
  if (said.fromTrunk) text += ',"fromTrunk":true';
  if (said.toTrunk) text += ',"toTrunk":true';
  if (extension !== null) text += `,"extension":${jsonString(extension)}`;
  if (said.isPrefixKnown) text += ',"isPrefixKnown":true';
  if (sent.length > 0) text += `,"sent":[${sent.map(jsonString).join(',')}]`;
  if (said.isCut) text += ',"isCut":true';
  if (begunAt !== null) text += `,"begunAt":${JSON.stringify(begunAt)}`;
  if (answeredAt !== null) text += `,"answeredAt":${JSON.stringify(answeredAt)}`;
  if (durationMs !== 0) text += `,"durationMs":${JSON.stringify(durationMs)}`;
  if (notes.length > 0) text += `,"notes":${JSON.stringify(notes)}`;
  if (fault !== null) text += `,"fault":${JSON.stringify(fault)}`;
  if (said.diverter !== '') text += `,"diverter":${jsonString(said.diverter)}`;
  if (userAgent !== null) text += `,"userAgent":${jsonString(userAgent)}`;
  if (sourceIp !== null) text += `,"sourceIp":${jsonString(sourceIp)}`;
  if (said.inside !== undefined) text += `,"inside":${JSON.stringify(said.inside)}`;
  if (said.identity !== undefined) text += `,"identity":${JSON.stringify(said.identity)}`;
  if (said.until !== undefined) text += `,"until":${JSON.stringify(said.until)}`;
  if (said.isUnlinked === true) text += ',"isUnlinked":true';
  if (said.madeAt !== undefined) text += `,"madeAt":${JSON.stringify(said.madeAt)}`;
  if (said.isMoved === true) text += ',"isMoved":true';
  if (said.cel !== undefined) text += `,"cel":${JSON.stringify(said.cel)}`;
  return `${text}}`;
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
