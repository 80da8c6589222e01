import type { Cdr } from '../../../rater/call/cdr.ts';
import type { Line } from '../../../rater/line/line.ts';
import type { OracleDevice, OracleInput, OracleRegistration } from './oracle-types.ts';

/** Registrations count for so long at most, in seconds. */
const DAY = 86_400;

/** Whether a text names the line: its id, or its number then. */
function names(input: Pick<OracleInput, 'classify'>, party: string, line: Line, number: number | null): boolean {
  if (party === line.id) return true;
  const classified = input.classify(party);
  return !('refusal' in classified) && classified.called === number;
}

/** The contact; where it is not told, who registers. */
function contactOf({ contact, userAgent, sourceIp }: OracleRegistration): string {
  return contact === '' ? `${userAgent ?? ''} at ${sourceIp ?? ''}` : `contact ${contact}`;
}

function isOfAll({ contact, userAgent, sourceIp, expires }: OracleRegistration): boolean {
  return expires === 0 && (contact === '*' || (contact === '' && userAgent === null && sourceIp === null));
}

/** Whether `other` has the last word where both speak of one contact: later, or at once and for longer. */
function overrules(other: OracleRegistration, one: OracleRegistration): boolean {
  return rank(other) > rank(one);
}

function rank({ at, expires, userAgent, sourceIp }: OracleRegistration): string {
  const device = JSON.stringify([userAgent ?? '', sourceIp ?? '']);
  return `${String(at).padStart(15, '0')} ${String(expires).padStart(12, '0')} ${device}`;
}

/** What the registrations of a line in force at an instant say of devices. */
export function registeredAt(
  input: Pick<OracleInput, 'classify' | 'registrations'>,
  line: Line,
  number: number | null,
  instant: number,
): OracleDevice[] {
  const said = (input.registrations ?? []).filter(
    ({ party, at }) => at <= instant && names(input, party, line, number),
  );
  const ends = said.filter(isOfAll);
  return said.filter((one) => {
    if (one.expires === 0 || instant >= one.at + Math.min(one.expires, DAY) * 1000) return false;
    if (ends.some(({ at }) => at > one.at)) return false;
    return !said.some((other) => !isOfAll(other) && contactOf(other) === contactOf(one) && overrules(other, one));
  });
}

/** The devices that a call may have come from: what its record says itself stays. */
export function devicesOf({ userAgent, sourceIp }: Cdr, registered: readonly OracleDevice[]): OracleDevice[] {
  const own = { userAgent, sourceIp };
  if (userAgent !== null && sourceIp !== null) return [own];
  const fitting = registered.filter(
    (device) =>
      (userAgent === null || device.userAgent === userAgent) && (sourceIp === null || device.sourceIp === sourceIp),
  );
  return fitting.length === 0 ? [own] : fitting;
}
