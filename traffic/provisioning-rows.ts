import type { MonthCalendar } from './month-calendar.ts';
import type { LineFacts, Scene } from './scene.ts';

/** One line's rows of `lines.csv`, `devices.csv` and `networks.csv`, each ended by a line feed. */
export interface ProvisioningRows {
  readonly lines: string;
  readonly devices: string;
  readonly networks: string;
}

export const provisioningHeaders = {
  accounts: 'account,name\n',
  lines: 'line,account,number,offer,usage_class,mobility,equipment,from,to\n',
  devices: 'line,user_agent,from,to\n',
  networks: 'line,cidr,from,to\n',
} as const;

export function provisioningRows(
  line: string,
  account: string,
  scene: Scene,
  calendar: MonthCalendar,
): ProvisioningRows {
  const since = longBefore(calendar);
  return {
    lines: rows(
      scene.facts.map((facts) => {
        const number = facts.number === null ? '' : `+${facts.number}`;
        const { offer, usageClass, mobility, equipment } = facts;
        return [line, account, number, offer, usageClass, mobility, equipment, ...spanTexts(facts, calendar)];
      }),
    ),
    devices: rows(scene.devices.map((userAgent) => [line, userAgent, since, ''])),
    networks: rows(scene.networks.map((cidr) => [line, cidr, since, ''])),
  };
}

export function accountRow(account: string, name: string): string {
  return rows([[account, name]]);
}

function spanTexts({ fromDay, toDay }: LineFacts, calendar: MonthCalendar): [string, string] {
  return [
    fromDay === null ? longBefore(calendar) : dateOf(calendar, fromDay),
    toDay === null ? '' : dateOf(calendar, toDay),
  ];
}

function dateOf({ days, period }: MonthCalendar, day: number): string {
  const date = days[day]?.date;
  if (date === undefined)
    throw new RangeError(`Cannot date day '${day}': period '${period}' has '${days.length}' days`);
  return date;
}

/** New Year two years before: earlier than any call. */
function longBefore({ period }: MonthCalendar): string {
  return `${Math.floor(period / 100) - 2}-01-01`;
}

function rows(fields: readonly (readonly string[])[]): string {
  return fields.map((row) => `${row.map(quoted).join(',')}\n`).join('');
}

function quoted(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
