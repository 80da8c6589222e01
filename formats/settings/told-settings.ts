import { compileCivilTime } from '../../tariffs/index.ts';
import { MAX_DURATION_MS } from '../canonical/canonical-fields.ts';
import { parseDialPrefix } from '../call/dialled-prefix.ts';
import type { ToldOptions } from './told-options.ts';

/** What people say of a switch whose records stand alone, as they write it. */
export interface ToldSettings {
  /** Name of the switch that wrote the records. */
  readonly switch?: string;
  /** Time zone of the switch's clock. */
  readonly zone?: string;
  readonly trunk?: readonly string[];
  readonly gateway?: readonly string[];
  readonly profile?: readonly string[];
  readonly lineFrom?: readonly string[];
  /** Fields that name the number that was called. */
  readonly numberFrom?: readonly string[];
  readonly userAgentFrom?: readonly string[];
  readonly sourceIpFrom?: readonly string[];
  /** Where a dialog CDR begins: `answer` or `invite`. */
  readonly durationFrom?: string;
  /** Names of the columns that the script adds to rows of a flat file, in their order: one, or several with commas. */
  readonly extraColumn?: readonly string[];
  /** `[TRUNK:]PREFIX=REPLACEMENT`. */
  readonly dialPrefix?: readonly string[];
  /** Numbers within the switch: `1XX`. */
  readonly extension?: readonly string[];
  /** `4h`. */
  readonly longestCall?: string;
  /** How far the clock of the switch is ahead: `2s`. */
  readonly clockOffset?: string;
}

/** Units of a length of time as people write it. */
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** `3h`, `90min`, `2d`, `-1.5s` as ms; `null` where the text is no such length. */
export function parseSpan(text: string): number | null {
  const match = /^([+-]?\d{1,9}(?:\.\d{1,3})?)(ms|s|min|h|d)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ''];
  return match === null || unit === undefined ? null : Math.round(Number(match[1]) * unit);
}

/** A day ahead or behind is no clock that is off: its zone is. */
const MOST_CLOCK_OFFSET_MS = 86_400_000;

/** An extension as people write it: `X` for any digit, `*` for any rest. `null` where it is none. */
function parseExtension(text: string): RegExp | null {
  if (!/^[\dX]+\*?$|^\*$/i.test(text)) return null;
  return new RegExp(`^${text.replaceAll(/X/gi, String.raw`\d`).replace('*', String.raw`\d*`)}$`);
}

/** What is wrong with the values of the settings of these formats. */
export function toldValueFaults(given: ToldSettings, shown: (name: string) => string): string[] {
  const { dialPrefix = [], extension = [], longestCall, clockOffset, durationFrom } = given;
  const faults: string[] = [];
  for (const rule of dialPrefix.filter((text) => parseDialPrefix(text) === null)) {
    faults.push(
      `Cannot use ${shown('dial-prefix')} '${rule}': it is not [TRUNK:]PREFIX=REPLACEMENT, such as '9=', 'op-*:011=+'`,
    );
  }
  for (const text of extension.filter((one) => parseExtension(one) === null)) {
    faults.push(`Cannot use ${shown('extension')} '${text}': it is not digits, with X for any, such as '1XX', '20*'`);
  }
  const longestMs = longestCall === undefined ? 1 : parseSpan(longestCall);
  if (longestMs === null || longestMs <= 0 || longestMs > MAX_DURATION_MS) {
    faults.push(
      `Cannot use ${shown('longest-call')} '${longestCall}': it is no length of time up to 7 days, such as '4h', '2d'`,
    );
  }
  const offsetMs = clockOffset === undefined ? 0 : parseSpan(clockOffset);
  if (offsetMs === null || Math.abs(offsetMs) > MOST_CLOCK_OFFSET_MS) {
    faults.push(
      `Cannot use ${shown('clock-offset')} '${clockOffset}': it is no length of time up to a day, such as '2s', '-1.5s'`,
    );
  }
  if (durationFrom !== undefined && durationFrom !== 'answer' && durationFrom !== 'invite') {
    faults.push(`Cannot use ${shown('duration-from')} '${durationFrom}': it is neither 'answer' nor 'invite'`);
  }
  return faults;
}

/** The settings that hold of any switch and its trunks. */
export function switchSettingsOf({ dialPrefix, extension, longestCall, clockOffset }: ToldSettings) {
  const prefixes = (dialPrefix ?? []).map(parseDialPrefix).filter((rule) => rule !== null);
  const extensions = (extension ?? []).map(parseExtension).filter((one) => one !== null);
  const longestCallMs = longestCall === undefined ? null : parseSpan(longestCall);
  const clockAheadMs = clockOffset === undefined ? null : parseSpan(clockOffset);
  return {
    ...(prefixes.length > 0 ? { dialPrefixes: prefixes } : {}),
    ...(extensions.length > 0 ? { isExtension: (number: string) => extensions.some((one) => one.test(number)) } : {}),
    ...(longestCallMs === null ? {} : { longestCallMs }),
    ...(clockAheadMs === null ? {} : { clockAheadMs }),
  };
}

/** The options of the formats whose records stand alone. */
export function toldOptionsOf(given: ToldSettings): ToldOptions {
  const { switch: switchId, zone, trunk, gateway, profile, lineFrom, numberFrom } = given;
  const { userAgentFrom, sourceIpFrom, durationFrom, extraColumn } = given;
  return {
    ...switchSettingsOf(given),
    ...(switchId === undefined ? {} : { switchId }),
    ...(zone === undefined ? {} : { clock: compileCivilTime(zone) }),
    ...(trunk === undefined ? {} : { trunks: trunk }),
    ...(gateway === undefined ? {} : { gateways: gateway }),
    ...(profile === undefined ? {} : { profiles: profile }),
    ...(lineFrom === undefined ? {} : { lineFrom }),
    ...(numberFrom === undefined ? {} : { numberFrom }),
    ...(userAgentFrom === undefined ? {} : { userAgentFrom }),
    ...(sourceIpFrom === undefined ? {} : { sourceIpFrom }),
    ...(extraColumn === undefined ? {} : { extraColumns: extraColumn.flatMap((names) => names.split(',')) }),
    ...(durationFrom === 'answer' || durationFrom === 'invite' ? { durationFrom } : {}),
  };
}
