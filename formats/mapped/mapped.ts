import { isJsonObject } from '../canonical/canonical-json.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { bad, notACall, type Decoded, type DecodedBad, type Format } from '../format.ts';
import {
  type ColumnReader,
  type HeadedColumns,
  lineText,
  readHeader,
  readRow,
  separatorOf,
} from '../reading/headed-row.ts';
import { placeLocal, spanOfLocal, type LocalClock, type PlacedTime } from '../reading/local-clock.ts';
import type { MappedDuration, MappedTest, MappedText, MappedTime, Mapping } from './mapping.ts';
import { headerAt, parseDocument, readTexts, unlessTooLong } from '../reading/parse-document.ts';
import { headerValues, userOf } from '../reading/sip-address.ts';
import { clockedToMs, readSwitchTime, secondsToMs } from '../reading/switch-time.ts';
import { agreedDuration, callTold, type SwitchSettings } from '../call/told-call.ts';

export interface MappedOptions extends SwitchSettings {
  readonly mapping: Mapping;
  /** Name of the switch, where its records do not say it. */
  readonly switchId?: string;
}

/** The format that a mapping describes. `header` is the first line of a CSV that has its columns' names there. */
export function createMapped(header: string, options: MappedOptions): Format | { readonly problem: string } {
  const { mapping } = options;
  if (mapping.form === 'json') {
    return {
      id: 'mapped',
      framing: 'json-documents',
      decode: (buffer, start, end) =>
        readTexts(() => {
          const parsed = parseDocument(buffer, start, end);
          return parsed.kind === 'bad' ? parsed : decodeMapped(pathReader(parsed.fields), options);
        }),
      namedCall: (buffer, start, end) =>
        unlessTooLong(() => {
          const parsed = parseDocument(buffer, start, end);
          return parsed.kind === 'bad' ? null : textIn(pathReader(parsed.fields), mapping, 'call') || null;
        }),
    };
  }
  const read = mapping.columns === null ? readHeader(header) : namedColumns(mapping.columns, header);
  if ('problem' in read) return read;
  const missing = fieldsOf(mapping).find((field) => !read.columns.has(field));
  if (missing !== undefined) return { problem: `it has no column ${quote(missing)}, which the mapping names` };
  return {
    id: 'mapped',
    framing: 'lines',
    decode: (buffer, start, end) => {
      const line = lineText(buffer, start, end);
      if (typeof line !== 'string') return line;
      if (mapping.columns === null && line.trim() === header.trim()) return notACall('other-event');
      const at = readRow(line, read);
      return typeof at === 'function' ? decodeMapped(at, options) : at;
    },
    namedCall: (buffer, start, end) => {
      const line = lineText(buffer, start, end);
      const at = typeof line === 'string' && line.trim() !== header.trim() ? readRow(line, read) : null;
      return typeof at === 'function' ? textIn(at, mapping, 'call') || null : null;
    },
  };
}

function namedColumns(names: readonly string[], firstLine: string): HeadedColumns {
  const columns: ReadonlyMap<string, number> = new Map(names.map((name, index) => [name, index]));
  return { columns, columnCount: names.length, separator: separatorOf(firstLine) };
}

/** Every column that a mapping names. */
function fieldsOf({ fields, answered, ended, duration, calls, noCalls }: Mapping): string[] {
  const others = [answered, ended, duration, ...calls, ...noCalls].flatMap((one) => (one === null ? [] : [one.field]));
  return [...Object.values(fields).flat(), ...others];
}

/** Fields of a JSON object by name, else by path: `times.answer`, `legs.0.number`. */
function pathReader(fields: Readonly<Record<string, unknown>>): ColumnReader {
  return (path) => {
    if (Object.hasOwn(fields, path)) return textOf(fields, path);
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let value: unknown = fields;
    for (const step of steps) {
      if (Array.isArray(value)) value = /^\d{1,4}$/.test(step) ? value[Number(step)] : undefined;
      else value = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    }
    if (Array.isArray(value)) return textOf({ [last]: /^\d{1,4}$/.test(last) ? value[Number(last)] : undefined }, last);
    return isJsonObject(value) ? textOf(value, last) : '';
  };
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'boolean' ? String(value) : headerAt(fields, name);
}

