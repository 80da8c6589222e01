import type { Readable, Writable } from 'node:stream';
import { visibleJson } from '../../operating/index.ts';
import { formatNumber, isShortCode, type Destination, type NumberingPlan } from '../../tariffs/index.ts';
import { loadNumberingPlan } from '../load-numbering-plan.ts';

/** A longer line is damage: its head is enough to refuse it, and to show it. */
const MAX_LINE_CHARACTERS = 1024;

/**
 * Reads one dialled string a line (UTF-8, LF or CRLF) and writes one JSON object a line: `dialled`; one of `e164`,
 * `shortCode`, `refusal`; `destination`, `class`, `included`. Streams: memory does not grow with the input. Lines that
 * are no UTF-8, empty or endless are answered like any other garbage. A reader that hangs up early ends it quietly.
 */
export async function runClassify(input: Readable, output: Writable): Promise<void> {
  const plan = loadNumberingPlan();
  const includedNames = new Set(plan.includedNames);
  output.on('error', ignoreError);
  try {
    for await (const lines of linesOf(input)) {
      const answers = lines.map((line) => `${visibleJson(JSON.stringify(classifyLine(plan, includedNames, line)))}\n`);
      await writeAll(output, answers.join(''));
    }
  } catch (error) {
    if (!isClosedPipe(error)) throw error;
  } finally {
    output.off('error', ignoreError);
  }
}

/** Without a listener, a reader that hangs up would end the process; the write gets the same error. */
function ignoreError(): void {}

/** Waits until the text is on its way, so that a slow reader slows us down instead of filling memory. */
function writeAll(output: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** The answer for one dialled string, in the order it is written. */
export interface ClassifiedLine {
  readonly dialled: string;
  readonly e164?: string;
  readonly shortCode?: string;
  readonly refusal?: string;
  readonly destination: string | null;
  readonly class: string | null;
  /** Whether the caller pays nothing: included by the contract's article 7, or free by law. */
  readonly included: boolean;
}

/** Classifies one line against the whole contract: national fixed and mobile, the 40 destinations, free numbers. */
export function classifyLine(plan: NumberingPlan, includedNames: ReadonlySet<string>, dialled: string): ClassifiedLine {
  const classified = plan.classify(dialled);
  if (classified.kind === 'refusal') {
    return { dialled, refusal: classified.reason, destination: null, class: null, included: false };
  }
  const { called, destination } = classified;
  const number = isShortCode(called) ? { shortCode: formatNumber(called) } : { e164: formatNumber(called) };
  return {
    dialled,
    ...number,
    destination: shownName(destination),
    class: destination.class,
    included: costsNothing(destination, includedNames),
  };
}

/**
 * In France the split of national numbers into "France Fixe", "France Fixe OBL" and so on says nothing to a caller:
 * they are shown by their class. 0806-0809 keep their name, since their price alone makes them national fixed.
 */
function shownName({ name, class: destinationClass }: Destination): string {
  const isNational = destinationClass === 'national-fixed' || destinationClass === 'national-mobile';
  return isNational && name.startsWith('France ') ? destinationClass : name;
}

function costsNothing(destination: Destination, includedNames: ReadonlySet<string>): boolean {
  switch (destination.class) {
    case 'national-fixed':
    case 'national-mobile':
    case 'emergency':
    case 'toll-free':
      return true;
    case 'international':
    case 'special-rate':
      return includedNames.has(destination.name);
    default:
      return destination.class satisfies never;
  }
}

/** Whole lines, chunk by chunk; the last one needs no line end. Bytes that are no UTF-8 become U+FFFD. */
async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
    if (lines.length > 0) yield lines.map(trimLine);
  }
  rest += decoder.decode();
  if (rest !== '') yield [trimLine(rest)];
}

function trimLine(line: string): string {
  return (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, MAX_LINE_CHARACTERS);
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
