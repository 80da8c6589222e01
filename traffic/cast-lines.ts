import { NumberBook } from './called-number.ts';
import type { MonthCalendar } from './month-calendar.ts';
import { specialNames, type ProfileName } from './profiles.ts';
import { Random } from './random.ts';
import type { Cast } from './scene.ts';
import { siteOf } from './site.ts';
import { managedModels } from './user-agents.ts';
import type { WeekPatterns } from './week-pattern.ts';

/** A line of the month that is generated, and the part it plays. */
export interface CastLine {
  /** From 0. */
  readonly index: number;
  readonly id: string;
  readonly account: number;
  readonly profile: ProfileName;
  /** How many calls it makes, if it is ordinary. */
  readonly callsWanted: number;
}

/** One line in so many is a special one, once there are more lines than special profiles. */
const LINES_A_SPECIAL = 12;
const IDLE = 0.1;
const RESIDENTIAL = 0.35;
/** About what a special line calls. */
const SPECIAL_CALLS = 150;
const MAX_ORDINARY_CALLS = 900;
const SWITCHES = ['sbc-par-1', 'sbc-par-2', 'sbc-lyo-1'];
const NUMBER_BASE = 33_980_000_000;

/**
 * Deals the profiles to lines, each special one at least once, and shares about `calls` calls out among the ordinary
 * ones, unevenly as people are. Lines of one account follow each other.
 */
export function castLines(seed: string, lines: number, calls: number): CastLine[] {
  const random = new Random(seed, 'cast');
  const specials = Math.max(specialNames.length, Math.floor(lines / LINES_A_SPECIAL));
  const dealt = Array.from({ length: lines }, (_, index): ProfileName => {
    const special = index < specials ? specialNames[index % specialNames.length] : undefined;
    if (special !== undefined) return special;
    if (random.chance(IDLE)) return 'idle';
    return random.chance(RESIDENTIAL) ? 'residential' : 'office';
  });
  const parts = random.shuffled(dealt).map((profile) => ({ profile, weight: weightOf(profile, random) }));
  const weights = parts.reduce((sum, { weight }) => sum + weight, 0);
  const callsAWeight = Math.max(0, calls - specials * SPECIAL_CALLS) / Math.max(weights, 1);
  let account = 0;
  let left = 0;
  return parts.map(({ profile, weight }, index) => {
    if (left === 0) {
      account++;
      left = profile === 'residential' ? 1 : Math.max(1, Math.min(40, Math.round(random.lognormal(3, 0.9))));
    }
    left--;
    const callsWanted = Math.min(MAX_ORDINARY_CALLS, Math.round(weight * callsAWeight));
    return { index, id: lineId(index), account, profile, callsWanted };
  });
}

function weightOf(profile: ProfileName, random: Random): number {
  if (profile === 'office') return Math.min(4, random.lognormal(1, 0.8));
  return profile === 'residential' ? Math.min(2, random.lognormal(0.4, 0.6)) : 0;
}

function lineId(index: number): string {
  return `L${String(index + 1).padStart(6, '0')}`;
}

/** What the profile of a line plans its month with; `others` are all lines. */
export function castOf(
  seed: string,
  { index, id, account, callsWanted }: CastLine,
  others: readonly CastLine[],
  calendar: MonthCalendar,
  patterns: WeekPatterns,
): Cast {
  const random = new Random(seed, `line ${index}`);
  const switchId = random.pick(SWITCHES);
  const device = random.pick(managedModels);
  const lineHex = index.toString(16).padStart(5, '0');
  let calls = 0;
  return {
    random,
    calendar,
    patterns,
    book: new NumberBook(random),
    line: id,
    number: NUMBER_BASE + index,
    colleague: (others[index + 1] ?? others[0])?.id ?? id,
    switchId,
    site: siteOf(account),
    device,
    upgradedAt: calendar.at(random.between(3, 26), 3),
    callsWanted,
    // The line and a running number make it unique; the digits before them make the order of identities random.
    nextCallId: () => `${random.hex8()}-${lineHex}-${(calls++).toString(16).padStart(4, '0')}`,
  };
}
