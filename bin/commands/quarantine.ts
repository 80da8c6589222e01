import type { QuarantineCount } from '../../ledger/index.ts';
import {
  bytesAsJson,
  recordJson,
  checkQuarantine,
  checkRecord,
  type ListedRecord,
  type ListedState,
  listQuarantine as readQuarantine,
  type QuarantineRequest,
  showRecord,
  writeOffJson,
} from '../../services/index.ts';
import type { PlaceOptions } from '../config.ts';
import { reasonInWords } from '../quarantine-reasons.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { refusalError } from '../refusal-error.ts';
import { showCount } from '../show-values.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { textTable } from '../text-table.ts';

export interface QuarantineOptions extends PlaceOptions, Pick<QuarantineRequest, 'reason' | 'limit'> {
  readonly json?: boolean;
  readonly writtenOff?: boolean;
}

/** `fairtally quarantine [list]`: what waits, by reason; with `--reason` the records themselves. */
export async function listQuarantine(options: QuarantineOptions, terminal: Terminal): Promise<void> {
  const { reason, json = false, writtenOff = false } = options;
  const fault = checkQuarantine(options);
  if (fault !== null) throw refusalError(fault);
  const countsOnly = reason === undefined && !json && !writtenOff;
  const state = writtenOff ? 'written-off' : 'waiting';
  const request: QuarantineRequest = { state, reason, limit: options.limit, countsOnly };
  await withExistingLedger(options, terminal, async (ledger) => {
    const list = await readQuarantine(ledger, request);
    if (list.kind === 'refused') throw refusalError(list);
    const { counts, records } = list;
    if (json) return printJson(terminal, { counts, records: records.map((each) => listJson(each, writtenOff)) });
    if (countsOnly) return print(terminal, ...describeCounts(counts, ledger.option));
    const of = counts.filter((count) => count.state === state && (reason === undefined || count.reason === reason));
    if (records.length === 0) return print(terminal, nothingThere(state, reason));
    print(terminal, ...(writtenOff ? writtenOffLines(records, terminal) : recordTable(records, terminal)));
    const total = of.reduce((sum, count) => sum + count.records, 0);
    if (total > records.length)
      print(terminal, `  … ${showCount(total - records.length)} more: --limit ${total} shows all`);
    print(terminal, '', `Bytes of a record: ${PROGRAM} quarantine show ${records[0]?.no ?? 1}${ledger.option}`);
  });
}

function listJson(record: ListedRecord, isWrittenOff: boolean) {
  const { writeOffs } = record;
  return isWrittenOff ? { ...recordJson(record), writeOffs: writeOffs.map(writeOffJson) } : recordJson(record);
}

function nothingThere(state: ListedState, reason: string | undefined): string {
  const what = state === 'waiting' ? 'Nothing waits' : 'Nothing is written off';
  return reason === undefined ? what : `${what} for reason '${reason}'`;
}

/** What was written off, and below each record by whom and why. */
function writtenOffLines(records: readonly ListedRecord[], terminal: Terminal): string[] {
  const [heading = '', ...rows] = recordTable(records, terminal);
  return [heading, ...rows.flatMap((row, index) => [row, ...writeOffLines(records[index]?.writeOffs.slice(-1) ?? [])])];
}

/** Who wrote a record off or opened it again, a line each. */
function writeOffLines(acts: ListedRecord['writeOffs']): string[] {
  return acts.map(
    ({ act, by, note, at }) =>
      `      ${act === 'written-off' ? 'written off' : 'reopened'} by ${by}, ${new Date(at).toISOString()}: ${note}`,
  );
}

/** What a person looks for comes first. Cut to the screen only when there is one: a file or a pipe gets everything. */
function recordTable(records: readonly ListedRecord[], terminal: Terminal): string[] {
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
      record.line ?? '-',
      record.dialled ?? '-',
      record.detail,
      isScreen(terminal) ? shortSource(record.source) : record.source,
      String(record.position),
    ]),
  );
}

function isScreen({ stdout }: Terminal): boolean {
  return 'isTTY' in stdout && stdout.isTTY === true;
}

/** `fairtally quarantine show NO`: one record with its bytes. */
export async function showQuarantined(no: string, options: QuarantineOptions, terminal: Terminal): Promise<void> {
  const fault = checkRecord(no);
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    const shown = await showRecord(ledger, no);
    if (shown.kind === 'refused') throw refusalError(shown);
    const { source, position, format, reason, detail, record: bytes, canonical, state, places, writeOffs } = shown;
    if (options.json === true) {
      const { no: number, ...rest } = recordJson(shown);
      return printJson(terminal, {
        no: number,
        state,
        ...rest,
        canonical,
        places,
        writeOffs: writeOffs.map(writeOffJson),
      });
    }
    const isBack = state === 'waiting' && writeOffs.at(-1)?.act === 'written-off';
    print(
      terminal,
      `Record ${no} in quarantine: ${reason}`,
      `  ${state === 'no-call' ? NO_CALL_IN_WORDS : reasonInWords(reason)}`,
      ...(state === 'rated' ? ['  It waits no more: it was rated since'] : []),
      ...(state === 'written-off'
        ? [`  It waits no more: '${PROGRAM} quarantine reopen ${no}' has it wait again`]
        : []),
      ...(isBack ? ['  It was written off, and came again: it waits'] : []),
      ...writeOffLines(writeOffs),
      '',
      `  ${detail}`,
      '',
      `  from      ${source}, byte ${position}, read as ${format}`,
      ...places.map((place) => `  stands in ${place.source}, byte ${place.position}`),
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
  const past = settled.map(({ records, state, reason }) => {
    const what = `${showCount(records)} ${state === 'written-off' ? 'written off' : state}`;
    return state === reason ? what : `${what} (${reason})`;
  });
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
