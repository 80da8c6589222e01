import { DAY_MS, type StartWindow } from '../../engine/starts/plausible-starts.ts';

/** For tests that produce calls of a fixed month on any day: whatever the clock says, their starts are plausible. */
export const ANY_START: StartWindow = { beforeMs: 36_500 * DAY_MS, afterMs: 36_500 * DAY_MS };

/** The same as the settings of a command. */
export const ANY_START_ENV = { FAIRTALLY_STARTS_BEFORE_DAYS: '36500', FAIRTALLY_STARTS_AFTER_DAYS: '36500' } as const;
