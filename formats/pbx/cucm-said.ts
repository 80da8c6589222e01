import type { CdrContent } from '../../rater/index.ts';
import type { BadRecordReason, DecodingNote, NotACallReason } from '../format.ts';

/** Why a row can't be read. */
export interface CucmFault {
  readonly kind: 'bad';
  readonly reason: BadRecordReason;
  readonly detail: string;
}

/** A stretch of talk, ms since the epoch by a right clock. */
export interface CucmTalk {
  readonly from: number;
  readonly to: number;
  readonly notes: readonly DecodingNote[];
}

/** One side of a row. */
export interface CucmSide {
  /** The id of the leg, which comes again in the rows of a call that goes on; `''` where the row has none. */
  readonly leg: string;
  readonly device: string;
  readonly isTrunk: boolean;
}

/** A row of CUCM's CDR file that has a trunk on one side, with the settings applied. Kept as JSON in the ledger. */
export interface CucmSaid {
  readonly pkid: string;
  /**
   * From when to when it tells, ms since the epoch by the switch's clock, whether or not anybody talked; rows that
   * were kept before there was such a field have none.
   */
  readonly span?: readonly [from: number, to: number];
  readonly from: CucmSide;
  readonly to: CucmSide;
  /** A transfer, a conference or the like joined two sides that had talked before: no call begins with the row. */
  readonly isJoined: boolean;
  /** Who sent the call on, as far as the row says. */
  readonly sentOnBy: string;
  /** `null`: the two sides were never connected. */
  readonly talked: CucmTalk | CucmFault | null;
  /** What was called on the trunk of `to` and who pays; what it is where it is none; `null` where `to` is no trunk. */
  readonly dials: CdrContent | CucmFault | { readonly kind: 'not-a-call'; readonly reason: NotACallReason } | null;
  /** A longer call waits, ms. */
  readonly longestMs: number;
}

/**
 * What the rows of a leg on a trunk have in common, though the call that it goes on in has another id; of a row without
 * ids of legs, its call.
 *
 * @returns of a row between two trunks that of the leg on the right first: it is a witness of the other one
 */
export function cucmGroupsOf({ from, to }: Pick<CucmSaid, 'from' | 'to'>, callId: string): readonly string[] {
  const ids = [to, from].filter(({ isTrunk, leg }) => isTrunk && leg !== '').map(({ leg }) => `leg ${leg}`);
  return ids.length === 0 ? [callId] : [...new Set(ids)];
}

/** What a row says, as a sentence for people. */
export function cucmSaidText({ pkid, from, to, isJoined, sentOnBy, talked, dials }: CucmSaid): string {
  return [
    `row ${pkid}`,
    `${sideText(from)} to ${sideText(to)}`,
    ...(dials !== null && !('kind' in dials) ? [`line ${dials.line}; number ${dials.dialled}`] : []),
    ...(isJoined ? [`joined${sentOnBy === '' ? '' : ` by ${sentOnBy}`}`] : []),
    talkText(talked),
  ].join('; ');
}

function sideText({ leg, device, isTrunk }: CucmSide): string {
  return `leg ${leg || '?'} (${isTrunk ? 'trunk ' : ''}${device || '?'})`;
}

function talkText(talked: CucmSaid['talked']): string {
  if (talked === null) return 'never connected';
  return 'kind' in talked ? talked.reason : `talked from ${new Date(talked.from).toISOString()}`;
}
