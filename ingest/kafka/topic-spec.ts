import { gatherFormatSettings, readFormatSettings } from '../formats/format-settings.ts';
import { type MessageReader, openMessages } from './message-reader.ts';
import { isTopicName } from './source-names.ts';

/** A topic that switches produce to. */
export interface TopicSpec {
  readonly name: string;
  /** Reads its messages. */
  readonly reader: MessageReader;
  /** Whether records are keyed by account, so that an account's records stand in one partition; else they are re-keyed. */
  readonly isKeyedByAccount: boolean;
}

export type ParsedTopicSpec =
  | { readonly kind: 'topic'; readonly topic: TopicSpec }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/**
 * Reads `NAME[,format=ID][,key=account|other][,SETTING=VALUE]…`, the settings those of the format, lists said once for each
 * element: canonical NDJSON keyed by account where nothing else is said. Faults are whole sentences, all of them.
 */
export function parseTopicSpec(text: string): ParsedTopicSpec {
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
  const reader = readerOf(pairs, faults);
  if (reader === null || faults.length > 0) return { kind: 'faults', faults };
  return { kind: 'topic', topic: { name, reader, isKeyedByAccount: key === 'account' } };
}

function readerOf(pairs: readonly (readonly [string, string])[], faults: string[]): MessageReader | null {
  const gathered = gatherFormatSettings(pairs.filter(([setting]) => setting !== 'key'));
  const read = readFormatSettings({ format: 'canonical-ndjson', ...gathered.settings }, (setting) => `${setting}=`);
  faults.push(...gathered.faults, ...(read.kind === 'faults' ? read.faults : []));
  if (read.kind === 'faults') return null;
  const opened = openMessages({ ...read.options, format: read.options.format ?? 'canonical-ndjson' });
  if (!('problem' in opened)) return opened;
  faults.push(`Cannot read its messages: ${opened.problem}`);
  return null;
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
