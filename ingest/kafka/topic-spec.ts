import { gatherFormatSettings, readFormatSettings } from '../../formats/index.ts';
import { DAYS_WANTED, DEFAULT_START_WINDOW, daysFromText, type StartWindow } from '../../engine/index.ts';
import { type MessageReader, openMessages } from './message-reader.ts';
import { isTopicName } from './source-names.ts';

/** A topic that switches produce to. */
export interface TopicSpec {
  readonly name: string;
  /** Reads its messages. */
  readonly reader: MessageReader;
  /**
   * Whether records are keyed by account, so that an account's records stand in one partition; else they are
   * re-keyed.
   */
  readonly isKeyedByAccount: boolean;
  /** Which starts are plausible for the timestamps of its messages. */
  readonly startWindow: StartWindow;
}

export type ParsedTopicSpec =
  | { readonly kind: 'topic'; readonly topic: TopicSpec }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/**
 * Reads `NAME[,format=ID][,key=account|other][,starts-before-days=N][,starts-after-days=N][,SETTING=VALUE]…`, the
 * settings those of the format, lists said once for each element: canonical NDJSON keyed by account where nothing
 * else is said. Faults are whole sentences, all of them.
 *
 * @param startWindow for topics that name none of their own
 */
export function parseTopicSpec(text: string, startWindow: StartWindow = DEFAULT_START_WINDOW): ParsedTopicSpec {
  const [name = '', ...parts] = text.split(',').map((part) => part.trim());
  const faults: string[] = isTopicName(name) ? [] : [`Cannot use topic '${name}': it is no name that Kafka allows`];
  const pairs = parts.map((part) => splitAt(part, '='));
  for (const [setting, value] of pairs) {
    if (value === '') faults.push(`Cannot use setting '${setting}': it says nothing`);
  }
  const keys = pairs.flatMap(([setting, value]) => (setting === 'key' ? [value] : []));
  const [key = 'account'] = keys;
  if (keys.length > 1) faults.push(`Cannot use setting 'key' twice`);
  if (key !== 'account' && key !== 'other') faults.push(`Cannot use key '${key}': it is neither account nor other`);
  const window = windowOf(pairs, startWindow, faults);
  const reader = readerOf(pairs, window, faults);
  if (reader?.format === 'registrations' && keys.length > 0) {
    faults.push(`Cannot use setting 'key' for registrations: every worker takes them in, however they are keyed`);
  }
  if (reader === null || faults.length > 0) return { kind: 'faults', faults };
  return { kind: 'topic', topic: { name, reader, isKeyedByAccount: key === 'account', startWindow: window } };
}

/** Settings of a topic that are not its format's. */
const OWN_SETTINGS = ['key', 'starts-before-days', 'starts-after-days'];

function windowOf(pairs: readonly (readonly [string, string])[], given: StartWindow, faults: string[]): StartWindow {
  const days = (setting: string, otherwise: number): number => {
    const [value, ...others] = pairs.flatMap(([name, text]) => (name === setting ? [text] : []));
    if (others.length > 0) faults.push(`Cannot use setting '${setting}' twice`);
    if (value === undefined || value === '') return otherwise;
    const read = daysFromText(value);
    if (read === null) faults.push(`Cannot use ${setting} '${value}': it is not ${DAYS_WANTED}`);
    return read ?? otherwise;
  };
  return {
    beforeMs: days('starts-before-days', given.beforeMs),
    afterMs: days('starts-after-days', given.afterMs),
  };
}

function readerOf(
  pairs: readonly (readonly [string, string])[],
  startWindow: StartWindow,
  faults: string[],
): MessageReader | null {
  const gathered = gatherFormatSettings(pairs.filter(([setting]) => !OWN_SETTINGS.includes(setting)));
  const read = readFormatSettings({ format: 'canonical-ndjson', ...gathered.settings }, (setting) => `${setting}=`);
  faults.push(...gathered.faults, ...(read.kind === 'faults' ? read.faults : []));
  if (read.kind === 'faults') return null;
  const opened = openMessages({ ...read.options, format: read.options.format ?? 'canonical-ndjson', startWindow });
  if (!('problem' in opened)) return opened;
  faults.push(`Cannot read its messages: ${opened.problem}`);
  return null;
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
