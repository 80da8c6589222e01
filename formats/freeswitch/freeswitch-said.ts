import { jsonString } from '../../rater/index.ts';
import type { BadRecordReason, DecodingNote, NotACallReason } from '../format.ts';

/** Which side of the switch a leg is on. */
export type FreeSwitchRole =
  /** Came in from a subscriber. */
  | 'caller'
  /** Came in from a carrier. */
  | 'from-carrier'
  /** Went out to a carrier. */
  | 'carrier'
  /** Went out to a phone of our own. */
  | 'phone'
  /** One half of a loopback channel, which exists within the switch alone. */
  | 'loopback';

/** A call towards a carrier, but for who pays for it. */
export interface SaidCall {
  readonly dialled: string;
  readonly calling: string | null;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
  readonly notes: readonly DecodingNote[];
}

/**
 * What a record of a FreeSWITCH leg says, with the settings applied: all that `readFreeSwitchLegs` looks at. Kept as
 * JSON for as long as the ledger lasts: what is added must be one that may be absent. Times are ms since the epoch.
 */
export interface FreeSwitchSaid {
  readonly uuid: string;
  /** The `call` of its identity. */
  readonly callId: string;
  readonly role: FreeSwitchRole;
  readonly channel: string;
  /** Why the leg is no call, whatever the others say; `null` where a carrier bills it. */
  readonly reason: NotACallReason | null;
  readonly call: SaidCall | null;
  /** Why its times or its number can't be used. */
  readonly fault: { readonly reason: BadRecordReason; readonly detail: string } | null;
  /** The fault is that of a number that may be an extension. */
  readonly isShort?: true;
  /** What each variable of `line-from` names, in their order. */
  readonly names: readonly string[];
  /** Other names of who is on the leg: the user of its profile and of its From, the number shown. */
  readonly aliases: readonly string[];
  /** The user of the leg that it was made for, as this one has it. */
  readonly originatorName: string;
  /** The legs that it was made for, was connected to last, and is the other half of. */
  readonly originator: string;
  readonly bridgedTo: string;
  readonly otherHalf: string;
  /** What its caller dialled, before any transfer. */
  readonly dialledFirst: string;
  /** Whom a leg to a phone rang. */
  readonly user: string;
  /** The number that its last dial string sent to a carrier, where it sent one. */
  readonly bridgedNumber: string;
  readonly createdAt: number | null;
  readonly answeredAt: number | null;
  /** Of an answered leg of a subscriber, where it says so. */
  readonly endedAt?: number;
  readonly diversions: readonly string[];
  readonly transferredBy: string;
  /** Of the subscriber, on a leg of his own. */
  readonly userAgent: string | null;
  readonly sourceIp: string | null;
}

/**
 * A leg's evidence as JSON: what says nothing is left out. By hand, since JSON of an object of what is left took four
 * times as long.
 */
export function evidenceOf(said: FreeSwitchSaid): string {
  const { call, fault, createdAt, answeredAt, endedAt } = said;
  let text = part('uuid', said.uuid) + part('callId', said.callId);
  text += `,"role":"${said.role}"${part('channel', said.channel)}`;
  if (said.reason !== null) text += part('reason', said.reason);
  if (call !== null) text += `,"call":${callText(call)}`;
  if (fault !== null) text += `,"fault":${JSON.stringify(fault)}`;
  if (said.isShort === true) text += ',"isShort":true';
  text += partOfList('names', said.names) + partOfList('aliases', said.aliases);
  text += part('originatorName', said.originatorName) + part('originator', said.originator);
  text += part('bridgedTo', said.bridgedTo) + part('otherHalf', said.otherHalf);
  text += part('dialledFirst', said.dialledFirst) + part('user', said.user);
  text += part('bridgedNumber', said.bridgedNumber);
  if (createdAt !== null) text += `,"createdAt":${String(createdAt)}`;
  if (answeredAt !== null) text += `,"answeredAt":${String(answeredAt)}`;
  if (endedAt !== undefined) text += `,"endedAt":${String(endedAt)}`;
  text += partOfList('diversions', said.diversions) + part('transferredBy', said.transferredBy);
  text += part('userAgent', said.userAgent ?? '') + part('sourceIp', said.sourceIp ?? '');
  return `{${text.slice(1)}}`;
}

