import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CommandLedger } from '../command-ledger.ts';
import { record } from '../small-month.ts';

const DECK = readFileSync(new URL('../../../tariffs/decks/full-illimite-2026.csv', import.meta.url), 'utf8');
const RETROACTIVE = ['--retroactive', '--note', 'a test', '--by', 'Ada'];
/** Calls of `b1` start on 2 November, those of `b2` at the first instant of the 20th in Paris, `b0` a minute before. */
const MINUTES = { b1: 1, b0: 17 * 1440 + 899, b2: 17 * 1440 + 900 };

let rated: CommandLedger;
let ledger: CommandLedger;

/** A ledger with a line and three calls to Barbados, 0.40 each by the default deck. */
beforeAll(async () => {
  rated = await CommandLedger.open();
  ledger = rated;
  write('accounts.csv', 'account,name\nA1,Dupont\n');
  write(
    'lines.csv',
    'line,account,number,offer,usage_class,mobility,equipment,from,to\n' +
      'L1,A1,+33140000001,full-illimite,business,off,managed,2026-01-01,\n',
  );
  write('calls.ndjson', callsOf(''));
  const imported = await run('lines', 'import', '.');
  const taken = await run('rate', 'calls.ndjson');
  if (imported.exitCode + taken.exitCode !== 0) throw new Error(imported.stderr + taken.stderr);
});
afterAll(() => rated.close());
beforeEach(async () => {
  ledger = await rated.copy();
  write('dear.csv', deckWith('dear', '0.80'));
  write('dearest.csv', deckWith('dearest', '1.60'));
});
afterEach(() => ledger.close());

