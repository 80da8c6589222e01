import { type AsteriskOptions, createAsteriskCsv } from './asterisk/asterisk-csv.ts';
import { readAsteriskHeader } from './asterisk/asterisk-header.ts';
import { createAsteriskJson } from './asterisk/asterisk-json.ts';
import type { AsteriskJsonOptions } from './asterisk/asterisk-json-options.ts';
import { createCanonicalCsv } from './canonical/canonical-csv.ts';
import { canonicalNdjson } from './canonical/canonical-ndjson.ts';
import { looksLike } from './looks-like.ts';
import { detectFormat, detectLinesOfJson } from './detect-format.ts';
import type { Format, FormatId } from './format.ts';
import { createFreeSwitchEvent } from './freeswitch/freeswitch-event.ts';
import { createFreeSwitchJson } from './freeswitch/freeswitch-json.ts';
import type { FreeSwitchOptions } from './freeswitch/freeswitch-leg.ts';
import { createFreeSwitchText } from './freeswitch/freeswitch-text.ts';
import { createFreeSwitchXml } from './freeswitch/freeswitch-xml.ts';
import { openTold, type ToldOptions } from './settings/told-options.ts';

/** What the operator says about a stream. */
export interface FormatOptions {
  /** The format, when it is named; else it is detected. */
  readonly format?: FormatId;
  /** The format that lines of JSON are expected to have where none is named (`detectLinesOfJson`). */
  readonly otherwise?: FormatId;
  readonly asterisk?: AsteriskOptions;
  readonly asteriskJson?: AsteriskJsonOptions;
  readonly freeswitch?: FreeSwitchOptions;
  /** Of the switches whose records stand alone. */
  readonly told?: ToldOptions;
}

/** A stream's format, and where its first record begins: after a BOM and a header line. */
export type OpenedFormat =
  | { readonly kind: 'format'; readonly format: Format; readonly bodyStart: number }
  | { readonly kind: 'unusable'; readonly code: UnusableCode; readonly problem: string };

export type UnusableCode = 'unknown-format' | 'missing-options' | 'bad-header';

/**
 * Sets up the format of a stream whose first (uncompressed) bytes are `head`: 64 KiB, or the whole of a smaller one.
 */
export function openFormat(head: Buffer, options: FormatOptions): OpenedFormat {
  const opened = openAs(head, options);
  const isHeaded = opened.kind === 'unusable' || opened.bodyStart > BOM_LENGTH;
  if (!isHeaded || !isLineOfLines(head)) return opened;
  return unusable(
    opened.kind === 'unusable' ? opened.code : 'bad-header',
    'its lines end with carriage returns alone, so that all of it is one line: have it written with line feeds',
  );
}

const BOM_LENGTH = 3;