function part(name: string, value: string): string {
  return value === '' ? '' : `,"${name}":${jsonString(value)}`;
}

function callText({ dialled, calling, startedAt, durationMs, userAgent, sourceIp, notes }: SaidCall): string {
  let text = `{"dialled":${jsonString(dialled)},"calling":${textOrNull(calling)}`;
  text += `,"startedAt":${JSON.stringify(startedAt)},"durationMs":${JSON.stringify(durationMs)}`;
  text += `,"userAgent":${textOrNull(userAgent)},"sourceIp":${textOrNull(sourceIp)}`;
  return `${text},"notes":${notes.length === 0 ? '[]' : JSON.stringify(notes)}}`;
}

function textOrNull(value: string | null): string {
  return value === null ? 'null' : jsonString(value);
}

function partOfList(name: string, values: readonly string[]): string {
  let [text, isSaid] = ['', false];
  for (const value of values) {
    text += `,${jsonString(value)}`;
    isSaid ||= value !== '';
  }
  return isSaid ? `,"${name}":[${text.slice(1)}]` : '';
}

/** Longer texts are of no switch: such a record is judged alone, and refused as a call. */
const MOST_TEXT_LENGTH = 4_096;

/** Whether none of its texts is longer than any that a switch writes. */
export function hasShortTexts(said: FreeSwitchSaid): boolean {
  const { channel, originatorName, originator, bridgedTo, otherHalf, dialledFirst, user, bridgedNumber } = said;
  if (!isShort(channel) || !isShort(originatorName) || !isShort(originator) || !isShort(bridgedTo)) return false;
  if (!isShort(otherHalf) || !isShort(dialledFirst) || !isShort(user) || !isShort(bridgedNumber)) return false;
  if (!isShort(said.transferredBy) || !isShort(said.userAgent ?? '')) return false;
  return said.names.every(isShort) && said.aliases.every(isShort) && said.diversions.every(isShort);
}

function isShort({ length }: string): boolean {
  return length <= MOST_TEXT_LENGTH;
}

/** Reads back what `evidenceOf` wrote. */
export function saidOf(evidence: string): FreeSwitchSaid {
  const said: Partial<FreeSwitchSaid> = JSON.parse(evidence);
  return { ...NOTHING_SAID, ...said };
}

const NOTHING_SAID: FreeSwitchSaid = {
  uuid: '',
  callId: '',
  role: 'caller',
  channel: '',
  reason: null,
  call: null,
  fault: null,
  names: [],
  aliases: [],
  originatorName: '',
  originator: '',
  bridgedTo: '',
  otherHalf: '',
  dialledFirst: '',
  user: '',
  bridgedNumber: '',
  createdAt: null,
  answeredAt: null,
  diversions: [],
  transferredBy: '',
  userAgent: null,
  sourceIp: null,
};

/** What a leg says, for people. */
export function saidText(said: FreeSwitchSaid): string {
  const { role, channel, names, originator, dialledFirst, user, call, answeredAt, diversions, transferredBy } = said;
  const name = names.find((one) => one !== '') ?? '';
  return [
    `${ROLES[role]} ${channel}`,
    ...(name === '' ? [] : [`line ${name}`]),
    ...(dialledFirst === '' ? [] : [`dialled ${dialledFirst}`]),
    ...(user === '' ? [] : [`rang ${user}`]),
    ...(call === null ? [] : [`number ${call.dialled}, ${call.durationMs} ms`]),
    ...(originator === '' ? [] : [`made for ${originator}`]),
    ...(diversions.length === 0 ? [] : [`diverted by ${diversions.join(', ')}`]),
    ...(transferredBy === '' ? [] : [`transferred by ${transferredBy}`]),
    answeredAt === null ? 'not answered' : 'answered',
  ].join('; ');
}

const ROLES: Readonly<Record<FreeSwitchRole, string>> = {
  caller: 'a subscriber called by',
  'from-carrier': 'a carrier called by',
  carrier: 'to a carrier by',
  phone: 'to a phone by',
  loopback: 'within the switch by',
};
