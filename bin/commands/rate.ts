import { resolve } from 'node:path';
import { type FormatOptions, type FormatSettings, readFormatSettings } from '../../formats/index.ts';
import {
  type ChangeWhileRead,
  type FileToTake,
  SourceError,
  takeFile,
  type TakeFileOptions,
  type TakenFile,
} from '../../ingest/index.ts';
import type { CivilTime } from '../../tariffs/index.ts';
import { CommandError, EXIT_FAULTS, EXIT_INTERRUPTED, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { holeFaults } from '../hole-faults.ts';
import { ledgerCivilTime } from '../../services/index.ts';
import type { Ledger } from '../ledger.ts';
import { withLedger } from '../open-ledger.ts';
import { type Progress, describeTally, startProgress } from '../progress.ts';
import { rateSummary } from '../rate-summary.ts';
import { runWarnings } from '../run-warnings.ts';
import { showBytes } from '../show-values.ts';
import { isReadOnce, isStdinName, type SpooledStream, spoolPath, spoolStream } from '../spooled-stream.ts';
import { StoppableTaking } from '../stoppable-taking.ts';
import { type Terminal, heedSignals, notify, print } from '../terminal.ts';

export interface RateOptions extends PlaceOptions, FormatSettings {
  /** Read files from their start once more, as when they were read with wrong options. */
  readonly again?: boolean;
  /** Records a transaction. */
  readonly batch?: string;
  /** First day or instant at which a call of the files may start, and the first at which none may any more. */
  readonly startsFrom?: string;
  readonly startsTo?: string;
  /** A run that ends with warnings ends with exit code 1. */
  readonly strict?: boolean;
}

/**
 * `fairtally rate FILE…`: takes files of call records, or stdin, into the ledger, and says what came of it. Run
 * again, it goes on where it ended. Returns the exit code.
 */
export async function rateFiles(files: readonly string[], options: RateOptions, terminal: Terminal): Promise<number> {
  const reading = readingOptions(options, terminal);
  const batchSize = batchSizeOf(options);
  const names = files.length === 0 ? ['-'] : files;
  if (names.filter(isStdinName).length > 1) throw usageError('Cannot read stdin more than once');
  return withReadableFiles(names, terminal, (sources) =>
    withLedger(options, terminal, async (ledger) => {
      const bounds = startBounds(options, await ledgerCivilTime(ledger.db));
      await ledger.engine.catchUp();
      const run = await takeFiles(
        ledger,
        sources,
        { ...reading, ...batchSize, ...bounds, isAgain: options.again === true },
        terminal,
      );
      // Registrations of the files may tell more of calls that were rated before.
      await ledger.engine.catchUp();
      print(terminal, ...(await rateSummary(ledger, run.taken)));
      const warnings = runWarnings(run.taken, ledger.option);
      const faults = [...run.faults, ...(await holeFaults(ledger.db, run.taken))];
      notify(terminal, ...warnings, ...faults);
      if (run.isInterrupted) {
        notify(terminal, 'Interrupted: what was taken in stays; run the same command again to go on from there');
        return EXIT_INTERRUPTED;
      }
      const isRefused = faults.length > 0 || (options.strict === true && warnings.length > 0);
      return isRefused ? EXIT_FAULTS : 0;
    }),
  );
}

/** A file's source in the ledger bears its absolute path. */
export function fileSource(path: string): FileToTake {
  return { path, source: `file:${path}` };
}

interface NamedFile extends FileToTake {
  readonly shown: string;
}

interface FilesRun {
  readonly taken: readonly Extract<TakenFile, { kind: 'taken' }>[];
  readonly faults: readonly string[];
  readonly isInterrupted: boolean;
}

type Reading = FormatOptions & Pick<TakeFileOptions, 'batchSize' | 'isAgain' | 'receipt'>;

/**
 * Takes files one after the other; one that can't be read does not stop the others. Told to end, it ends after the
 * batch under way.
 */
export function takeFiles(
  ledger: Ledger,
  files: readonly NamedFile[],
  reading: Reading,
  terminal: Terminal,
): Promise<FilesRun> {
  return heedSignals(terminal, () => takeEachFile(ledger, files, reading, terminal));
}

async function takeEachFile(
  { engine, db }: Ledger,
  files: readonly NamedFile[],
  reading: Reading,
  terminal: Terminal,
): Promise<FilesRun> {
  const progress = startProgress(terminal);
  const { signal } = terminal;
  const taking = new StoppableTaking(engine, signal);
  const taken: Extract<TakenFile, { kind: 'taken' }>[] = [];
  const faults: string[] = [];
  const notes: string[] = [];
  let isCutOff = false;
  for (const file of files) {
    if (signal.aborted) break;
    const onProgress = updateOf(progress, file.shown);
    try {
      const result = await taking.untilStopped(takeFile(taking.engine, db, file, { ...reading, signal, onProgress }));
      if (result === null) {
        isCutOff = true;
        break;
      }
      if (result.kind === 'unusable') faults.push(result.problem);
      if (result.kind === 'taken') taken.push(result);
      notes.push(...notesOf(file.shown, result));
    } catch (error) {
      if (!(error instanceof SourceError)) {
        progress.finish();
        throw error;
      }
      faults.push(error.message);
    }
  }
  progress.finish();
  notify(terminal, ...notes);
  const isInterrupted =
    isCutOff ||
    (signal.aborted && (taken.some(({ isComplete }) => !isComplete) || taken.length < files.length - faults.length));
  if (progress.tally.received > 0) print(terminal, `Read ${describeTally(progress.tally)}`);
  return { taken, faults, isInterrupted };
}

function updateOf(progress: Progress, label: string): NonNullable<Parameters<typeof takeFile>[3]>['onProgress'] & {} {
  return ({ fraction, counts }) => progress.update(label, fraction, counts);
}

function notesOf(shown: string, result: TakenFile): string[] {
  if (result.kind === 'empty') return [`${shown}: it is empty`];
  if (result.kind === 'unusable') return [];
  const notes: string[] = [];
  if (result.otherContents > 0 && result.from === 0) {
    notes.push(`${shown}: its beginning is not what it was: read as another source, '${result.source}'`);
  }
  if (result.from > 0 && result.to === result.from && result.isComplete) {
    notes.push(`${shown}: nothing new since the last run (${showBytes(result.to)}; '--again' reads it from its start)`);
  } else if (result.from > 0) notes.push(`${shown}: went on at byte ${result.from}, where the last run ended`);
  const change = CHANGES[result.changeWhileRead];
  if (change !== null) notes.push(`${shown}: ${change}`);
  return notes;
}

const CHANGES: Readonly<Record<ChangeWhileRead, string | null>> = {
  none: null,
  grew: 'it grew while it was read: the same command takes in the rest',
  replaced: 'another file got its name while it was read, which was read to its end: the same command reads the other',
  gone: 'it was removed or renamed while it was read, which it was to its end',
};

function batchSizeOf({ batch }: RateOptions): { readonly batchSize?: number } {
  if (batch === undefined) return {};
  const batchSize = Number(batch);
  if (!/^\d{1,6}$/.test(batch) || batchSize < 1 || batchSize > 100_000) {
    throw usageError(`Cannot use --batch '${batch}': it must be a number of records from 1 to 100000`);
  }
  return { batchSize };
}

/** The starts that a person holds plausible; none given: nothing in a file says when its records were made. */
function startBounds({ startsFrom, startsTo }: RateOptions, civilTime: CivilTime): Pick<TakeFileOptions, 'receipt'> {
  if (startsFrom === undefined && startsTo === undefined) return {};
  const faults: string[] = [];
  const instantOf = (option: string, text: string | undefined, otherwise: number): number => {
    if (text === undefined) return otherwise;
    const instant = civilTime.parseInstant(text);
    if (instant === null) {
      faults.push(
        `Cannot use ${option} '${text}': it is no day or instant such as '2026-11-01' or '2026-11-01T08:00:00+01:00'`,
      );
    }
    return instant ?? otherwise;
  };
  const from = instantOf('--starts-from', startsFrom, civilTime.firstInstant);
  const to = instantOf('--starts-to', startsTo, civilTime.endInstant);
  if (faults.length === 0 && from >= to) {
    faults.push(
      `Cannot use --starts-to '${startsTo ?? ''}': no start lies before it and from '${startsFrom ?? ''}' on`,
    );
  }
  if (faults.length > 0) throw usageError(faults);
  return { receipt: { receivedAt: null, startsFrom: from, startsTo: to - 1 } };
}

/** What the options say of the format; faults of all of them at once. */
export function readingOptions(options: FormatSettings, terminal: Terminal): FormatOptions {
  const { mapping } = options;
  const placed = mapping === undefined ? options : { ...options, mapping: resolve(terminal.folder, mapping) };
  const read = readFormatSettings(placed, (name) => `--${name}`);
  if (read.kind === 'faults') throw usageError(read.faults);
  return read.options;
}

/** Files as they are read: what can be read only once is written to temporary files first, before `work` begins. */
async function withReadableFiles<T>(
  names: readonly string[],
  terminal: Terminal,
  work: (files: readonly NamedFile[]) => Promise<T>,
): Promise<T> {
  const spooled: SpooledStream[] = [];
  const files: NamedFile[] = [];
  try {
    for (const shown of names) {
      const path = resolve(terminal.folder, shown);
      if (isStdinName(shown) || isReadOnce(path)) {
        const stream = await (isStdinName(shown) ? spoolStdin(terminal) : spoolPath(path));
        spooled.push(stream);
        files.push({ shown: isStdinName(shown) ? 'stdin' : shown, path: stream.path, source: stream.source });
      } else files.push({ shown, ...fileSource(path) });
    }
    return await work(files);
  } finally {
    for (const stream of spooled) await stream.close();
  }
}

async function spoolStdin(terminal: Terminal): Promise<SpooledStream> {
  const stream = await spoolStream(terminal.stdin);
  if (stream.bytes > 0) return stream;
  await stream.close();
  throw new CommandError('Cannot rate: stdin is empty; name files, or feed records to stdin');
}
