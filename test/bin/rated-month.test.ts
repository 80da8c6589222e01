import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CommandLedger } from './command-ledger.ts';
import { type SmallMonth, writeSmallMonth } from './small-month.ts';

let rated: CommandLedger;
let ledger: CommandLedger;
let folder: string;
let month: SmallMonth;

beforeAll(async () => {
  rated = await CommandLedger.open();
  month = writeSmallMonth(join(rated.folder, 'month'));
  await rated.run('lines', 'import', 'month');
  const { exitCode, stderr } = await rated.run('rate', month.calls);
  if (exitCode !== 0) throw new Error(stderr);
});
afterAll(() => rated.close());
beforeEach(async () => {
  ledger = await rated.copy();
  ({ folder } = ledger);
});
afterEach(() => ledger.close());

function run(...args: string[]) {
  return ledger.run(...args);
}

describe('fairtally quarantine', () => {
  test('lists by reason, shows bytes, and rates by itself what an import repairs', async () => {
    expect((await run('quarantine')).stdout).toContain('unknown-line  no such line at that time');
    expect((await run('quarantine', '--reason', 'unknown-line')).stdout).toContain(`no line 'L999'`);
    expect((await run('quarantine', 'show', '1')).stdout).toContain('"call":"lost-1"');
    expect((await run('quarantine', 'repair')).stdout).toContain('nobody added to it');
    const rule = ['quarantine', 'repair', '--begins', '9', '--as', '', '--by', 'me', '--note', 'outside line'];
    expect((await run(...rule, '--dry-run')).stdout).toContain('It would read 0 of 1 record in quarantine');
    expect((await run(...rule)).stdout).toContain('Kept: 0 records');
    expect((await run('quarantine', 'repair')).stdout).toMatch(/'9' +any +'' +me +outside line/);
    const lines = readFileSync(join(month.folder, 'lines.csv'), 'utf8');
    writeFileSync(join(folder, 'lines.csv'), `${lines}L999,A1,,full-illimite,business,off,managed,2026-01-01,\n`);
    const imported = await run('lines', 'import', month.folder, '--lines', 'lines.csv');
    expect(imported.stdout).toContain('24 lines (1 new or changed)');
    expect((await run('quarantine')).stdout).toContain('1 rated (unknown-line)');
    expect((await run('explain', 'lost-1')).exitCode).toBe(0);
    expect((await run('quarantine', 'replay')).stdout).toMatch(/\d records? tried, 0 rated/);
  });
});

describe('fairtally lines, decks and offers', () => {
  test('lines import changes nothing when anything is wrong, and names every fault', async () => {
    writeFileSync(join(folder, 'accounts.csv'), 'account,name\nA1,New name\n');
    writeFileSync(
      join(folder, 'lines.csv'),
      'line,account,number,offer,usage_class,mobility,equipment,from,to\n' +
        'L1,A1,+33140000001,no-such-offer,business,off,managed,2026-01-01,\n' +
        'L2,A9,+33140000002,full-illimite,astronaut,off,managed,2026-01-01,\n',
    );
    const { exitCode, stderr } = await run('lines', 'import', '.');
    expect(exitCode).toBe(1);
    // The number is that of a line that the ledger has.
    for (const value of ['no-such-offer', 'A9', 'astronaut', '+33140000001']) expect(stderr).toContain(`'${value}'`);
    expect(stderr).toContain('Nothing was imported: 4 faults');
    const missing = await run('lines', 'import');
    expect([missing.exitCode, missing.stderr]).toEqual([2, expect.stringContaining(`'accounts.csv'`)]);
  });

  test('decks import prices what was rated before anew, decks diff says what changes', async () => {
    writeFileSync(join(folder, 'dear.csv'), deckOf('0.80'));
    const imported = await run('decks', 'import', 'dear.csv', '--retroactive', '--note', 'a test');
    expect([imported.exitCode, imported.stdout]).toEqual([0, expect.stringContaining('Imported deck dear@')]);
    expect((await run('explain', 'L001-9')).stdout).toContain('0.800000 EUR');
    expect((await run('decks', 'list')).stdout).toMatch(/full-illimite-2026.*\n.*dear.*in use/);
    writeFileSync(join(folder, 'dearer.csv'), deckOf('0.90'));
    expect((await run('decks', 'diff', 'dear', 'dearer.csv')).stdout).toContain('price per minute 0.8 -> 0.9');
    writeFileSync(join(folder, 'wrong.csv'), 'destination,price_per_minute\nBarbade,0,40\nBarbade,much\n');
    const wrong = await run('decks', 'import', 'wrong.csv');
    expect([wrong.exitCode, wrong.stderr]).toEqual([1, expect.stringMatching(/line 2.*\n.*line 3.*'much'/)]);
  });

  test('offers import names every fault by path and value, and judges lines again by what it imports', async () => {
    const offer = readFileSync(new URL('../../rules/offers/full-illimite.json', import.meta.url), 'utf8');
    writeFileSync(join(folder, 'wide.json'), offer.replace('"maxNumbers": 150', '"maxNumbers": 151'));
    const imported = await run('offers', 'import', 'wide.json', '--retroactive', '--note', 'a test');
    expect([imported.exitCode, imported.stderr]).toEqual([0, '']);
    expect((await run('report')).stdout).not.toContain('distinct-numbers');
    writeFileSync(
      join(folder, 'wrong.json'),
      offer
        .replace('"maxNumbers": 150', '"maxNumbers": "many"')
        .replace('"Espagne Fixe"', '"Espagne Fixee"')
        .replace('"name"', '"nom"'),
    );
    const wrong = await run('offers', 'import', 'wrong.json');
    expect(wrong.exitCode).toBe(1);
    expect(wrong.stderr).toContain(`'conditions[2].settings.maxNumbers' must be a number (found "many")`);
    expect(wrong.stderr).toContain(`'nom' is not known`);
    writeFileSync(join(folder, 'unknown.json'), offer.replace('"Espagne Fixe"', '"Espagne Fixee"'));
    expect((await run('offers', 'import', 'unknown.json')).stderr).toContain('"Espagne Fixee"');
    expect((await run('offers', 'lint', join(folder, 'wide.json'))).exitCode).toBe(0);
  });
});

function deckOf(barbados: string): string {
  const deck = readFileSync(new URL('../../tariffs/decks/full-illimite-2026.csv', import.meta.url), 'utf8');
  const text = deck
    .split('\n')
    .filter((line) => !line.startsWith('#name'))
    .join('\n');
  return text.replace(/^Barbade,[^,]*/m, `Barbade,${barbados}`);
}
