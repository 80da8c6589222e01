import type { MonthCalendar } from './month-calendar.ts';
import type { NumberBook } from './called-number.ts';
import type { Random } from './random.ts';
import type { Site } from './site.ts';
import type { Call, NonCall } from './traffic-record.ts';
import type { DeviceModel } from './user-agents.ts';
import type { WeekPatterns } from './week-pattern.ts';

/** What a profile is given to plan one line's month with. */
export interface Cast {
  readonly random: Random;
  readonly calendar: MonthCalendar;
  readonly patterns: WeekPatterns;
  readonly book: NumberBook;
  /** Line id. */
  readonly line: string;
  /** E.164 digits of the line. */
  readonly number: number;
  /** Id of another line, of the same account where it has one. */
  readonly colleague: string;
  readonly switchId: string;
  readonly site: Site;
  readonly device: DeviceModel;
  /** When the phone gets its new firmware. ms since the epoch. */
  readonly upgradedAt: number;
  /** How many calls an ordinary line makes. */
  readonly callsWanted: number;
  /** An id that no other call of the switch has. */
  readonly nextCallId: () => string;
}

/** One row of `lines.csv`; `from` and `to` as in the file, `to` empty while open. */
export interface LineFacts {
  readonly number: number | null;
  readonly offer: string;
  readonly usageClass: string;
  readonly mobility: '' | 'off' | 'used';
  readonly equipment: '' | 'managed' | 'customer-pbx' | 'customer-gateway';
  /** Day of the month, from 0, at whose midnight the facts begin; `null`: long before. */
  readonly fromDay: number | null;
  /** Day at whose midnight they end; `null`: open. */
  readonly toDay: number | null;
}

export type MeasureId = 'short-calls' | 'concurrent-calls' | 'sequential-numbers' | 'all-hours' | 'number-range';

/** A condition that the line's month is planned to break, with the evidence that shows it. */
export type PlannedBreach =
  | { readonly condition: 'usage-class'; readonly usageClass: string; readonly firstCall: Call }
  | { readonly condition: 'distinct-numbers'; readonly crossing: Call }
  | {
      readonly condition: 'sip-mobility';
      readonly why: 'provisioning' | 'switch' | 'foreign-device-and-network';
      readonly firstCall: Call;
    }
  | { readonly condition: 'equipment'; readonly why: 'provisioning' | 'user-agent'; readonly firstCall: Call }
  | { readonly condition: 'conversational-use'; readonly broken: Readonly<Partial<Record<MeasureId, number>>> };

/** A line's month as planned: its facts, its calls, what else the switch writes of it, and what must be found. */
export interface Scene {
  readonly facts: readonly LineFacts[];
  /** As in `devices.csv`. */
  readonly devices: readonly string[];
  readonly networks: readonly string[];
  readonly calls: readonly Call[];
  readonly nonCalls: readonly NonCall[];
  readonly breaches: readonly PlannedBreach[];
}

export type Profile = (cast: Cast) => Scene;