/** Whether the first line goes on after a carriage return, as old Macintosh programs end lines. */
function isLineOfLines(head: Buffer): boolean {
  const end = head.indexOf(10);
  const line = end < 0 ? head : head.subarray(0, end);
  const at = line.indexOf(13);
  return at >= 0 && line.subarray(at).some((byte) => byte > 32) && !/^\s*[[{<]/.test(line.toString('latin1', 0, 64));
}

function openAs(head: Buffer, options: FormatOptions): OpenedFormat {
  const bomLength = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  // Blank lines are no records: a header may follow them.
  const bodyAt = bomLength + blankBytes(head.subarray(bomLength));
  const body = head.subarray(bodyAt);
  const { format, otherwise } = options;
  const detected = (): FormatId | null => {
    if (options.told?.mapping !== undefined) return 'mapped';
    return otherwise === undefined ? detectFormat(body) : detectLinesOfJson(body, otherwise);
  };
  const id = format ?? detected();
  switch (id) {
    case 'canonical-ndjson':
      return { kind: 'format', format: canonicalNdjson, bodyStart: bomLength };
    case 'freeswitch-json':
      return { kind: 'format', format: createFreeSwitchJson(options.freeswitch), bodyStart: bomLength };
    case 'freeswitch-xml':
      return { kind: 'format', format: createFreeSwitchXml(options.freeswitch), bodyStart: bomLength };
    case 'freeswitch-event':
      return { kind: 'format', format: createFreeSwitchEvent(options.freeswitch), bodyStart: bomLength };
    case 'freeswitch-text':
      return { kind: 'format', format: createFreeSwitchText(options.freeswitch), bodyStart: bomLength };
    case 'asterisk-csv':
      return openAsterisk(options, body, bodyAt);
    case 'asterisk-json':
      return openAsteriskJson(options, bomLength);
    case 'canonical-csv':
      return openCanonicalCsv(body, bodyAt);
    case null:
      return unusable('unknown-format', `its format is none that is known: ${looksLike(body)}`);
    default:
      return openOther(id, body, bodyAt, options.told ?? {});
  }
}

/** How many bytes of blank lines a stream begins with. */
function blankBytes(head: Buffer): number {
  return /^(?:[ \t]*\r?\n)*/.exec(head.toString('latin1'))?.[0].length ?? 0;
}

/** A format whose records stand alone. */
function openOther(id: FormatId, body: Buffer, bomLength: number, told: ToldOptions): OpenedFormat {
  const lineEnd = body.indexOf(10);
  const firstLine = body.toString('utf8', 0, lineEnd < 0 ? body.length : lineEnd).trim();
  const opened = openTold(id, firstLine, told);
  if (opened === null) throw new Error(`Cannot set up format '${id}': nothing does`);
  if ('missing' in opened) return unusable('missing-options', `it is ${id}, and ${opened.missing}`);
  if ('problem' in opened) return unusable('bad-header', opened.problem);
  const headerBytes = !opened.isHeaded ? 0 : lineEnd < 0 ? body.length : lineEnd + 1;
  return { kind: 'format', format: opened.format, bodyStart: bomLength + headerBytes };
}

function unusable(code: UnusableCode, problem: string): OpenedFormat {
  return { kind: 'unusable', code, problem };
}

function openAsterisk(options: FormatOptions, body: Buffer, bomLength: number): OpenedFormat {
  const { asterisk } = options;
  if (asterisk === undefined || asterisk.trunks.length === 0 || asterisk.switchId === '') {
    return unusable(
      'missing-options',
      'Asterisk records need the name of the switch, its time zone and its trunks (switch, zone, trunk)',
    );
  }
  const { line, end } = firstLineOf(body);
  if (readAsteriskHeader(line) === null) {
    return { kind: 'format', format: createAsteriskCsv(asterisk), bodyStart: bomLength };
  }
  return { kind: 'format', format: createAsteriskCsv(asterisk, line), bodyStart: bomLength + end };
}

/** The first line, and where the next begins. */
function firstLineOf(body: Buffer): { readonly line: string; readonly end: number } {
  const lineEnd = body.indexOf(10);
  return {
    line: body.toString('utf8', 0, lineEnd < 0 ? body.length : lineEnd).replace(/\r$/, ''),
    end: lineEnd < 0 ? body.length : lineEnd + 1,
  };
}

function openAsteriskJson({ asteriskJson }: FormatOptions, bodyStart: number): OpenedFormat {
  if (asteriskJson === undefined || asteriskJson.trunks.length === 0) {
    return unusable('missing-options', 'Asterisk records need the trunks, endpoints that lead to carriers (trunk)');
  }
  return { kind: 'format', format: createAsteriskJson(asteriskJson), bodyStart };
}

function openCanonicalCsv(body: Buffer, bomLength: number): OpenedFormat {
  const lineEnd = body.indexOf(10);
  const header = body.toString('utf8', 0, lineEnd < 0 ? body.length : lineEnd);
  const format = createCanonicalCsv(header);
  if ('problem' in format) return unusable('bad-header', format.problem);
  return { kind: 'format', format, bodyStart: bomLength + (lineEnd < 0 ? body.length : lineEnd + 1) };
}