function decodeMapped(at: ColumnReader, options: MappedOptions): Decoded {
  const { mapping } = options;
  const noCall = mapping.noCalls.find((test) => holds(test, at));
  if (noCall !== undefined) return notACall(noCall.reason);
  const failed = mapping.calls.find((test) => !holds(test, at));
  if (failed !== undefined) {
    const said = quote(at(failed.field));
    return bad(
      'invalid-field',
      `Cannot tell whether it is a call: ${failed.field} ${said} is in neither list of the mapping`,
    );
  }
  const times = timesOf(at, mapping);
  if ('kind' in times) return times;
  const told = (name: MappedText): string => textIn(at, mapping, name);
  return callTold(
    {
      switchId: told('switch') || (options.switchId ?? ''),
      callId: told('call'),
      legId: told('leg'),
      line: userOf(told('line')),
      dialled: told('to'),
      trunk: told('trunk'),
      calling: userOf(told('from')),
      ...times,
      userAgent: told('ua'),
      sourceIp: told('ip'),
      diversions: mapping.fields.diversions
        .flatMap((field) => headerValues(at(field)))
        .map(userOf)
        .filter((diverter) => diverter !== '')
        .slice(-32),
      transferredBy: userOf(told('transferredBy')),
    },
    options,
  );
}

/** The first of the fields that are mapped to one which is not empty; empty where there is none. */
function textIn(at: ColumnReader, { fields }: Mapping, name: MappedText): string {
  const found = fields[name].find((field) => at(field) !== '');
  return found === undefined ? '' : at(found);
}

function holds({ field, is }: MappedTest, at: ColumnReader): boolean {
  return is.includes(at(field));
}

function timesOf(at: ColumnReader, mapping: Mapping) {
  const answered = readTime(at, mapping.answered, mapping.clock);
  if ('kind' in answered) return answered;
  const saidMs = mapping.duration === null ? null : readDuration(at, mapping.duration);
  if (saidMs !== null && typeof saidMs !== 'number') return saidMs;
  if (mapping.ended === null) {
    const notes = answered.instants.length > 1 ? (['local-time-ambiguous'] as const) : [];
    return { answeredAt: answered.instants[0] ?? NaN, durationMs: saidMs ?? NaN, notes };
  }
  const ended = readTime(at, mapping.ended, mapping.clock);
  if ('kind' in ended) return ended;
  const span = spanOfLocal(answered, ended, saidMs ?? 0);
  const agreed = agreedDuration(saidMs ?? span.spanMs, span.spanMs);
  if ('kind' in agreed) return agreed;
  const notes = span.isAmbiguous ? (['local-time-ambiguous', ...agreed.notes] as const) : agreed.notes;
  return { answeredAt: span.startedAt, durationMs: agreed.durationMs, notes };
}

function readTime(at: ColumnReader, { field, pattern }: MappedTime, clock: LocalClock | null): PlacedTime | DecodedBad {
  if (pattern === null) return readSwitchTime(field, at(field), clock);
  if (clock !== null) return placeLocal(field, at(field), clock, pattern);
  return bad(
    'invalid-field',
    `Cannot place ${field}: ${quote(at(field))} has no offset, and the mapping names no zone`,
  );
}

function readDuration(at: ColumnReader, { field, unit }: MappedDuration): number | DecodedBad {
  const text = at(field);
  const value = unit === 'hh:mm:ss' ? clockedToMs(text) : secondsToMs(text);
  if (value === null) return bad('invalid-field', `Cannot read ${field}: ${quote(text)} is no duration in ${unit}`);
  return unit === 'ms' ? value / 1000 : unit === 'us' ? value / 1_000_000 : value;
}
