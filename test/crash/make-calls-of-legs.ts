import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../traffic/random.ts';
import { asteriskRow } from '../support/asterisk-rows.ts';
import type { OracleRecord, OracleRegistration } from '../support/oracle/oracle-types.ts';
import { HAPPENINGS, switchCall } from '../support/oracle/switch-calls.ts';
import { registrationText } from '../support/registrations-under-test.ts';

/** What an Asterisk says of calls of several rows, and what is said of where its lines are registered. */
export interface CallsOfLegs {
  /** Rows of Master.csv, each once. */
  readonly rows: readonly string[];
  readonly registrations: readonly OracleRegistration[];
  /** The same in the canonical form, each once. */
  readonly registrationTexts: readonly string[];
  /** What a carrier bills of the rows, and who pays. */
  readonly billed: readonly OracleRecord[];
  /** Rows that can't be read even with all of their call. */
  readonly waiting: readonly { readonly reason: string; readonly channel: string }[];
}

/** The switch that the rows are of. */
export const SWITCH_OF_LEGS = 'pbx';

const LINES = Array.from({ length: 24 }, (_, index) => String(200 + index));
const NUMBERS = ['0612345678', '0145678901', '0899123456', '0612345679', '0033612345670'];
const HOME = { userAgent: 'Yealink SIP-T46U 108.86.0.20', sourceIp: '192.0.2.44' };
const AWAY = { userAgent: 'Zoiper 5', sourceIp: '203.0.113.9' };
/** So many of the lines are registered from elsewhere, too. */
const ONE_AWAY_IN = 4;

function accountOf(index: number): string {
  return `P${index >> 1}`;
}

function lineRow(line: string, index: number): string {
  return `${line},${accountOf(index)},+33145670${line},full-illimite,business,off,managed,2024-01-01,\n`;
}

/** Adds the lines of the switch to the files of a month's provisioning. */
export function provisionLinesOfLegs(folder: string): void {
  const rowsOf = (of: (line: string, index: number) => string): string => LINES.map(of).join('');
  const accounts = LINES.flatMap((_, index) => (index % 2 === 0 ? [`${accountOf(index)},Of legs\n`] : []));
  appendFileSync(join(folder, 'accounts.csv'), accounts.join(''));
  appendFileSync(join(folder, 'lines.csv'), rowsOf(lineRow));
  appendFileSync(
    join(folder, 'devices.csv'),
    rowsOf((line) => `${line},Yealink*,2024-01-01,\n`),
  );
  appendFileSync(
    join(folder, 'networks.csv'),
    rowsOf((line) => `${line},192.0.2.0/24,2024-01-01,\n`),
  );
}

/** @param others lines of the month that are registered, too */
export function makeCallsOfLegs(calls: number, others: readonly string[], random: Random): CallsOfLegs {
  const happened = Array.from({ length: calls }, (_, index) => {
    const [caller, other] = random.shuffled([...LINES, '999']);
    const [number, second] = random.shuffled(NUMBERS);
    return switchCall(
      {
        kind: random.pick(HAPPENINGS),
        caller: caller!,
        other: other!,
        number: number!,
        second: second!,
        day: random.between(1, 9),
        minute: random.below(40),
        seconds: random.between(1, 200),
      },
      index,
    );
  });
  const registrations = Array.from({ length: calls }, (_, index) => registrationOf(index, others, random));
  return {
    rows: happened.flatMap(({ rows }) => rows.map(asteriskRow)),
    registrations,
    registrationTexts: registrations.map(registrationText),
    billed: happened.flatMap(({ billed }) => billed),
    waiting: happened.flatMap(({ waiting }) => waiting),
  };
}

/** One that is of one of the switch's lines mostly, and in force when it calls, now and then. */
function registrationOf(index: number, others: readonly string[], random: Random): OracleRegistration {
  const isOther = random.chance(0.3);
  const at = random.below(LINES.length);
  const isAway = !isOther && at % ONE_AWAY_IN === 0 && random.chance(0.5);
  const party = isOther ? random.pick(others) : LINES[at]!;
  return {
    party: !isOther && random.chance(0.3) ? `+33145670${party}` : party,
    // The index keeps two from being the same.
    at: Date.UTC(2026, 10, random.between(1, 9), random.between(7, 11), random.below(60), 0, index % 1000),
    expires: random.pick([0, 3600, 3600, 7200, 36_000]),
    contact: random.pick(['', '', 'sip:1@192.0.2.9', '*']),
    ...(isAway ? AWAY : HOME),
  };
}
