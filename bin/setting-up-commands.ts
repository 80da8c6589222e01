import type { Command } from 'commander';
import {
  diffDeckFiles,
  importDeck,
  importLines,
  importOffer,
  lintOffer,
  listDecks,
  listOffers,
  setUp,
} from './commands-on-demand.ts';
import type { DiffOptions, ImportDeckOptions } from './commands/decks.ts';
import type { LinesOptions } from './commands/lines.ts';
import type { ImportOfferOptions } from './commands/offers.ts';
import type { SetupOptions } from './commands/setup.ts';
import type { PlaceOptions } from './config.ts';
import { withPlace } from './place-options.ts';
import type { Terminal } from './terminal.ts';

/** What a ledger is set up with: its schema and roles, lines, decks, offers. */
export function addSettingUp(program: Command, terminal: Terminal, outcome: { exitCode: number }): void {
  withPlace(
    program
      .command('setup')
      .summary(
        'bring the ledger up to date: schema, numbering plan, a deck and an offer, the months ahead; make its roles',
      )
      .option('--roles', 'make the roles rater, operator, relay and reader, and give each what it needs')
      .option('--months <months>', 'also make these months: 2026-01..2026-12, or one'),
  ).action((options: SetupOptions) => setUp(options, terminal));
  const lines = program.command('lines').summary('accounts and lines: import');
  withPlace(
    lines
      .command('import [folder]')
      .summary('import accounts, lines, devices and networks, all or nothing')
      .description('FOLDER holds accounts.csv and lines.csv, and may hold devices.csv and networks.csv.')
      .option('--accounts <file>', 'instead of accounts.csv of the folder')
      .option('--lines <file>', 'instead of lines.csv')
      .option('--devices <file>', 'instead of devices.csv')
      .option('--networks <file>', 'instead of networks.csv')
      .option('--note <text>', 'why, kept where facts change what was rated already')
      .option('--by <name>', 'who imports (the user of the system)'),
  ).action((folder: string | undefined, options: LinesOptions) => importLines(folder, options, terminal));
  const decks = program.command('decks').summary('rate decks: import, list, diff');
  withPlace(
    decks
      .command('import <file>')
      .summary('check a deck, and price with it: calls from a day on, or all, those rated before too')
      .option('--from <day>', 'it prices the calls that start from this day on, in its zone; or: ever (all calls)')
      .option('--allow-unpriced', 'with --retroactive: also one without a price for rated calls: they go to quarantine')
      .option('--retroactive', 'also one that changes prices of the past: calls that are rated are priced again')
      .option('--note <text>', 'with --retroactive: why')
      .option('--by <name>', 'who imports it (the user of the system)'),
  ).action((file: string, options: ImportDeckOptions) => importDeck(file, options, terminal));
  withPlace(decks.command('list').summary('the decks of the ledger')).action((options: PlaceOptions) =>
    listDecks(options, terminal),
  );
  withPlace(
    decks
      .command('diff <a> <b>')
      .summary('what changes for the customer when deck B replaces deck A')
      .option('--at <day>', 'compare prices in force from this day on (now)'),
  ).action((a: string, b: string, options: DiffOptions) => diffDeckFiles(a, b, options, terminal));
  const offers = program.command('offers').summary('offers: import, lint, list');
  withPlace(
    offers
      .command('import <file>')
      .summary('check an offer, and judge by it')
      .option('--retroactive', 'also another version of one that calls are rated under: they are judged again')
      .option('--note <text>', 'with --retroactive: why')
      .option('--by <name>', 'with --retroactive: who does it (the user of the system)'),
  ).action((file: string, options: ImportOfferOptions) => importOffer(file, options, terminal));
  offers
    .command('lint <file>')
    .summary('what an offer includes that it should not include unaware')
    .action(async (file: string) => {
      outcome.exitCode = await lintOffer(file, terminal);
    });
  withPlace(offers.command('list').summary('the offers of the ledger')).action((options: PlaceOptions) =>
    listOffers(options, terminal),
  );
}
