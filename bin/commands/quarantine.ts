import { recordedRecord } from '../../engine/index.ts';
import { type QuarantineCount, countQuarantine, quarantinedRecord, waitingQuarantine } from '../../ledger/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { QUARANTINE_REASONS, reasonInWords } from '../quarantine-reasons.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { showCount } from '../show-values.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { textTable } from '../text-table.ts';

export interface QuarantineOptions extends PlaceOptions {
  readonly reason?: string;
  readonly limit?: string;
  readonly json?: boolean;
}

const DEFAULT_LIMIT = 20;

/** `fairtally quarantine [list]`: what waits, by reason; with `--reason` the records themselves. */
export async function listQuarantine(options: QuarantineOptions, terminal: Terminal): Promise<void> {
  const limit = limitOf(options);
  checkReason(options);
  await withExistingLedger(options, terminal, async ({ db, option }) => {
    const counts = await countQuarantine(db);
    const { reason } = options;
    const records =
      reason === undefined && options.json !== true
        ? []
        : await waitingQuarantine(db, { reason: reason ?? null, afterNo: 0, limit });
    if (options.json === true) return printList(counts, records, terminal);
    if (reason === undefined) return print(terminal, ...describeCounts(counts, option));
    if (records.length === 0) return print(terminal, `Nothing waits for reason '${reason}'`);
    print(terminal, ...recordTable(records, terminal));
    const total = waitingOf(counts).find((count) => count.reason === reason)?.records ?? records.length;
    if (total > records.length)
      print(terminal, `  … ${showCount(total - records.length)} more: --limit ${total} shows all`);
    print(terminal, '', `Bytes of a record: ${PROGRAM} quarantine show ${records[0]?.no ?? 1}${option}`);
  });
}

type WaitingRecord = Awaited<ReturnType<typeof waitingQuarantine>>[number];

/** What a person looks for comes first. Cut to the screen only when there is one: a file or a pipe gets everything. */
function recordTable(records: readonly WaitingRecord[], terminal: Terminal): string[] {
  const cut = (maxWidth: number) => (isScreen(terminal) ? { maxWidth } : {});
  return textTable(
    [
      { heading: 'no', align: 'right' },
      { heading: 'line', align: 'left', ...cut(24) },
      { heading: 'number', align: 'left', ...cut(24) },
      { heading: 'what is wrong', align: 'left', ...cut(Math.max(40, terminal.columns - 60)) },
      { heading: 'source', align: 'left', ...cut(24) },
      { heading: 'at byte', align: 'right' },
    ],
    records.map((record) => [
      String(record.no),
      ...lineAndNumber(record),
      record.detail,
      isScreen(terminal) ? shortSource(record.source) : record.source,
      String(record.position),
    ]),
  );
}

/** Of a record that could be read. */
function lineAndNumber({ cdr }: WaitingRecord): readonly [string, string] {
  if (cdr === null) return ['-', '-'];
  const { line, dialled } = recordedRecord(cdr);
  return [line, dialled];
}

function isScreen({ stdout }: Terminal): boolean {
  return 'isTTY' in stdout && stdout.isTTY === true;
}

/** A code that is mistyped would look like a reason for which nothing waits. */
export function checkReason({ reason }: QuarantineOptions): void {
  if (reason === undefined || QUARANTINE_REASONS.includes(reason)) return;
  throw usageError(`Cannot use --reason '${reason}': it is none of ${QUARANTINE_REASONS.join(', ')}`);
}

