import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../ledger/index.ts';
import { CommandLedger } from './command-ledger.ts';
import { record } from './small-month.ts';

const DECK = readFileSync(new URL('../../tariffs/decks/full-illimite-2026.csv', import.meta.url), 'utf8');
const OFFER = readFileSync(new URL('../../rules/offers/full-illimite.json', import.meta.url), 'utf8');
const ASTERISK = ['--format', 'asterisk-csv', '--switch', 'pbx', '--zone', 'Europe/Paris'];

let rated: CommandLedger;
let ledger: CommandLedger;

/** A ledger with two lines, three calls to Barbados and one within France. */
beforeAll(async () => {
  rated = await CommandLedger.open();
  ledger = rated;
  write('accounts.csv', 'account,name\nA1,Dupont\n');
  write(
    'lines.csv',
    `line,account,number,offer,usage_class,mobility,equipment,from,to\n${lineRow('L1')}${lineRow('L2')}`,
  );
  write('calls.ndjson', [1, 2, 3].map((no) => `${barbados(no)}\n`).join('') + `${paris(4)}\n`);
  const imported = await run('lines', 'import', '.');
  const taken = await run('rate', 'calls.ndjson');
  if (imported.exitCode + taken.exitCode !== 0) throw new Error(imported.stderr + taken.stderr);
});
afterAll(() => rated.close());
beforeEach(async () => {
  ledger = await rated.copy();
});
afterEach(() => ledger.close());

function run(...args: string[]) {
  return ledger.run(...args);
}

function barbados(no: number): string {
  return record({ call: `b${no}`, line: 'L1', to: '+12465550100', minute: no, durationMs: 60_000 });
}

function paris(no: number): string {
  return record({ call: `p${no}`, line: 'L2', to: '+33145000000', minute: no, durationMs: 60_000 });
}

function write(name: string, text: string): void {
  writeFileSync(join(ledger.folder, name), text);
}

function lineRow(id: string): string {
  return `${id},A1,+3314000000${id.slice(1)},full-illimite,business,off,managed,2026-01-01,\n`;
}

function asteriskRow(id: string, trunk: string): string {
  return `"","L1","0145000000","from-internal","""L1"" <L1>","PJSIP/L1-00000001","PJSIP/${trunk}-00000002","Dial","","2026-11-03 10:00:00","2026-11-03 10:00:02","2026-11-03 10:01:02",62,60,"ANSWERED","DOCUMENTATION","${id}",""\n`;
}

