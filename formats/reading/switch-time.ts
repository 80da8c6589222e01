import { quote } from '../canonical/canonical-fields.ts';
import { bad, type DecodedBad } from '../format.ts';
import { parseIsoText } from './iso-instant.ts';
import { parseLocalStamp, placeLocal, type LocalClock, type PlacedTime } from './local-clock.ts';

/**
 * A time as switches write it: seconds since the epoch with or without decimals, ms, µs, ISO 8601 with an offset, or a
 * local stamp, `2026-11-03 10:15:00`, which needs the zone of the switch.
 */
export function readSwitchTime(name: string, text: string, clock: LocalClock | null): PlacedTime | DecodedBad {
  const instant = instantIn(text);
  if (instant !== null) return { instants: [instant] };
  if (parseStamp(text) === null) {
    return bad('invalid-field', `Cannot read ${name}: ${quote(text)} is no time such as '2026-11-03 10:15:00'`);
  }
  if (clock !== null) return placeLocal(name, text, clock, parseStamp);
  return bad('invalid-field', `Cannot place ${name}: ${quote(text)} has no offset, and no zone is set for its switch`);
}

/** The instant of a text that says it wholly, ms since the epoch; `null` where it does not. */
export function instantIn(text: string): number | null {
  const seconds = /^(\d{9,10})(?:\.(\d{1,9}))?$/.exec(text);
  if (seconds !== null) return Number(seconds[1]) * 1000 + Number((seconds[2] ?? '').padEnd(3, '0').slice(0, 3));
  if (/^\d{12,13}$/.test(text)) return Number(text);
  if (/^\d{15,16}$/.test(text)) return Math.floor(Number(text) / 1000);
  return parseIsoText(
    text
      .replace(' ', 'T')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
      // PostgreSQL leaves out the minutes of most offsets.
      .replace(/(:\d{2}(?:\.\d{1,9})?[+-]\d{2})$/, '$1:00')
      .replace(/(\.\d{3})\d{1,6}/, '$1'),
  );
}

/** `2026-11-03 10:15:00`, with `T` or slashes and up to six decimals, as ms of the local clock; `null` else. */
function parseStamp(text: string): number | null {
  const match = /^(\d{4})([-/])(\d{2})\2(\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) return null;
  const [, year, , month, day, time, fraction = ''] = match;
  const local = parseLocalStamp(`${year}-${month}-${day} ${time}`);
  return local === null ? null : local + Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** Seconds with or without decimals as ms: `61`, `61.5`; `null` where the text is no such number. */
export function secondsToMs(text: string): number | null {
  const match = /^(\d{1,14})(?:\.(\d{1,9}))?$/.exec(text);
  return match === null ? null : Number(match[1]) * 1000 + Number(`0.${match[2] ?? '0'}`) * 1000;
}

/** `hh:mm:ss` as ms; `null` where the text is no such duration. */
export function clockedToMs(text: string): number | null {
  const match = /^(\d{1,4}):([0-5]\d):([0-5]\d)$/.exec(text);
  return match === null ? null : (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000;
}
