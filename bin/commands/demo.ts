import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CommandError, EXIT_FAULTS, EXIT_INTERRUPTED, usageError } from '../command-error.ts';
import { compareWithExpected, readExpected } from '../compare-expected.ts';
import { isFinding, readReport, type Report } from '../../services/index.ts';
import { defaultNoise, filesInTheWay, generateInThread, MIN_LINES } from '../../traffic/index.ts';
import { distinctNumbers } from '../../rules/index.ts';
import type { Ledger } from '../ledger.ts';
import { withLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { reportText } from '../report-text.ts';
import { plural, showCount } from '../show-values.ts';
import { type Terminal, heedSignals, notify, print } from '../terminal.ts';
import { importTexts } from './lines.ts';
import { userName } from '../user-name.ts';
import { fileSource, takeFiles } from './rate.ts';

export interface DemoOptions {
  /** About how many calls; 180,000 when not given. */
  readonly calls?: string;
}

const DEMO_FOLDER = 'fairtally-demo';
const PERIOD = 202611;
const SEED = 'demo';
const DEFAULT_CALLS = 180_000;
const CALLS_A_LINE = 150;
const EARLIER_MONTHS = 3;
/** Calls of a month that is rated with little memory; of a larger one the database would be read again and again. */
const SMALL_MONTH = 300_000;
const SMALL_BUFFERS = 32;
const SHOWN_TOP = 8;
const FILES = ['accounts', 'lines', 'devices', 'networks'] as const;

/**
 * `fairtally demo`: makes a month of traffic in `./fairtally-demo`, rates it, tells what came of it, and compares that
 * with what was planned. Run again it finds all of it there. Returns the exit code.
 */
export async function runDemo(options: DemoOptions, terminal: Terminal): Promise<number> {
  const calls = callsOf(options);
  const folder = resolve(terminal.folder, DEMO_FOLDER);
  const isMade = await heedSignals(terminal, () => makeMonth(folder, calls, options.calls !== undefined, terminal));
  if (!isMade) {
    notify(terminal, `Interrupted: run 'fairtally demo' again to begin anew`);
    return EXIT_INTERRUPTED;
  }
  const isSmall = calls <= SMALL_MONTH;
  if (isSmall) terminal.saveMemory?.();
  const opening = isSmall ? { bufferMegabytes: SMALL_BUFFERS } : {};
  const rateAndReport = async (ledger: Ledger): Promise<number> => {
    const read = new Map(FILES.map((file) => [file, readFileSync(join(folder, `${file}.csv`), 'utf8')]));
    const text = (file: (typeof FILES)[number]): string => read.get(file) ?? '';
    const texts = {
      accounts: text('accounts'),
      lines: text('lines'),
      devices: text('devices'),
      networks: text('networks'),
    };
    const lines = await importTexts(ledger, { texts, by: userName(), note: 'demo' });
    for (const line of lines) notify(terminal, `Lines: ${line}`);
    await ledger.engine.catchUp();
    const path = join(folder, 'calls.ndjson');
    const run = await takeFiles(ledger, [{ shown: `${DEMO_FOLDER}/calls.ndjson`, ...fileSource(path) }], {}, terminal);
    if (run.faults.length > 0) throw new CommandError(run.faults);
    if (run.isInterrupted) {
      notify(terminal, `Interrupted: run 'fairtally demo' again to go on`);
      return EXIT_INTERRUPTED;
    }
    const report = await readReport(ledger, PERIOD);
    print(
      terminal,
      '',
      ...reportText(report, { columns: terminal.columns, top: SHOWN_TOP, option: ledger.option }),
      '',
    );
    const exitCode = await tellComparison(ledger, report, join(folder, 'expected.json'), terminal);
    print(terminal, '', ...nextCommands(report, ledger.option));
    return exitCode;
  };
  return withLedger({ data: DEMO_FOLDER }, terminal, rateAndReport, opening);
}

function callsOf({ calls }: DemoOptions): number {
  if (calls === undefined) return DEFAULT_CALLS;
  if (!/^\d{4,8}$/.test(calls) || Number(calls) < MIN_LINES * CALLS_A_LINE) {
    throw usageError(`Cannot use --calls '${calls}': it must be a number from ${MIN_LINES * CALLS_A_LINE} to 99999999`);
  }
  return Number(calls);
}

/**
 * The expectation is written last: where it is missing, an earlier attempt was cut off, and its files are in the way.
 * Returns `false` when it was told to end before it was done.
 */
async function makeMonth(folder: string, calls: number, isChosen: boolean, terminal: Terminal): Promise<boolean> {
  if (existsSync(join(folder, 'expected.json'))) {
    notify(terminal, `Found the traffic of an earlier demo in ${folder}`);
    if (isChosen) notify(terminal, `(--calls has no effect on it: remove '${DEMO_FOLDER}' for another)`);
    return true;
  }
  for (const file of filesInTheWay(folder)) rmSync(join(folder, file));
  notify(terminal, `Making a month of traffic in ${folder}: about ${showCount(calls)} calls`);
  const month = {
    seed: SEED,
    period: PERIOD,
    lines: Math.ceil(calls / CALLS_A_LINE),
    calls,
    noise: defaultNoise,
    isShuffled: false,
    isGzip: false,
    // So that the console can hold a line's month against its own.
    earlierMonths: EARLIER_MONTHS,
  };
  return (await generateInThread(folder, month, terminal.signal)) !== null;
}

async function tellComparison(ledger: Ledger, report: Report, file: string, terminal: Terminal): Promise<number> {
  const expected = readExpected(file);
  const differences = await compareWithExpected(ledger, report, expected);
  if (differences.length === 0) {
    const inBreach = expected.lines.filter(({ breaches }) => breaches.length > 0).length;
    print(
      terminal,
      `As expected: what became of ${plural(expected.records.total, 'record')}, and the verdicts with their evidence ` +
        `on ${plural(expected.lines.length, 'line')}, ${showCount(inBreach)} of them in breach`,
    );
    return 0;
  }
  print(
    terminal,
    `NOT as expected: ${plural(differences.length, 'difference')}`,
    ...differences.slice(0, 20).map((text) => `  ${text}`),
  );
  return EXIT_FAULTS;
}

/** Commands to try next, with ids that are really there. */
function nextCommands({ lines }: Report, option: string): string[] {
  const findings = lines.flatMap(({ line, account, breaches }) =>
    breaches.map((breach) => ({ line, account, breach, finding: breach.evidence })),
  );
  const crossed = findings.find(({ finding }) => isFinding(finding) && finding.condition === distinctNumbers.id);
  const undecided = findings.find(({ breach }) => breach.status === 'undecided');
  const commands: string[] = [];
  if (crossed !== undefined && isFinding(crossed.finding) && crossed.finding.condition === distinctNumbers.id) {
    const [first] = crossed.finding.numbers;
    if (first !== undefined) {
      commands.push(
        'A call that was included, and is charged since its line broke a condition:',
        `  ${PROGRAM} explain ${first.callId} --account ${crossed.account}${option}`,
      );
    }
  }
  if (undecided !== undefined) {
    commands.push(
      'Decide on a line that waits for an analyst:',
      `  ${PROGRAM} decide ${undecided.line} 2026-11 ${undecided.breach.condition} confirm --by you --note "no conversation"${option}`,
    );
  }
  return [
    ...commands,
    'The same report as data, and the records that could not be rated:',
    `  ${PROGRAM} report 2026-11 --json${option}`,
    `  ${PROGRAM} quarantine${option}`,
    'In a browser, as analysts work; the same for programs, over HTTP, with a page that explains it:',
    `  ${PROGRAM} serve${option}`,
  ];
}
