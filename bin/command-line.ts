import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import {
  backUp,
  cases,
  createKey,
  decide,
  explain,
  listFormats,
  listKeys,
  rateFiles,
  report,
  restored,
  revokeKey,
  runClassify,
  runDemo,
  runGenerate,
  runPrice,
  serve,
  showOneCase,
  tryFormat,
  verify,
} from './commands-on-demand.ts';
import { EXIT_FAULTS, EXIT_INTERRUPTED, EXIT_USAGE } from './command-error.ts';
import { unforeseenFault } from './unforeseen-fault.ts';
import type { CaseOptions } from './commands/case.ts';
import type { CasesOptions } from './commands/cases.ts';
import type { DecideOptions } from './commands/decide.ts';
import type { ExplainOptions } from './commands/explain.ts';
import type { TryOptions } from './commands/formats.ts';
import type { GenerateOptions } from './commands/generate.ts';
import type { PriceOptions } from './commands/price.ts';
import type { RateOptions } from './commands/rate.ts';
import type { CreateKeyOptions } from './commands/keys.ts';
import type { ReportOptions } from './commands/report.ts';
import type { ServeOptions } from './commands/serve.ts';
import type { RestoredOptions } from './commands/restored.ts';
import type { VerifyOptions } from './commands/verify.ts';
import type { PlaceOptions } from './config.ts';
import { repeatable, withFormatOptions } from './format-options.ts';
import { addAudit } from './audit-commands.ts';
import { addPeriods } from './period-commands.ts';
import { withPlace } from './place-options.ts';
import { addQuarantine } from './quarantine-commands.ts';
import { addSettingUp } from './setting-up-commands.ts';
import { addHoles, addStream } from './stream-commands.ts';
import { notify, type Terminal, withEscapedOutput } from './terminal.ts';
import { versionOfProject } from './version-of-project.ts';

/**
 * Runs one command line, `args` without the program's name, and returns its exit code: 0; 1 for faults of input or
 * state, each on a line of stderr; 2 when the command line itself is wrong; 130 when interrupted. It never rejects: a
 * bug too is said in one line, with how to see where it is.
 */
