import { asteriskRow } from '../support/asterisk-rows.ts';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatIds } from '../../formats/index.ts';
import { FIXTURES } from '../formats/read-fixture.ts';
import { runCommand } from './run-command.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-try-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => runCommand(folder, ['formats', ...args]);
const at = (name: string): string => join(FIXTURES, name);
const ACC = ['--switch', 'k', '--extra-column', 'src_user,dst_user'];

function recordTo(no: number, to: string): string {
  const call = { v: 1, switch: 's', call: `c${no}`, line: 'L', to, answered: '2026-10-01T10:00:00Z' };
  return JSON.stringify({ ...call, durationMs: 61_001 });
}

describe('fairtally formats list', () => {
  test('lists every format, and what it needs', async () => {
    const { exitCode, stdout } = await run('list');
    expect(exitCode).toBe(0);
    for (const id of formatIds) expect(stdout).toContain(`\n  ${id} `);
    expect(stdout).toMatch(/cucm-csv +Cisco CUCM: CDR flat files +--trunk\n/);
  });
});

describe('fairtally formats try', () => {
  test('says of each record what it is, who pays and why, and makes no ledger', async () => {
    const { exitCode, stdout, stderr } = await run('try', at('3cx.csv'));
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 7)).toEqual([
      'Read as 3cx-csv',
      "1. call: 2026-11-03T10:15:04.000Z, 1 min 1 s, to +33612345678 ('+33612345678'), France Mobile",
      '   201 pays: the switch names it',
      "2. call: 2026-11-03T10:15:04.000Z, 1 min 1 s, to +33612345678 ('+33612345678'), France Mobile",
      '   300 pays: diverted the call',
      "3. call: 2026-11-03T10:15:04.000Z, 1 min 1 s, to +33612345678 ('+33612345678'), France Mobile",
      '   300 pays: diverted the call; where it is no line here, 201',
    ]);
    expect(lines).toContain('4. no call: unanswered');
    expect(lines).toContain('7. waits, no-line: Cannot tell whose call it is: the record names no line');
    expect(lines).toContain('8 records: 3 calls of 2 payers, 3 no call, 2 to wait in quarantine');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is given as data, too, and of stdin', async () => {
    const kept = await run('try', at('jambonz.ndjson'), '--json', '--limit', '1');
    const data: unknown = JSON.parse(kept.stdout);
    expect(data).toMatchObject({
      format: 'jambonz-json',
      counts: { received: 7, calls: 1, notACall: 3, waiting: 3 },
      records: [{ no: 1, byte: 0, outcome: 'call', payer: 'L000201', durationMs: 61_500 }],
    });
    const piped = await runCommand(folder, ['formats', 'try', '-'], { stdin: '{"call_sid":"c"}' });
    expect(piped.stderr).toContain("Cannot read 'stdin': its format is none that is known");
  });

  test('warns of a digit that the switch writes before each number, though the plan reads some with it', async () => {
    const numbers = ['00612345678', '00612345679', '00145678901', '00376312345', '00376312346'];
    const stdin = numbers.map((to, no) => `${recordTo(no, to)}\n`).join('');
    const { stderr } = await runCommand(folder, ['formats', 'try', '-', '--format', 'canonical-ndjson'], { stdin });
    expect(stderr).toContain(
      "Warning: 3 calls are to no number unless their first '0' is left out, and 2 more are numbers either way: " +
        "'00376312345' is read as +376312345, Andorre, and without its first digit as +33376312345, France Fixe",
    );
    const without = stdin.replaceAll('"to":"0', '"to":"');
    const other = await runCommand(folder, ['formats', 'try', '-', '--format', 'canonical-ndjson'], { stdin: without });
    expect(other.stderr).not.toContain('left out');
  });

  test('warns of trunks that fit nothing, no calls, times in the future, whole seconds, and what waits', async () => {
    const trunk = await run('try', at('cucm.csv'), '--trunk', 'nosuch');
    expect(trunk.stderr).toContain("Warning: --trunk 'nosuch' fits no record");
    const calls = Array.from({ length: 25 }, (_, no) => {
      const times = { answered_at: 2_000_000_000_000, terminated_at: 2_000_000_060_000, attempted_at: 1 };
      return JSON.stringify({
        call_sid: `c${no}`,
        direction: 'inbound',
        trunk: 'device',
        from: 'L1',
        to: '1',
        duration: 60,
        ...times,
      });
    });
    writeFileSync(join(folder, 'future'), calls.join('\n'));
    const future = await run('try', 'future', '--limit', '2');
    expect(future.stdout).toContain('… and 23 more records (--limit)');
    expect(future.stderr).toContain('Warning: 25 calls would start more than a day from now');
    expect(future.stderr).toContain('Warning: every call has whole seconds');
    expect(future.stderr).toContain('Warning: 25 of 25 calls go to no number of the numbering plan');
    const rows = await run('try', at('kamailio-acc.psv'), ...ACC);
    // Its INVITE and BYE are read together.
    expect([rows.exitCode, rows.stderr]).toEqual([0, '']);
    const none = Array.from({ length: 3 }, (_, no) => `INVITE|a|b|c${no}|200|OK|1793697304`);
    writeFileSync(join(folder, 'halves'), none.join('\n'));
    const halves = await run('try', 'halves', ...ACC);
    expect(halves.stderr).toContain('Warning: 3 of 3 records would wait in quarantine (3 half-a-call)');
  });

  test('warns of rows of Asterisk that may go on with an outgoing call, where nothing tells', async () => {
    const asked = ['--format', 'asterisk-csv', '--switch', 'pbx', '--zone', 'UTC', '--trunk', 'PJSIP/op'];
    const row = { from: 'PJSIP/op-00000002', to: 'Local/300@in-00000009;1', isLinked: false, uniqueid: '1793700000.2' };
    const write = (minute: number): void => writeFileSync(join(folder, 'rows'), asteriskRow({ ...row, minute }));
    write(30);
    expect((await run('try', 'rows', ...asked)).stderr).toContain('Warning: 1 record would count as no call, though');
    write(0);
    expect((await run('try', 'rows', ...asked)).stderr).not.toContain('would count as no call');
  });

  test.each([
    [['try', 'absent'], "Cannot open '"],
    [['try', at('other-mapping.json')], 'it looks like JSON with the keys'],
    [
      ['try', at('kamailio-acc.psv'), '--switch', 'k'],
      'it is kamailio-acc, and its rows need the name of their switch',
    ],
    [['try', at('yeastar.csv')], 'it is yeastar-csv, and its records need the name of their switch and its time zone'],
    [['try', at('other.csv'), '--mapping', at('other.csv')], 'it is not a JSON object'],
    [['try', at('other.csv'), '--mapping', 'absent'], 'Cannot read mapping'],
    [['try', at('3cx.csv'), '--limit', 'x'], "Cannot use --limit 'x'"],
    [['try', at('3cx.csv'), '--dial-prefix', '9'], "Cannot use --dial-prefix '9'"],
    [['try', at('3cx.csv'), '--longest-call', '8d'], "Cannot use --longest-call '8d'"],
    [['try', at('3cx.csv'), '--clock-offset', '2'], "Cannot use --clock-offset '2'"],
    [['try', at('3cx.csv'), '--extension', 'abc'], "Cannot use --extension 'abc'"],
    [['try', at('3cx.csv'), '--format', '3cx-csv', '--duration-from', 'answer'], 'Cannot use --duration-from with'],
  ])('refuses %j', async (args, expected) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect([exitCode === 0, stdout]).toEqual([false, '']);
    expect(stderr).toContain(expected);
  });
});