function deckWith(price: string): string {
  return DECK.replace(/^#name.*$/m, '#name,retail').replace(/^Barbade,[^,]*/m, `Barbade,${price}`);
}

/** Decks and offers have no dates here: they reach back over what is rated. */
const RETROACTIVE = ['--retroactive', '--note', 'a test', '--by', 'Ada'];

describe('fairtally decks import', () => {
  test('says what it came to, and puts an earlier deck in use again', async () => {
    write('cheap.csv', deckWith('0.10'));
    write('dear.csv', deckWith('0.80'));
    expect((await run('decks', 'import', 'cheap.csv', ...RETROACTIVE)).stdout).toMatch(
      /3 calls rated anew \(3 charged.*\n.* -> 0\.30 EUR/,
    );
    expect((await run('decks', 'import', 'dear.csv', ...RETROACTIVE)).stdout).toContain(
      'Metered total 0.30 -> 2.40 EUR',
    );
    expect((await run('decks', 'import', 'dear.csv')).stdout).toContain('in use already: nothing changed');
    const back = await run('decks', 'import', 'cheap.csv', ...RETROACTIVE);
    expect(back.stdout).toMatch(/retail@\w+: .* is in use again/);
    expect(back.stdout).toContain('Metered total 2.40 -> 0.30 EUR');
    expect((await run('explain', 'b1')).stdout).toContain('0.100000 EUR');
    const list = (await run('decks', 'list')).stdout;
    expect(list).toMatch(/^ *2 .*in use *$/m);
    expect(list).toMatch(/Changed what was rated already:\n(.*3 rated calls, by Ada: 'a test'\n){3}/);
  });

  test('names destinations that the numbering plan does not have, by line', async () => {
    write('wrong.csv', 'destination,price_per_minute\nBarbade,0.40\nBarbadee,0.40\n');
    const { exitCode, stderr } = await run('decks', 'import', 'wrong.csv');
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining(`wrong.csv: line 3, destination: Cannot price destination 'Barbadee'`),
    ]);
  });

  test('refuses a deck without a price for calls of the ledger, unless told otherwise', async () => {
    write(
      'thin.csv',
      'destination,price_per_minute,effective_from\nFrance Fixe,0.02,2026-01-01\nBarbade,0.40,2026-12-01\n',
    );
    const refused = await run('decks', 'import', 'thin.csv');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`no price for 3 calls of the ledger: 'Barbade' 3; '--allow-unpriced'`);
    expect((await run('decks', 'list')).stdout).not.toContain('thin');
    const allowed = await run('decks', 'import', 'thin.csv', '--allow-unpriced', ...RETROACTIVE);
    expect([allowed.exitCode, allowed.stdout]).toEqual([0, expect.stringContaining('3 calls billed no more')]);
    expect(allowed.stdout).toContain('Waiting in quarantine: 0 records -> 3');
    write('whole.csv', deckWith('0.40'));
    const mended = await run('decks', 'import', 'whole.csv');
    expect(mended.stdout).toContain('Metered total 0.00 -> 1.20 EUR');
    expect(mended.stdout).toContain('Waiting in quarantine: 3 records -> 0');
  });
});

