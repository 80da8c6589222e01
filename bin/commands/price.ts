import { basename, extname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse/sync';
import {
  compileCivilTime,
  compileDeck,
  formatDeckFault,
  formatMicros,
  MAX_DURATION_MS,
  parseDeck,
  priceCall,
  type CivilTime,
  type NumberingPlan,
  type RateDeck,
  type RefusalCode,
} from '../../tariffs/index.ts';
import { visibleLine } from '../../operating/index.ts';
import { CommandError } from '../command-error.ts';
import { messageLine } from '../terminal.ts';
import { shorten } from '../text-table.ts';
import { loadNumberingPlan } from '../load-numbering-plan.ts';
import { readTextFile } from '../read-text-file.ts';

/** Options of `fairtally price`. */
export interface PriceOptions {
  readonly deckPath: string;
  /** Zone and currency of a deck that names none; Europe/Paris and EUR by default. */
  readonly timeZone?: string;
  readonly currency?: string;
}

/** Why a row has no charge, in order of precedence. A numbering plan adds its own refusals. */
export type PriceError =
  'malformed-row' | 'wrong-cell-count' | 'bad-number' | RefusalCode | 'bad-answer-time' | 'bad-duration' | 'no-rate';

const INPUT_COLUMNS = ['call_id', 'called_number', 'answer_time_utc', 'duration_s'] as const;
const OUTPUT_HEADER = 'call_id,charge,matched_prefix,destination,error\n';
const NO_DESTINATION = { name: '', id: -1 };

/**
 * Prices calls by a deck, outside any offer: CSV with the columns `call_id,called_number,answer_time_utc,duration_s`
 * in (others may stand beside them), `call_id,charge,matched_prefix,destination,error` out, row by row and in order.
 * A row that cannot be priced has its reason in `error` and stops nothing. Returns the exit code: 1, and what is wrong
 * on `report`, when the deck or the header cannot be used; then nothing is written to `output`.
 */
export async function runPrice(
  options: PriceOptions,
  input: Readable,
  output: Writable,
  report: Writable,
): Promise<number> {
  const deck = await loadDeck(options, report);
  if (deck === null) return 1;
  const pricer = createPricer(deck);
  let exitCode = 0;
  const answers = async function* (chunks: AsyncIterable<Uint8Array | string>) {
    let columns: Columns | null = null;
    for await (const lines of linesOf(chunks)) {
      let text = '';
      for (const line of lines) {
        if (line === '') continue;
        if (columns !== null) text += pricer.priceRow(line, columns);
        else {
          columns = readHeader(line);
          if (columns === null) {
            const fault = `Cannot read the calls: the header '${shorten(line, 200)}' lacks one of the columns ${INPUT_COLUMNS.join(', ')}`;
            report.write(`${messageLine(fault)}\n`);
            exitCode = 1;
            return;
          }
          text += OUTPUT_HEADER;
        }
      }
      if (text !== '') yield text;
    }
  };
  try {
    await pipeline(input, answers, output, { end: false });
  } catch (error) {
    if (!isClosedPipe(error)) throw error;
  }
  return exitCode;
}

/** Whoever reads the output may stop early (`| head`): that ends the work, and is no fault. */
function isClosedPipe(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

async function loadDeck({ deckPath, timeZone, currency }: PriceOptions, report: Writable): Promise<RateDeck | null> {
  const text = await textOfDeck(deckPath, report);
  if (text === null) return null;
  const parsed = parseDeck(text, {
    name: basename(deckPath, extname(deckPath)),
    currency: currency ?? 'EUR',
    timeZone: timeZone ?? 'Europe/Paris',
  });
  if (parsed.kind === 'deck') return compileDeck(parsed.deck);
  for (const fault of parsed.faults) report.write(`${messageLine(`${deckPath}, ${formatDeckFault(fault)}`)}\n`);
  return null;
}

async function textOfDeck(deckPath: string, report: Writable): Promise<string | null> {
  try {
    return await readTextFile(deckPath, deckPath);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    for (const fault of error.faults) report.write(`${messageLine(fault)}\n`);
    return null;
  }
}

/** Where each input column stands, and how many there are. */
interface Columns {
  readonly positions: Readonly<Record<(typeof INPUT_COLUMNS)[number], number>>;
  readonly count: number;
}

function readHeader(line: string): Columns | null {
  const names = cellsOf(line.replace(/^\uFEFF/, ''))?.map((cell) => cell.trim().toLowerCase()) ?? [];
  const [callId = -1, called = -1, answered = -1, duration = -1] = INPUT_COLUMNS.map((column) => names.indexOf(column));
  if (Math.min(callId, called, answered, duration) < 0) return null;
  return {
    positions: { call_id: callId, called_number: called, answer_time_utc: answered, duration_s: duration },
    count: names.length,
  };
}

interface Pricer {
  priceRow(line: string, columns: Columns): string;
}

function createPricer(deck: RateDeck): Pricer {
  const civilTime = compileCivilTime(deck.timeZone);
  // Numbers are classified only for a deck that prices by destination: one of prefixes alone needs no plan.
  const plan = deck.destinationNames.length === 0 ? null : loadNumberingPlan();
  return {
    priceRow: (line, { positions, count }) => {
      const cells = cellsOf(line);
      if (cells === null) return refuse('', 'malformed-row');
      const callId = cells[positions.call_id] ?? '';
      if (cells.length !== count) return refuse(callId, 'wrong-cell-count');
      const called = readCalled(cells[positions.called_number] ?? '', plan);
      if (called.kind === 'refusal') return refuse(callId, called.reason);
      const startedAt = readAnswerTime(cells[positions.answer_time_utc] ?? '', civilTime);
      if (startedAt === null) return refuse(callId, 'bad-answer-time');
      const durationMs = readDuration(cells[positions.duration_s] ?? '');
      if (durationMs === null) return refuse(callId, 'bad-duration');
      const { name, id } = called.destination;
      const rate = deck.rateFor(called.called, name, id, startedAt);
      if (rate === null) return refuse(callId, 'no-rate');
      const charge = formatMicros(priceCall(rate, startedAt, durationMs));
      return `${quote(callId)},${charge},${rate.prefix},${quote(rate.destination === '' ? name : rate.destination)},\n`;
    },
  };
}

type CalledCell =
  | {
      readonly kind: 'number';
      readonly called: number;
      readonly destination: { readonly name: string; readonly id: number };
    }
  | { readonly kind: 'refusal'; readonly reason: 'bad-number' | RefusalCode };

/** By the plan, any dialled form; without one, bare E.164 digits (`+` or `00` allowed in front) or a short code. */
function readCalled(text: string, plan: NumberingPlan | null): CalledCell {
  if (plan !== null) return plan.classify(text);
  const digits = /^(?:\+|00)?([1-9]\d{1,14})$/.exec(text.trim())?.[1];
  if (digits === undefined) return { kind: 'refusal', reason: 'bad-number' };
  return { kind: 'number', called: Number(digits), destination: NO_DESTINATION };
}

/** An instant with its offset, or without one, which is UTC by the name of the column. */
function readAnswerTime(text: string, civilTime: CivilTime): number | null {
  const instant = text.trim();
  if (!instant.includes('T')) return null;
  return civilTime.parseInstant(/(Z|[+-]\d\d:?\d\d)$/.test(instant) ? instant : `${instant}Z`);
}

/** Seconds of at most 3 decimals, as ms. */
function readDuration(text: string): number | null {
  const match = /^(\d{1,8})(?:\.(\d{1,3})0*)?$/.exec(text.trim());
  if (match === null) return null;
  const durationMs = Number(match[1]) * 1000 + Number((match[2] ?? '').padEnd(3, '0'));
  return durationMs <= MAX_DURATION_MS ? durationMs : null;
}

function refuse(callId: string, error: PriceError): string {
  return `${quote(callId)},,,,${error}\n`;
}

/**
 * A cell of the output. A spreadsheet takes what begins with `=`, `+`, `-`, `@` or a tab for a formula: such a text
 * of others gets a `'` before it, with which it is text.
 */
function quote(text: string): string {
  const visible = visibleLine(/^[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/.test(text) ? `'${text}` : text);
  return /[",]/.test(visible) ? `"${visible.replaceAll('"', '""')}"` : visible;
}

/**
 * The cells of one line; `null` when its quotes do not close. A row never goes on in the next line, so that one bad
 * quote costs one row.
 */
function cellsOf(line: string): string[] | null {
  if (!line.includes('"')) return line.split(',');
  try {
    return parse(line, { relax_column_count: true })[0] ?? null;
  } catch {
    return null;
  }
}

/** Lines without their ends (LF or CRLF), as many at a time as a chunk completes. */
async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield lines.map(withoutReturn);
  }
  yield [withoutReturn(rest + decoder.decode())];
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