export async function runCommandLine(args: readonly string[], outer: Terminal): Promise<number> {
  const terminal = withEscapedOutput(outer);
  const outcome = { exitCode: 0 };
  const program = commandLine(terminal, outcome);
  try {
    await program.parseAsync(withDefaultList(args, program), { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOf(error);
    if (terminal.signal.aborted && error instanceof Error && error.name === 'AbortError') return EXIT_INTERRUPTED;
    const { expectedFault } = await import('./expected-fault.ts');
    const faults = expectedFault(error) ?? { lines: unforeseenFault(error, terminal.env), exitCode: EXIT_FAULTS };
    notify(terminal, ...faults.lines);
    return faults.exitCode;
  }
}

/** `quarantine` alone lists; commander would not hand its options on to a default command. */
function withDefaultList(args: readonly string[], program: Command): string[] {
  const [command, next = ''] = args;
  const own = program.commands.find((each) => each.name() === 'quarantine')?.commands.map((each) => each.name()) ?? [];
  const isNamed = [...own, 'help', '--help', '-h'].includes(next);
  return command === 'quarantine' && !isNamed ? ['quarantine', 'list', ...args.slice(1)] : [...args];
}

function exitCodeOf({ code, exitCode }: CommanderError): number {
  if (code === 'commander.helpDisplayed' || code === 'commander.version') return 0;
  return exitCode === 0 ? 0 : EXIT_USAGE;
}

/** Commander quotes what was typed; on a line of its own stands at most which option or command may have been meant. */
function commanderLines(text: string): string[] {
  const [, message = text, hint] = /^([^]*?)(?:\n(\(Did you mean [^\n]*\)))?\n?$/.exec(text) ?? [];
  return hint === undefined ? [message] : [message, hint];
}

/** All commands, with what each does; `outcome` is given the exit code of one that ends without a fault. */
export function commandLine(terminal: Terminal, outcome: { exitCode: number }): Command {
  const program = new Command('fairtally')
    .description('Rates telephone calls against an unlimited offer and its fair-use conditions.')
    .version(versionOfProject())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      outputError: (text) => notify(terminal, ...commanderLines(text)),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showHelpAfterError(`(run 'fairtally --help', or 'fairtally COMMAND --help')`);
  addDemo(program, terminal, outcome);
  addRating(program, terminal, outcome);
  addFormats(program, terminal, outcome);
  addLooking(program, terminal, outcome);
  addStream(program, terminal);
  addApi(program, terminal);
  addHoles(program, terminal);
  addPeriods(program, terminal);
  addAudit(program, terminal, outcome);
  addSettingUp(program, terminal, outcome);
  addKeeping(program, terminal, outcome);
  addNumbers(program, terminal, outcome);
  return program;
}

function addDemo(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  program
    .command('demo')
    .summary('a month of made-up traffic, rated: the place to begin')
    .description(
      `Makes a month of traffic in './fairtally-demo', rates it, and reports it. Run again, it finds it there.`,
    )
    .option('--calls <count>', 'about how many calls (180000)')
    .action(async (options: { calls?: string }) => {
      outcome.exitCode = await runDemo(options, terminal);
    });
  program
    .command('generate')
    .summary('make a month of realistic traffic from a seed, with what must come of it')
    .requiredOption('--out <folder>', 'where to write it')
    .option('--period <month>', 'which month (2026-11)')
    .option('--lines <count>', 'how many lines (200, or enough for the calls)')
    .option('--calls <count>', 'about how many calls (150 a line)')
    .option('--seed <text>', 'equal seeds and options make equal files (1)')
    .option('--attempts <share>', 'share of unanswered attempts among the records, 0 to 0.9')
    .option('--gzip', 'write calls.ndjson.gz')
    .option('--shuffle', 'records in any order at all, rather than nearly that of time')
    .action(async (options: GenerateOptions) => {
      outcome.exitCode = await runGenerate(options, terminal);
    });
}

function addRating(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  const rate = program
    .command('rate [files...]')
    .summary('rate files of call records (stdin without any)')
    .description(
      "Takes call records into the ledger, of each format that 'formats list' lists; gzip too.\n" +
        'Run again, or killed and run again, it goes on where it ended: nothing is rated twice.',
    )
    .option('--again', 'read from the start, as when it was read with wrong options; calls in the ledger are known')
    .option('--batch <records>', 'records a transaction (20000; embedded 10000)')
    .option('--starts-from <instant>', 'calls that start before this day or instant wait in quarantine')
    .option('--starts-to <instant>', 'calls that start at this day or instant, or later, wait in quarantine')
    .option('--strict', 'end with exit code 1 where there are warnings, such as that no record was rated');
  withPlace(withFormatOptions(rate)).action(async (files: string[], options: RateOptions) => {
    outcome.exitCode = await rateFiles(files, options, terminal);
  });
}

function addFormats(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  const formats = program.command('formats').summary('formats of call records: list them, try one on a file');
  formats
    .command('list')
    .summary('the formats that are read, and what each needs')
    .action(() => listFormats(terminal));
  withFormatOptions(
    formats
      .command('try <file>')
      .summary(
        'what would become of each record of a file (- for stdin): who pays, which number, why; without a ledger',
      )
      .option('--limit <count>', 'how many records to show (1000); the summary is of all')
      .option('--json', 'as data'),
  ).action(async (file: string, options: TryOptions) => {
    outcome.exitCode = await tryFormat(file, options, terminal);
  });
}

function addLooking(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  withPlace(
    program
      .command('report [period]')
      .summary('what a month comes to, and which lines are over their conditions')
      .option('--json', 'as data: docs/reference/report-json.md')
      .option('--top <count>', 'how many destinations and lines to show (12)')
      .option('--as-of <instant>', 'the money by day and line, by what was posted up to this day or instant'),
  ).action((period: string | undefined, options: ReportOptions) => report(period, options, terminal));
  withPlace(
    program
      .command('explain <call-id>')
      .summary('how a call came to its charge')
      .option('--account <id>', 'look in this account only: faster')
      .option('--period <month>', 'look in this month only: faster')
      .option('--json', 'as data'),
  ).action((callId: string, options: ExplainOptions) => explain(callId, options, terminal));
  addCases(program, terminal);
  addQuarantine(program, terminal, outcome);
}

function addCases(program: Command, terminal: Terminal): void {
  withPlace(
    program
      .command('cases')
      .summary('cases by the money at stake: those that wait for a decision')
      .option('--state <state>', 'open, decided, withdrawn or all (open)')
      .option('--period <month>', 'of one month')
      .option('--condition <id>', 'in which the condition is found')
      .option('--account <id>', 'of one account')
      .option('--line <id>', 'of one line')
      .option('--min-money <amount>', 'with so much at stake at least: 12.50')
      .option('--limit <count>', 'how many at once (50)')
      .option('--after <cursor>', 'go on where a page ended')
      .option('--json', 'as data'),
  ).action((options: CasesOptions) => cases(options, terminal));
  withPlace(
    program
      .command('case <line> <period>')
      .summary('all that there is to see of a case before it is decided on')
      .option('--numbers <count>', 'how many of the numbers called to show (20)')
      .option('--everywhere', 'look for other callers in all accounts: reads the whole month')
      .option('--json', 'as data'),
  ).action((line: string, period: string, options: CaseOptions) => showOneCase([line, period], options, terminal));
  withPlace(
    program
      .command('decide <line> <period> <condition> <decision>')
      .summary('confirm or dismiss a breach, or reinstate a line')
      .description('DECISION is confirm, dismiss or reinstate. It is kept for good; a later one goes before it.')
      .option('--by <name>', 'who decides')
      .option('--note <text>', 'why')
      .option('--at <instant>', 'reinstate calls that start from this day or instant on (now)')
      .option('--dry-run', 'say what it would change, and change nothing: without --by and --note')
      .option('--json', 'as data'),
  ).action((line: string, period: string, condition: string, kind: string, options: DecideOptions) =>
    decide([line, period, condition, kind], options, terminal),
  );
}

/** What keeps a ledger trustworthy over the years. */
function addKeeping(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  withPlace(
    program.command('backup <folder>').summary('copy the embedded ledger to a folder that does not exist yet'),
  ).action((folder: string, options: PlaceOptions) => backUp(folder, options, terminal));
  withPlace(
    program
      .command('verify')
      .summary('whether the entries are what was posted: finds tampering, and says where')
      .option('--against <file>', "a proof that 'verify --json' wrote earlier, kept elsewhere")
      .option('--json', 'as data, with the proof to keep'),
  ).action(async (options: VerifyOptions) => {
    outcome.exitCode = await verify(options, terminal);
  });
  withPlace(
    program
      .command('restored')
      .summary('say that a restored copy is the ledger from now on')
      .requiredOption('--by <name>', 'who decides')
      .requiredOption('--note <text>', 'what was restored, and why')
      .option('--nothing-lost', 'the database moved, and nothing committed is missing')
      .option('--in-place', 'the copy was restored into the very database that the ledger was in'),
  ).action((options: RestoredOptions) => restored(options, terminal));
}

/** The API, and the keys by which it is used. */
function addApi(program: Command, terminal: Terminal): void {
  withPlace(
    program
      .command('serve')
      .summary('the API over HTTP, until it is told to stop')
      .description('Describes itself at /openapi.json. Keys: fairtally keys create.')
      .option('--host <address>', 'listen on this address (127.0.0.1)')
      .option('--port <port>', 'and on this port (8080); 0: any that is free')
      .addOption(repeatable('--mapping <name=file>', 'how records posted with ?mapping=NAME are read')),
  ).action((options: ServeOptions) => serve(options, terminal));
  const keys = program.command('keys').summary('keys of the API: create, list, revoke');
  withPlace(
    keys
      .command('create <name>')
      .summary('make a key; it is shown this once')
      .addOption(repeatable('--role <role>', 'what it is for: switch, billing, viewer, analyst, admin, …'))
      .addOption(repeatable('--scope <scope>', 'what it may do besides, once for each'))
      .option('--account <id>', 'it sees this account only')
      .option('--switch <name>', 'it posts records of this switch only')
      .option('--expires <instant>', 'it opens nothing from this day or instant on')
      .option('--file <file>', 'keep it in this file; one that is there and in force stays')
      .option('--by <name>', 'who makes it; by default whoever runs this'),
  ).action((name: string, options: CreateKeyOptions) => createKey(name, options, terminal));
  withPlace(keys.command('list').summary('the keys, without their secrets').option('--json', 'as data')).action(
    (options: PlaceOptions & { readonly json?: boolean }) => listKeys(options, terminal),
  );
  withPlace(
    keys
      .command('revoke <id>')
      .summary('the key opens nothing any more, for good')
      .option('--by <name>', 'who revokes it; by default whoever runs this'),
  ).action((id: string, options: PlaceOptions & { readonly by?: string }) => revokeKey(id, options, terminal));
}

function addNumbers(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  program
    .command('classify')
    .summary('dialled strings, one a line on stdin, to numbers and destinations as JSON')
    .action(() => runClassify(terminal.stdin, terminal.stdout));
  program
    .command('price')
    .summary('price calls (CSV on stdin) by a deck, outside any offer')
    .requiredOption('--deck <file>', 'the rate deck')
    .option('--zone <zone>', 'time zone of a deck that names none (Europe/Paris)')
    .option('--currency <code>', 'currency of a deck that names none (EUR)')
    .action(async ({ deck, zone, currency }: { deck: string; zone?: string; currency?: string }) => {
      const options: PriceOptions = {
        deckPath: resolve(terminal.folder, deck),
        ...(zone === undefined ? {} : { timeZone: zone }),
        ...(currency === undefined ? {} : { currency }),
      };
      outcome.exitCode = await runPrice(options, terminal.stdin, terminal.stdout, terminal.stderr);
    });
}
