import { readAsteriskHeader } from './asterisk-header.ts';
import { isRow } from './asterisk-row.ts';
import { isJsonObject, parseJson } from './canonical-json.ts';
import { splitCsvLine, splitLooseCsvLine } from './csv-line.ts';
import type { FormatId } from './format.ts';

/** How many lines of a stream are looked at: the first ones may be broken. */
const LINES = 50;

/**
 * Tells the format of a stream from its first bytes (after BOM and decompression); `null` when it is none of ours.
 * A format that the operator names is never second-guessed: this is for the case where none is named.
 */
export function detectFormat(head: Buffer): FormatId | null {
  const text = head.toString('latin1').trimStart();
  if (text.startsWith('{') || text.startsWith('[')) return detectJson(text);
  const lines = text.split(/\r?\n/, LINES).filter((line) => line.trim() !== '');
  if (isCanonicalHeader(lines[0] ?? '')) return 'canonical-csv';
  if (readAsteriskHeader(lines[0] ?? '') !== null) return 'asterisk-csv';
  if (lines.some((line) => isRow(splitCsvLine(line) ?? splitLooseCsvLine(line) ?? []))) return 'asterisk-csv';
  return lines.some((line) => line.startsWith('{')) ? detectJson(lines.join('\n')) : null;
}

function detectJson(text: string): FormatId | null {
  for (const line of text.split(/\r?\n/, LINES)) {
    const value = parseJson(line);
    if (!isJsonObject(value)) continue;
    if ('switch' in value || ('v' in value && 'call' in value)) return 'canonical-ndjson';
    if ('variables' in value || 'core-uuid' in value) return 'freeswitch-json';
    if ('Event-Name' in value) return 'freeswitch-event';
    if ('dstchannel' in value || 'DestinationChannel' in value) return 'asterisk-json';
  }
  // A document over several lines, or one that is longer than the head.
  if (/"(?:core-uuid|variables|callflow|channel_data)"\s*:/.test(text)) return 'freeswitch-json';
  if (/"Event-Name"\s*:/.test(text)) return 'freeswitch-event';
  if (/"(?:dstchannel|DestinationChannel)"\s*:/.test(text)) return 'asterisk-json';
  return /"switch"\s*:/.test(text) && /"call"\s*:/.test(text) ? 'canonical-ndjson' : null;
}

function isCanonicalHeader(line: string): boolean {
  const columns = (splitCsvLine(line.trim()) ?? []).map((column) => column.trim());
  return ['switch', 'call', 'durationMs'].every((name) => columns.includes(name));
}