/** `fairtally quarantine show NO`: one record with its bytes. */
export async function showQuarantined(no: string, options: QuarantineOptions, terminal: Terminal): Promise<void> {
  if (!/^[1-9]\d{0,14}$/.test(no)) throw usageError(`Cannot show record '${no}': it is no number of a record`);
  await withExistingLedger(options, terminal, async ({ db }) => {
    const record = await quarantinedRecord(db, Number(no));
    if (record === null) throw new CommandError(`Cannot show record '${no}': quarantine has no record of this number`);
    const { source, position, format, reason, detail, record: bytes, cdr, state } = record;
    if (options.json === true) {
      const shown = { no: record.no, state, source, position, format, reason, detail, ...bytesAsJson(bytes) };
      return printJson(terminal, { ...shown, canonical: cdr === null ? null : cdr.toString('utf8') });
    }
    print(
      terminal,
      `Record ${no} in quarantine: ${reason}`,
      `  ${state === 'no-call' ? NO_CALL_IN_WORDS : reasonInWords(reason)}`,
      ...(state === 'rated' ? ['  It waits no more: it was rated since'] : []),
      '',
      `  ${detail}`,
      '',
      `  from      ${source}, byte ${position}, read as ${format}`,
      `  ${bytes.length} bytes:`,
      '',
      ...linesOf(bytes),
    );
  });
}

const NO_CALL_IN_WORDS = 'a correction that says that there was no call: it counts until a higher revision comes';

/** What waits, by reason, as lines of text. */
export function describeCounts(counts: readonly QuarantineCount[], option: string): string[] {
  const waiting = waitingOf(counts);
  const settled = counts.filter(({ state }) => state !== 'waiting');
  const past = settled.map(({ records, state, reason }) =>
    state === reason ? `${showCount(records)} ${state}` : `${showCount(records)} ${state} (${reason})`,
  );
  if (waiting.length === 0) {
    return ['Nothing waits in quarantine', ...(past.length === 0 ? [] : [`Settled before: ${past.join(', ')}`])];
  }
  return [
    ...textTable(
      [
        { heading: 'records', align: 'right' },
        { heading: 'reason', align: 'left' },
        { heading: 'meaning', align: 'left' },
      ],
      waiting.map(({ records, reason }) => [showCount(records), reason, reasonInWords(reason)]),
    ),
    ...(past.length === 0 ? [] : ['', `Settled before: ${past.join(', ')}`]),
    '',
    `The records of a reason: ${PROGRAM} quarantine --reason ${waiting[0]?.reason ?? ''}${option}`,
  ];
}

function waitingOf(counts: readonly QuarantineCount[]): QuarantineCount[] {
  return counts.filter(({ state }) => state === 'waiting');
}

function printList(counts: readonly QuarantineCount[], records: readonly WaitingRecord[], terminal: Terminal): void {
  const shown = records.map(({ no, source, position, format, reason, detail, record }) => ({
    no,
    source,
    position,
    format,
    reason,
    detail,
    ...bytesAsJson(record),
  }));
  printJson(terminal, { counts, records: shown });
}

/** Bytes as text where they are text, else in base64. */
function bytesAsJson(bytes: Buffer): { readonly record: string; readonly encoding: 'utf8' | 'base64' } {
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes);
  return isText ? { record: text, encoding: 'utf8' } : { record: bytes.toString('base64'), encoding: 'base64' };
}

/**
 * Lines as the record has them; several are set apart, so that none can pass for ours. Bytes that are no UTF-8 stand
 * as Latin-1.
 */
function linesOf(bytes: Buffer): string[] {
  const { record, encoding } = bytesAsJson(bytes);
  const text = encoding === 'utf8' ? record : bytes.toString('latin1');
  const lines = text.split('\n');
  return lines.length === 1 ? lines : lines.map((line) => `  | ${line}`);
}

/** The name of a file rather than its whole path; a hash cut. */
function shortSource(source: string): string {
  if (source.startsWith('stdin:')) return source.slice(0, 18);
  return source.split('/').at(-1) ?? source;
}

function limitOf({ limit }: QuarantineOptions): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  if (!/^[1-9]\d{0,6}$/.test(limit)) throw usageError(`Cannot use --limit '${limit}': it must be a number of records`);
  return Number(limit);
}
