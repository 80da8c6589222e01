import { DAYS_WANTED, daysFromText, type StartWindow } from '../../engine/index.ts';
import { parseTopicSpec, sourceOfTopic } from '../../ingest/index.ts';
import { checkReplay, replayQuarantine as replay, type StartWindows } from '../../services/index.ts';
import { EXIT_FAULTS, usageError } from '../command-error.ts';
import { withLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showCount } from '../show-values.ts';
import { STREAM_SETTINGS } from '../stream-settings.ts';
import { type Terminal, notify, print } from '../terminal.ts';
import { describeCounts, type QuarantineOptions } from './quarantine.ts';

export interface ReplayOptions extends QuarantineOptions {
  readonly topic?: readonly string[];
  readonly startsBeforeDays?: string;
  readonly startsAfterDays?: string;
  /** Where no record could be rated, the exit code is 1. */
  readonly strict?: boolean;
}

/**
 * `fairtally quarantine replay`: rates what can be rated now, e.g. after missing lines were imported. Returns the exit
 * code.
 */
export async function replayQuarantine(options: ReplayOptions, terminal: Terminal): Promise<number> {
  const { reason } = options;
  const fault = checkReplay({ reason });
  if (fault !== null) throw refusalError(fault);
  const windows = readWindows(options, terminal);
  return withLedger(options, terminal, async (ledger) => {
    const replayed = await replay(ledger, { reason, windows });
    if (replayed.kind === 'refused') throw refusalError(replayed);
    const { tried, rated, counts } = replayed;
    print(terminal, `${plural(tried, 'record')} tried, ${showCount(rated)} rated, ${showCount(tried - rated)} wait on`);
    if (tried > rated) print(terminal, '', ...describeCounts(counts, ledger.option));
    const isFutile = tried > 0 && rated === 0;
    if (isFutile) notify(terminal, `Warning: not one of ${plural(tried, 'record')} could be rated`);
    return isFutile && options.strict === true ? EXIT_FAULTS : 0;
  });
}

/** Only what is said counts: a default of today must not undo what a worker with narrower settings found. */
function readWindows(options: ReplayOptions, { env }: Pick<Terminal, 'env'>): StartWindows {
  const faults: string[] = [];
  const days = (option: string, text: string | undefined): number | undefined => {
    if (text === undefined || text === '') return undefined;
    const ms = daysFromText(text);
    if (ms === null) faults.push(`Cannot use ${option} '${text}': it must be ${DAYS_WANTED}`);
    return ms ?? undefined;
  };
  const { startsBeforeDays, startsAfterDays, topic } = STREAM_SETTINGS;
  const general = windowOf(
    days(startsBeforeDays.option, options.startsBeforeDays ?? env[startsBeforeDays.variable]),
    days(startsAfterDays.option, options.startsAfterDays ?? env[startsAfterDays.variable]),
  );
  const texts = options.topic ?? (env[topic.variable] ?? '').split(/\s+/).filter((text) => text !== '');
  const bySource = new Map<string, Partial<StartWindow>>();
  for (const text of texts) {
    const parsed = parseTopicSpec(text);
    if (parsed.kind === 'faults') {
      faults.push(...parsed.faults.map((fault) => `${fault} (topic '${text}')`));
      continue;
    }
    const { name, startWindow } = parsed.topic;
    const says = (setting: string): boolean => text.split(',').some((part) => part.trim().startsWith(`${setting}=`));
    bySource.set(
      sourceOfTopic(name),
      windowOf(
        says('starts-before-days') ? startWindow.beforeMs : undefined,
        says('starts-after-days') ? startWindow.afterMs : undefined,
      ),
    );
  }
  if (faults.length > 0) throw usageError(faults);
  return { bySource, general };
}

function windowOf(beforeMs: number | undefined, afterMs: number | undefined): Partial<StartWindow> {
  return { ...(beforeMs === undefined ? {} : { beforeMs }), ...(afterMs === undefined ? {} : { afterMs }) };
}