function run(...args: string[]) {
  return ledger.run(...args);
}
function importDeck(...args: string[]) {
  return run('decks', 'import', ...args);
}
function write(name: string, text: string): void {
  writeFileSync(join(ledger.folder, name), text);
}
function deckWith(name: string, price: string): string {
  return DECK.replace(/^#name.*$/m, `#name,${name}`).replace(/^Barbade,[^,]*/m, `Barbade,${price}`);
}
function callsOf(suffix: string): string {
  const rows = Object.entries(MINUTES).map(([call, minute]) =>
    record({ call: `${call}${suffix}`, line: 'L1', to: '+12465550100', minute, durationMs: 60_000 }),
  );
  return rows.map((row) => `${row}\n`).join('');
}
async function charged(): Promise<string> {
  return /"charge": "([\d.]+)"/.exec((await run('report', '2026-11', '--json')).stdout)?.[1] ?? '';
}
/** The schedule of `decks list`: a row each, the deck by its name alone. */
async function schedule(): Promise<string[]> {
  const { stdout } = await run('decks', 'list');
  const rows = stdout.split('\n').filter((row) => row.includes('start of call') || row.includes('billing day'));
  return rows.map((row) =>
    row.trim().replace(/@\w+/, '').replace(/ {2,}/g, ' | ').split(' | ').slice(0, -1).join(' | '),
  );
}
const BOTH = 'start of call, billing day';

describe('fairtally decks import --from', () => {
  test('has a deck price calls from a day to come on, which changes nothing that is rated and needs no word', async () => {
    const imported = await importDeck('dear.csv', '--from', '2050-01-01', '--by', 'Ada');
    expect([imported.exitCode, imported.stdout, imported.stderr]).toEqual([
      0,
      expect.stringMatching(/^Imported deck dear@\w+: \d+ prices, EUR, from 2050-01-01 on\n$/),
      '',
    ]);
    expect(await charged()).toBe('1.200000');
    const list = (await run('decks', 'list')).stdout;
    expect(list).toMatch(/full-illimite-2026@.* in use *\n.*dear@\w+ +EUR +Europe\/Paris *\n/);
    expect(list).not.toContain('Changed what was rated already');
    const [first, second, ...others] = await schedule();
    expect([first, second, others]).toEqual([
      expect.stringMatching(/^ever \| 2050-01-01 \| full-illimite-2026 \| start of call, billing day \| /),
      expect.stringMatching(new RegExp(`^2050-01-01 \\| dear \\| ${BOTH} \\| Ada$`)),
      [],
    ]);
    const again = await importDeck('dear.csv', '--from', '2050-01-01');
    expect(again.stdout).toContain('EUR is in use already, from 2050-01-01 on: nothing changed'.slice(4));
  });

  test('prices each call by the deck in force at its start, and is as strict as ever over the past', async () => {
    const refused = await importDeck('dear.csv', '--from', '2026-11-20');
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/it prices 1 call otherwise that is rated already, from 2026-11-20 00:00/),
    ]);
    const imported = await importDeck('dear.csv', '--from', '2026-11-20', ...RETROACTIVE);
    expect(imported.stdout).toMatch(/1 call rated anew \(1 charged otherwise.*\n.*1\.20 -> 1\.60 EUR/);
    // New records in any order, by a process that knows nothing but the ledger.
    write('more.ndjson', callsOf('-more').trimEnd().split('\n').toReversed().join('\n') + '\n');
    expect((await run('rate', 'more.ndjson')).stdout).toContain('3 rated');
    expect(await charged()).toBe('3.200000');
    for (const [call, deck] of [
      ['b1-more', 'full-illimite-2026@'],
      ['b0-more', 'full-illimite-2026@'],
      ['b2-more', 'dear@'],
      ['b2', 'dear@'],
    ] as const) {
      expect((await run('explain', call)).stdout).toContain(`of deck ${deck}`);
    }
    // What no call met is guarded, too, in the days that the deck would take over, and in these alone.
    write('other.csv', DECK.replace(/^#name.*$/m, '#name,other').replace(/^Andorre,[^,]*/m, 'Andorre,9.99'));
    expect((await importDeck('other.csv', '--from', '2026-11-10')).stderr).toContain(`the price of 'Andorre'`);
    expect((await importDeck('other.csv', '--from', '2050-01-01')).exitCode).toBe(0);
  });

  test('is asked for where several decks are scheduled, and takes the place of none but the one of its day', async () => {
    await importDeck('dear.csv', '--from', '2050-01-01');
    const unclear = await importDeck('dearest.csv', ...RETROACTIVE);
    expect([unclear.exitCode, unclear.stderr]).toEqual([
      1,
      expect.stringMatching(
        /several decks are scheduled, 'full-ill.*@.*' from ever on, 'dear@\w+' from 2050-01-01 on; '--from/,
      ),
    ]);
    const ever = await importDeck('dearest.csv', '--from', 'ever', ...RETROACTIVE);
    expect(ever.stdout).toContain('EUR, until 2050-01-01\n');
    expect(await charged()).toBe('4.800000');
    await importDeck('dearest.csv', '--from', '2050-01-01');
    expect(await schedule()).toEqual([expect.stringMatching(/^ever \| dearest \| start of call, billing day/)]);
    // One deck again: without a day it is for all calls, as ever.
    const all = await importDeck('dear.csv', ...RETROACTIVE);
    expect(all.stdout).toMatch(/is in use again\n/);
    expect(await schedule()).toEqual([expect.stringMatching(/^ever \| dear \| start of call, billing day/)]);
    expect(await charged()).toBe('2.400000');
  });

  test('refuses what is no day before it makes a ledger, and two currencies or time zones side by side', async () => {
    for (const day of ['2026-02-30', 'tomorrow', '2026-12-01T00:00:00Z', '']) {
      const { exitCode, stderr } = await importDeck('dear.csv', '--from', day, '--data', 'none');
      expect([exitCode, stderr]).toEqual([
        2,
        expect.stringMatching(new RegExp(`^Cannot use day '${day}': .*; '--from DAY' says`)),
      ]);
    }
    expect(existsSync(join(ledger.folder, 'none'))).toBe(false);
    write('dollars.csv', deckWith('dollars', '0.40').replace('#currency,EUR', '#currency,USD'));
    expect(await importDeck('dollars.csv', '--from', '2050-01-01')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`its prices are in 'USD', and of 'full-illimite-2026@`),
    });
    write('zone.csv', deckWith('zone', '0.40').replace(/^#time_zone,.*$/m, '#time_zone,America/New_York'));
    expect(await importDeck('zone.csv', '--from', '2050-01-01')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`its days are those of 'America/New_York', and of 'full-illimite-2026@`),
    });
  });

  test('settles calls that wait for a price from that day on, though nothing else is rated anew', async () => {
    const day = '2026-11-20';
    write('thin.csv', DECK.replace(/^#name.*$/m, '#name,thin').replace(/^Barbade,.*\n/m, ''));
    const thin = await importDeck('thin.csv', '--from', day, '--allow-unpriced', ...RETROACTIVE);
    expect([thin.stdout, await charged()]).toEqual([expect.stringContaining('1 call billed no more'), '0.800000']);
    // At another charge than it had it stays where it is; at the same it comes back, and nobody is asked.
    expect((await importDeck('dear.csv', '--from', day)).stderr).toContain('1 call otherwise that was rated once');
    write('as-before.csv', DECK.replace(/^#name.*$/m, '#name,again'));
    const back = await importDeck('as-before.csv', '--from', day);
    expect([back.exitCode, await charged()]).toEqual([0, '1.200000']);
    // A call that never had a price: nothing of its line is judged again for it.
    await importDeck('thin.csv', '--from', '2026-11-25', ...RETROACTIVE);
    write(
      'late.ndjson',
      `${record({ call: 'late', line: 'L1', to: '+12465550100', minute: 24 * 1440, durationMs: 60_000 })}\n`,
    );
    expect((await run('rate', 'late.ndjson')).stdout).toContain('1 quarantined');
    expect((await importDeck('as-before.csv', '--from', '2026-11-25')).stdout).toMatch(
      /Settling 1 record of quarantine again …\n.*1 call rated from quarantine.*\n.*1\.20 -> 1\.60 EUR/,
    );
  });
});
