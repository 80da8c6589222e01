import type { CdrContent } from '../../rater/index.ts';
import { ROUNDING_MS, MISMATCH_MS } from '../asterisk/asterisk-times.ts';
import { MAX_DURATION_MS, noTexts, quote } from '../canonical/canonical-fields.ts';
import { type DialPrefix, withoutDialPrefix } from './dialled-prefix.ts';
import { callOf } from '../canonical/encode-canonical.ts';
import {
  bad,
  noNotes,
  notACall,
  type Decoded,
  type DecodedBad,
  type DecodedNotACall,
  type DecodingNote,
} from '../format.ts';
import { addressIn } from '../reading/ip-address.ts';
import { END_INSTANT, FIRST_INSTANT } from '../reading/iso-instant.ts';
import { dialledUser } from '../reading/sip-address.ts';
import { textFault } from '../reading/text-fault.ts';

/** What people say of a switch and its trunks, whatever its format. */
export interface SwitchSettings {
  /** Prefixes that stand before numbers on its trunks. */
  readonly dialPrefixes?: readonly DialPrefix[];
  /** A longer call is stuck: it waits in quarantine. ms; `LONGEST_CALL_MS` when not given. */
  readonly longestCallMs?: number;
  /** Whether a number is an extension of the switch itself, which no carrier is paid for; none by default. */
  readonly isExtension?: (number: string) => boolean;
  /** How far its clock is ahead, ms: taken off every time of its records. */
  readonly clockAheadMs?: number;
}

/**
 * No conversation lasts longer, where nobody says otherwise: a dialog whose end got lost does. Canonical records are
 * taken at their word up to 7 days.
 */
export const LONGEST_CALL_MS = 86_400_000;

/** What a switch tells of an answered call towards a carrier; texts as it has them, `''` where it says nothing. */
export interface ToldCall {
  readonly switchId: string;
  readonly callId: string;
  readonly legId: string;
  readonly line: string;
  readonly dialled: string;
  /** The trunk or gateway that it went out on, for prefixes. */
  readonly trunk: string;
  readonly calling: string;
  /** ms since the epoch by the clock of the switch; parts of a ms are cut off. */
  readonly answeredAt: number;
  /** ms; rounded to the nearest. */
  readonly durationMs: number;
  readonly userAgent?: string;
  /** With a port or whatever is about it. */
  readonly sourceIp?: string;
  /** Oldest first. */
  readonly diversions?: readonly string[];
  readonly transferredBy?: string;
  readonly notes?: readonly DecodingNote[];
}

/** The call that a switch tells of, or why it can't be one. */
export function callTold(told: ToldCall, settings: SwitchSettings = {}): Decoded {
  const read = paidContentTold(told, settings);
  return 'kind' in read ? read : callOf(read.content, read.notes);
}

/** The same, without its record in canonical form. */
export function paidContentTold(
  told: ToldCall,
  settings: SwitchSettings = {},
): ToldContent | DecodedBad | DecodedNotACall {
  if (told.switchId === '' || told.callId === '') {
    return bad('no-identity', 'Cannot identify the call: the record names no call, or nothing names the switch');
  }
  const { diversions = noTexts, transferredBy = '' } = told;
  // Nobody is named, but whoever sent the call on is who pays for it.
  const line = told.line || transferredBy || (diversions.at(-1) ?? '');
  return line === '' ? bad('no-line', NO_LINE) : contentTold({ ...told, line }, settings);
}

/** What is said of a record that names no line. */
export const NO_LINE = 'Cannot tell whose call it is: the record names no line';

/** What a call comes to, whoever pays for it. */
export interface ToldContent {
  readonly content: CdrContent;
  readonly notes: readonly DecodingNote[];
}

/** What a switch tells of a call, whose `line` may still be missing (`''`); or why it can be none. */
export function contentTold(told: ToldCall, settings: SwitchSettings = {}): ToldContent | DecodedBad | DecodedNotACall {
  const { dialPrefixes = [], clockAheadMs = 0, isExtension = () => false } = settings;
  const { diversions = noTexts, transferredBy = '' } = told;
  const dialled = withoutDialPrefix(dialPrefixes, told.trunk, dialledUser(told.dialled));
  if (dialled === '') return bad('no-number', 'Cannot find the number: the record names none');
  if (isExtension(dialled)) return notACall('internal');
  const startedAt = Math.floor(told.answeredAt) - clockAheadMs;
  const durationMs = Math.round(told.durationMs);
  const fault = timeFault(startedAt, told.durationMs, settings);
  if (fault !== null) return fault;
  const content: CdrContent = {
    switchId: told.switchId,
    callId: told.callId,
    legId: told.legId,
    revision: 0,
    line: told.line,
    dialled,
    calling: told.calling || null,
    startedAt,
    durationMs,
    userAgent: told.userAgent || null,
    sourceIp: addressIn(told.sourceIp ?? '') || null,
    diversions,
    transferredBy: transferredBy || null,
    mobilityUsed: null,
  };
  const text = textFault(content);
  if (text !== null) return bad('invalid-field', `Cannot read the record: ${quote(text)} is too long or no text`);
  return { content, notes: told.notes ?? noNotes };
}

/** Why a call can not have been then or so long; `null` where it can. */
export function timeFault(startedAt: number, durationMs: number, settings: SwitchSettings = {}): DecodedBad | null {
  const { longestCallMs = LONGEST_CALL_MS } = settings;
  if (!(durationMs >= 0)) {
    return bad('invalid-field', `Cannot read the times: a duration of ${durationMs} ms can not be`);
  }
  if (durationMs > MAX_DURATION_MS) {
    return bad('invalid-field', `Cannot read the times: ${durationMs} ms are longer than seven days, which no call is`);
  }
  if (durationMs > longestCallMs) {
    return bad(
      'call-too-long',
      `Cannot believe the duration: ${durationMs} ms are longer than ${longestCallMs} ms, the longest call here`,
    );
  }
  if (startedAt >= FIRST_INSTANT && startedAt < END_INSTANT) return null;
  return bad('invalid-field', `Cannot read the times: the call starts at ${startedAt} ms, not from 2001 to 2059`);
}

/**
 * Settles two sources of a duration, the one that the switch bills by and the span of its times, ms: within rounding
 * the first counts, up to 5 s apart the smaller, and further apart neither.
 */
export function agreedDuration(
  billedMs: number,
  spanMs: number,
): { readonly durationMs: number; readonly notes: readonly DecodingNote[] } | DecodedBad {
  const differenceMs = Math.abs(spanMs - billedMs);
  if (differenceMs > MISMATCH_MS) {
    return bad(
      'duration-mismatch',
      `Cannot trust the duration: the switch says ${billedMs} ms, answer to end is ${spanMs} ms`,
    );
  }
  if (differenceMs <= ROUNDING_MS) return { durationMs: billedMs, notes: [] };
  return { durationMs: Math.max(0, Math.min(billedMs, spanMs)), notes: ['duration-differs'] };
}