describe('a deck or an offer that reaches back over calls that are rated', () => {
  test('is refused, with how many calls and from when; the flag needs a note', async () => {
    write('dear.csv', deckWith('0.80'));
    const refused = await run('decks', 'import', 'dear.csv');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/it prices 3 calls otherwise that are rated already, from 2026-11-02 .*1\.20 EUR/);
    expect(refused.stderr).toContain(`'--retroactive --note TEXT'`);
    expect((await run('decks', 'list')).stdout).not.toContain('retail');
    expect((await run('report', '2026-11', '--json')).stdout).toContain('"charge": "1.200000"');
    const noNote = await run('decks', 'import', 'dear.csv', '--retroactive');
    expect([noNote.exitCode, noNote.stderr]).toEqual([2, expect.stringContaining(`'--note TEXT'`)]);

    write('narrow.json', OFFER.replace('"Espagne Fixe",', ''));
    const offer = await run('offers', 'import', 'narrow.json');
    expect([offer.exitCode, offer.stderr]).toEqual([
      1,
      expect.stringMatching(/\d+ calls are rated under 'full-illimite'/),
    ]);
    expect((await run('offers', 'list')).stdout.match(/full-illimite@/g)).toHaveLength(1);
  });

  test('is free when it changes what is still to come alone, or nothing, and is not kept as retroactive then', async () => {
    const dated = DECK.replace(/^#name.*$/m, '#name,retail');
    write('same.csv', dated);
    expect((await run('decks', 'import', 'same.csv')).exitCode).toBe(0);
    write('plain.json', OFFER.replace(/"name": "[^"]*"/, '"name": "Another name"'));
    expect((await run('offers', 'import', 'plain.json')).exitCode).toBe(0);
    expect((await run('decks', 'list')).stdout).not.toContain('Changed what was rated');
    expect((await run('offers', 'list')).stdout).not.toContain('Changed what was rated');
  });

  test('is refused too when it changes a price of the past that no call met yet', async () => {
    write('other.csv', DECK.replace(/^#name.*$/m, '#name,retail').replace(/^Andorre,[^,]*/m, 'Andorre,9.99'));
    const refused = await run('decks', 'import', 'other.csv');
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining(`the price of 'Andorre'`)]);
  });
});

async function charged(): Promise<string> {
  return /"charge": "([\d.]+)"/.exec((await run('report', '2026-11', '--json')).stdout)?.[1] ?? '';
}
async function notes(): Promise<number> {
  const lists = [await run('decks', 'list'), await run('offers', 'list')];
  return lists.flatMap(({ stdout }) => stdout.match(/by Ada: 'a test'/g) ?? []).length;
}

/** What can't happen without a word: charges of rated calls stay, and so does the note that says otherwise. */
describe('what was charged for rated calls', () => {
  const RAISED = deckWith('0.80');
  const LATER = `${DECK.match(/^#.*$/gm)!.join('\n')}\n${DECK.match(/^destination.*$/m)![0]},effective_from\n`;
  const FREE = { exitCode: 0, stderr: '' };

  /** Each row of the deck with a day from which it holds. */
  const dated = (day: string): string =>
    LATER +
    DECK.split('\n')
      .filter((row) => row !== '' && !/^(#|destination,)/.test(row))
      .map((row) => `${row},${day}\n`)
      .join('');

  test('is not taken away by the same deck from a later day on, whether unpriced calls are allowed or not', async () => {
    write('gone.csv', dated('2027-01-01'));
    for (const options of [[], ['--allow-unpriced'], RETROACTIVE]) {
      const refused = await run('decks', 'import', 'gone.csv', ...options);
      expect([options, refused.exitCode, await charged()]).toEqual([options, 1, '1.200000']);
    }
    const both = await run('decks', 'import', 'gone.csv', '--allow-unpriced', ...RETROACTIVE);
    expect([both.exitCode, await charged(), await notes()]).toEqual([0, '0.000000', 1]);
    // The calls wait: what was charged for them once is still what they may be charged.
    write('dear.csv', RAISED);
    const raised = await run('decks', 'import', 'dear.csv');
    expect([raised.exitCode, raised.stderr]).toEqual([
      1,
      expect.stringMatching(/3 calls otherwise that were rated once and wait in quarantine now, .* 1\.20 EUR/),
    ]);
    write('lower.csv', deckWith('0.10'));
    expect((await run('decks', 'import', 'lower.csv')).exitCode).toBe(1);
    write('as-before.csv', DECK.replace(/^#name.*$/m, '#name,again'));
    expect(await run('decks', 'import', 'as-before.csv')).toMatchObject(FREE);
    expect([await charged(), await notes()]).toEqual(['1.200000', 1]);
  });

  test('is not raised while the line of the calls is away', async () => {
    const header = 'line,account,number,offer,usage_class,mobility,equipment,from,to\n';
    write('accounts.csv', 'account,name\nA1,Dupont\n');
    write('lines.csv', header + lineRow('L1').replace(',\n', ',2026-02-01\n'));
    const ended = await run('lines', 'import', '.', '--by', 'Ada', '--note', 'moved out in January');
    expect(ended.stdout).toContain('3 calls billed no more');
    expect(ended.stdout).toMatch(/Reaches back over 3 rated calls, from 2026-11-02 .*: kept as done by Ada\n/);
    write('dear.csv', RAISED);
    expect(await run('decks', 'import', 'dear.csv')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('3 calls otherwise that were rated once'),
    });
    write('lines.csv', header + lineRow('L1'));
    expect(await run('lines', 'import', '.')).toMatchObject(FREE);
    expect(await charged()).toBe('1.200000');
  });

  test.each([
    ['another currency', DECK.replace('#currency,EUR', '#currency,USD'), 4],
    ['other increments', DECK.replace(/^(Barbade,.*),60,60$/m, '$1,120,60'), 3],
    ['a prefix of the number called', withPrefix(DECK, '1246555', '0.80'), 3],
  ])('is not changed by a deck with %s', async (_, deck, calls) => {
    write('other.csv', deck.replace(/^#name.*$/m, '#name,other'));
    const refused = await run('decks', 'import', 'other.csv');
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining(`${calls} calls otherwise`)]);
  });

  test('is not yet changed where a process was ended before it judged again: that is said, and the same import does it', async () => {
    write('dear.csv', RAISED);
    expect((await run('decks', 'import', 'dear.csv', ...RETROACTIVE)).exitCode).toBe(0);
    const dear = await charged();
    const db = await openDatabase({ url: ledger.url });
    await db.exec('insert into stale_line (bucket, line) select bucket, no from line');
    await db.close();
    expect((await run('report')).stderr).toContain('2 lines wait to be judged again');
    const again = await run('decks', 'import', 'dear.csv', ...RETROACTIVE);
    expect(again.stdout).toMatch(/is in use already: nothing changed\nPricing the calls of 2 lines again/);
    expect([(await run('report')).stderr, await charged()]).toEqual(['', dear]);
  });

  test('is guarded for late calls, too: a price of the past that no call met is neither removed nor overtaken', async () => {
    write('removed.csv', DECK.replace(/^Andorre,.*\n/m, '').replace(/^#name.*$/m, '#name,removed'));
    expect(await run('decks', 'import', 'removed.csv')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`it takes away the price of 'Andorre'`),
    });
    write('prefix.csv', withPrefix(DECK, '376', '9.99').replace(/^#name.*$/m, '#name,prefix'));
    expect(await run('decks', 'import', 'prefix.csv')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`it changes the price of '+376'`),
    });
    // Whatever the row calls its numbers; and whatever destination some of them have.
    for (const [prefix, label] of [
      ['3247', 'Belgium Mobile'],
      ['1', ''],
    ] as const) {
      write('below.csv', withPrefix(DECK, prefix, '0.40', label).replace(/^#name.*$/m, '#name,below'));
      expect(await run('decks', 'import', 'below.csv')).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(`it changes the price of '+${prefix}'`),
      });
    }
    write('alike.csv', withPrefix(DECK, '1246', '0.40').replace(/^#name.*$/m, '#name,alike'));
    expect(await run('decks', 'import', 'alike.csv')).toMatchObject(FREE);
  });

  test('is not changed by an offer that the calls came under by facts entered late', async () => {
    const other = OFFER.replace('"id": "full-illimite"', '"id": "other"');
    write('other.json', other);
    expect((await run('offers', 'import', 'other.json')).exitCode).toBe(0);
    write('accounts.csv', 'account,name\nA1,Dupont\n');
    const header = 'line,account,number,offer,usage_class,mobility,equipment,from,to\n';
    write('lines.csv', header + lineRow('L1').replace('full-illimite', 'other'));
    expect((await run('lines', 'import', '.')).exitCode).toBe(0);
    write('wide.json', other.replace('"Espagne Fixe"', '"Espagne Fixe", "Barbade"'));
    expect(await run('offers', 'import', 'wide.json')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`3 calls are rated under 'other'`),
    });
    expect(await charged()).toBe('1.200000');
  });
});

/** The deck with a row for a prefix, in whatever columns it has; `label`: what the row calls it. */
function withPrefix(deck: string, prefix: string, price: string, label = ''): string {
  const rows = deck.trimEnd().split('\n');
  const at = rows.findIndex((row) => row.startsWith('destination,'));
  const given: Readonly<Record<string, string>> = { price_per_minute: price, destination: label };
  const blank = rows[at]!.split(',').map((column) => given[column] ?? '');
  return rows
    .map((row, index) => (index < at || row.startsWith('#') ? row : `${row},${index === at ? 'prefix' : ''}`))
    .concat(`${blank.join(',')},${prefix}`, '')
    .join('\n');
}

describe('fairtally offers import', () => {
  test('says what it came to, and puts an earlier offer in use again', async () => {
    write('barbados.json', OFFER.replace('"Espagne Fixe"', '"Espagne Fixe", "Barbade"'));
    write('before.json', OFFER);
    const wide = await run('offers', 'import', 'barbados.json', ...RETROACTIVE);
    expect(wide.stdout).toMatch(/\(3 charged otherwise, 3 of another coverage\)\nMetered total 1\.20 -> 0\.00 EUR/);
    const back = await run('offers', 'import', 'before.json', ...RETROACTIVE);
    expect(back.stdout).toContain('is in use again');
    expect(back.stdout).toContain('Metered total 0.00 -> 1.20 EUR');
  });
});

describe('fairtally rate', () => {
  test('a line that was cut when it was read waits no longer once it was read whole', async () => {
    const whole = paris(20);
    write('grows.ndjson', `${paris(19)}\n${whole.slice(0, 40)}`);
    expect((await run('rate', 'grows.ndjson')).stdout).toContain('1 quarantined');
    appendFileSync(join(ledger.folder, 'grows.ndjson'), whole.slice(40, 60));
    expect((await run('rate', 'grows.ndjson')).stdout).toContain('1 not-json');
    appendFileSync(join(ledger.folder, 'grows.ndjson'), `${whole.slice(60)}\n`);
    const last = await run('rate', 'grows.ndjson');
    expect(last.stdout).toContain('1 rated');
    expect(last.stdout).toContain('Nothing waits in quarantine');
    expect((await run('quarantine')).stdout).toContain('2 superseded (not-json)');
  });

  test('--again reads a file that was read with wrong options, and knows what is in the ledger', async () => {
    write('Master.csv', asteriskRow('1762160400.1', 'orange') + asteriskRow('1762160401.2', 'sfr'));
    const wrong = await run('rate', 'Master.csv', ...ASTERISK, '--trunk', 'PJSIP/orange');
    expect(wrong.stdout).toContain('Read 2 records: 1 rated, 0 duplicates, 1 not a call');
    const right = [...ASTERISK, '--trunk', 'PJSIP/orange', '--trunk', 'PJSIP/sfr'];
    expect((await run('rate', 'Master.csv', ...right)).stderr).toContain(`'--again' reads it from its start`);
    expect((await run('rate', 'Master.csv', ...right, '--again')).stdout).toContain('1 rated, 1 duplicate');
    expect((await run('rate', 'Master.csv', ...right, '--again')).stdout).toContain('2 duplicates');
    expect((await run('report', '2026-11', '--json')).stdout).toContain('Master.csv#again-2');
  });

  test('--again takes back from quarantine what an earlier reading could not read', async () => {
    write(
      'calls.csv',
      'v,switch,call,line,to,answered,durationMs\n1,sbc,c1,L1,+33145000000,2026-11-03T10:15:00Z,61000\n',
    );
    expect((await run('rate', 'calls.csv', '--format', 'canonical-ndjson')).stdout).toContain('2 not-json');
    const again = await run('rate', 'calls.csv', '--again');
    expect(again.stdout).toContain('1 rated');
    expect((await run('quarantine')).stdout).not.toContain('2 waiting');
  });

  test('says the month with most calls, not the last', async () => {
    const stray = paris(30).replace('2026-11', '2031-05');
    write('stray.ndjson', `${paris(31)}\n${paris(32)}\n${stray}\n`);
    expect((await run('rate', 'stray.ndjson')).stdout).toContain('report 2026-11');
  });
});

describe('a refused import', () => {
  test('makes no ledger', async () => {
    write('deck.csv', 'destination,price_per_minute\nNowhere,1\n');
    write('offer.json', OFFER.replace('Europe/Paris', 'America/Lima'));
    write('accounts.csv', 'account,name\nA1,Dupont\n');
    write(
      'lines.csv',
      'line,account,number,offer,usage_class,mobility,equipment,from,to\nL1,A1,,none,business,off,managed,2026-01-01,\n',
    );
    for (const args of [
      ['decks', 'import', 'deck.csv'],
      ['offers', 'import', 'offer.json'],
      ['lines', 'import', '.'],
    ]) {
      const { exitCode } = await run(...args, '--data', 'none');
      expect([args, exitCode, existsSync(join(ledger.folder, 'none'))]).toEqual([args, 1, false]);
    }
  });

  test.each(['absent.csv', '.'])('price --deck %s is told in one line', async (deck) => {
    const { exitCode, stderr } = await run('price', '--deck', deck);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/^Cannot read '.*': (there is no such file|it is a folder)\n$/),
    ]);
  });
});
